/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The thread of a backup. It begins the backup, since what copies may live no longer than the
 * thread that started it, follows it, and ends it; the domain's job is held at the beginning and at
 * the end only.
 */

#pragma once

#include "managed/backup-job.h"
#include "managed/methods/backup-plan.h"

/* Takes the job and begins a backup, or takes up one: *ret_job is NULL if there is nothing to
 * follow. */
typedef bool (*VckcBackupBeginFunc) (VckcEngine *engine,
                                     VckcManagedDomain *domain,
                                     VckcBackupRequest *request /* (nullable) */,
                                     VckcBackupJob **ret_job,
                                     VckcBlockBackup **ret_backup,
                                     VckcError **err);

/* Starts the thread, and returns when `begin` has. A cancellation of this call reaches it. */
bool vckc_backup_run (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      VckcBackupRequest *request,
                      VckcBackupBeginFunc begin,
                      VckcError **err);

/* Cancels what is still copied, waits for its end, within limits, and has QEMU drop it. */
void vckc_backup_stop (VckcBlockBackup *backup, guint n_disks);
