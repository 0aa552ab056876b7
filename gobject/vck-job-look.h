/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Asking the core what a backup job is now, once or again and again.
 *
 * Events report what happens, but not what happened before the object was made, nor what another
 * process or host did that this one has no event of.
 */

#pragma once

#include "vck-call.h"
#include "vck-private.h"

/* The job of the domain while it is under way, else its result. */
VckcJobInfo *vck_job_find_info (VckcDomain *domain, VckcError **err);

/* The job as it is now: a reference, or NULL. */
VckcJobInfo *vck_backup_job_ref_now (VckBackupJob *self);

/* Whether that is the job which the object stands for. */
gboolean vck_backup_job_is (VckBackupJob *self, VckcJobInfo *info);

/* Asks now. */
gboolean vck_backup_job_look (VckBackupJob *self, GCancellable *cancellable, GError **error);

/* Asks at an interval, once the job is followed, until it has ended. */
VckRefresher *vck_backup_job_new_refresher (VckBackupJob *self);

/* Begins to follow a job, once its object gets events: what happened just before is asked for. */
void vck_backup_job_follow (VckBackupJob *self);

/* For calls on a job: they hold its handle, and fail for an object that came from no domain. */
void vck_backup_job_hold (gpointer handle);
void vck_backup_job_drop (gpointer handle);
gboolean vck_backup_job_check_call (VckCall *call, GError **error);
