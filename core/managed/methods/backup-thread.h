/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The thread of a backup. It has begun the backup, since what copies may live no longer than the
 * thread that started it, follows it, and ends it; the domain's job is held at the beginning and at
 * the end only.
 */

#pragma once

#include "managed/backends/block-backup.h"
#include "managed/backup-job.h"

/* Follows a backup that this thread has begun or taken up, and ends it, unless it goes on without.
 */
void vckc_backup_thread_run (VckcBackupJob *job, VckcBlockBackup *backup /* (transfer full) */);

/* Cancels what is still copied, waits for its end, within limits, and has QEMU drop it. */
bool vckc_backup_stop (VckcBlockBackup *backup, guint n_disks, VckcError **err);
