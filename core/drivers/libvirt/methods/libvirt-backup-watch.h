/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Follows a backup to its end in a thread of its own, which lives as long as the backup runs and
 * the connection is open: reports its progress, deletes the checkpoint of one that did not end
 * well, and sets its result.
 */

#pragma once

#include "drivers/libvirt/cache/libvirt-backups.h"
#include "drivers/libvirt/probe/libvirt-job-end.h"

/* With the domain lock. If no thread can be started, the backup is ended. */
bool vckc_libvirt_backup_watch (VckcDomain *domain,
                                VckcLibvirtBackup *backup,
                                VckcLibvirtJobEnd *end /* (transfer full) (nullable) */,
                                VckcError **err);

/* Deletes the checkpoint of a backup that there is not, if it has one: with its bitmaps, unless the
 * domain is off. With the domain lock. */
bool vckc_libvirt_backup_delete_checkpoint (VckcDomain *domain,
                                            const VckcLibvirtBackup *backup,
                                            VckcError **err);
