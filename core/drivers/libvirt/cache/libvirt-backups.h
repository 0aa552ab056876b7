/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The backups that this connection has begun or taken up: what libvirt does not keep of them. One
 * per domain, the last one, which stays until its result has been returned.
 */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"
#include "handles/job-info.h"

typedef struct
{
  gint ref_count; /* atomic; all else is immutable but the result */
  char *id;
  VckcBackupMode mode;
  GPtrArray *disks;     /* of VckcJobDisk */
  char *checkpoint;     /* (nullable): made with it and proven to be */
  gint64 creation_time; /* of the checkpoint */
  gint64 earlier;       /* by which it began before libvirt counts its time; milliseconds */
  VckcJobInfo *result;  /* owned; NULL while it runs; under the connection's mutex */
} VckcLibvirtBackup;

VckcLibvirtBackup *vckc_libvirt_backup_new (void);
VckcLibvirtBackup *vckc_libvirt_backup_ref (VckcLibvirtBackup *backup);
void vckc_libvirt_backup_unref (VckcLibvirtBackup *backup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcLibvirtBackup, vckc_libvirt_backup_unref)

/* Remembers a backup of the domain instead of the one before. */
void vckc_libvirt_backups_add (VckcDomain *domain, VckcLibvirtBackup *backup);

/* The one of the domain, with a reference; NULL if there is none. *ret_result (nullable): its
 * result, with a reference. */
VckcLibvirtBackup *vckc_libvirt_backups_find (VckcDomain *domain, VckcJobInfo **ret_result);

/* Sets the result of a backup, if it is still the one of its domain. */
bool vckc_libvirt_backups_set_result (VckcDomain *domain,
                                      VckcLibvirtBackup *backup,
                                      VckcJobInfo *result);

/* Forgets the backup, if it is still the one of its domain. */
void vckc_libvirt_backups_remove (VckcDomain *domain, VckcLibvirtBackup *backup);
