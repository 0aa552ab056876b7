/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Beginning a backup. */

#pragma once

#include "managed/backup-job.h"
#include "managed/methods/backup-plan.h"

/* With the job held, in the thread that will follow the backup: makes or opens its files, fixes the
 * point in time, and makes its checkpoint. All of it or nothing. */
bool vckc_backup_begin (VckcEngine *engine,
                        VckcManagedDomain *domain,
                        VckcBackupRequest *request,
                        VckcBackupJob **ret_job,
                        VckcBlockBackup **ret_backup,
                        VckcError **err);
