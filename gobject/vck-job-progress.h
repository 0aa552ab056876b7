/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What is known of one backup job, and what waits for its end.
 *
 * It is apart from the object of the job, so that events are written here in the thread of the
 * change without a reference to the object, as VckProperties are. Thread-safe.
 */

#pragma once

#include <gio/gio.h>

#include "vckc.h"

typedef struct _VckJobProgress VckJobProgress;

VckJobProgress *vck_job_progress_new (VckcJobInfo *info);
VckJobProgress *vck_job_progress_ref (VckJobProgress *self);
void vck_job_progress_unref (VckJobProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckJobProgress, vck_job_progress_unref)

/* Takes in what the job is now. Returns whether that is new: what is older than what is known, or
 * comes after the end, changes nothing. So the end is new once. */
gboolean vck_job_progress_take (VckJobProgress *self, VckcJobInfo *info);

/* The job was neither under way nor the last one of the domain of that name. Its end may still be
 * on its way, so only the second time it is given up. */
void vck_job_progress_miss (VckJobProgress *self, const char *domain);

/* The end will not be known: ends waiting, with `reason`. Does nothing after the end. */
void vck_job_progress_give_up (VckJobProgress *self, GError *reason /* (transfer full) */);

/* As last seen; returns a reference. */
VckcJobInfo *vck_job_progress_ref_info (VckJobProgress *self);
/* The same of one disk; NULL if there is none of that name. */
VckcJobDisk *vck_job_progress_ref_disk (VckJobProgress *self, const char *name);
/* Bytes per second; -1 if not known. */
gint64 vck_job_progress_get_rate (VckJobProgress *self);
/* Milliseconds until now while it is under way, else as last reported; -1 if not known. */
gint64 vck_job_progress_get_time_elapsed (VckJobProgress *self);

/* Is there nothing to wait for: has it ended, or was it given up? In the latter case `reason`
 * is set. */
gboolean vck_job_progress_is_settled (VckJobProgress *self, GError **reason);

/* Waits until it is settled, or that much time (in microseconds) has gone, or it is cancelled. */
void vck_job_progress_wait (VckJobProgress *self, gint64 time, GCancellable *cancellable);

/* Makes the source ready once it is settled. A reference is taken. */
void vck_job_progress_add_source (VckJobProgress *self, GSource *source);
