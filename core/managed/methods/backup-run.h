/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Starting the thread of a backup. */

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
