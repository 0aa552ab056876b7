/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The state of a backup, out of what libvirt reports and what is remembered. */

#pragma once

#include "drivers/libvirt/cache/libvirt-backups.h"
#include "drivers/libvirt/probe/libvirt-job.h"

/* Reads the disks and the mode out of libvirt's description of the backup under way. NO_BACKUP if
 * there is none. */
bool
vckc_libvirt_backup_info_describe (VckcDomain *domain, VckcLibvirtBackup *backup, VckcError **err);

/* Of a job that runs, or that libvirt has ended but this library has not. */
VckcJobInfo *vckc_libvirt_backup_info_new_running (VckcDomain *domain,
                                                   const VckcLibvirtBackup *backup,
                                                   const VckcLibvirtJob *job);

/* Of a job that has ended. `backup` (nullable): NULL if another program has begun it. */
VckcJobInfo *vckc_libvirt_backup_info_new_ended (const VckcLibvirtBackup *backup,
                                                 const VckcLibvirtJob *job);

/* The method. The contract is driver.h's. */
VckcJobInfo *
vckc_libvirt_domain_get_job_info (VckcDomain *domain, unsigned int flags, VckcError **err);
