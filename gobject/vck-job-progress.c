/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-job-progress.h"

#include <vck/vck.h>

/* The rate follows what was copied in about this time, in milliseconds. */
#define RATE_TIME 3000
/* Looks that do not find the job before it is given up. */
#define MAX_MISSES 2

struct _VckJobProgress
{
  gint ref_count;     /* atomic */
  GMutex lock;        /* covers what follows; nothing is called with it held */
  GCond changed;      /* signalled when it is settled, and when a wait is cancelled */
  VckcJobInfo *info;  /* owned reference; never NULL */
  gint64 began;       /* monotonic time, by the reports so far; G_MAXINT64 if not known */
  gint64 rate;        /* bytes per second; -1 if not known */
  guint n_misses;     /* looks in a row that did not find the job */
  GError *reason;     /* owned; why it was given up; NULL if it was not */
  GPtrArray *sources; /* owned references; made ready once it is settled */
};

static gboolean
is_end (VckcJobInfo *info)
{
  return vckc_job_info_get_state (info, NULL) >= VCKC_JOB_STATE_DONE;
}

/* Over all of the time; -1 if that or the number of bytes is not known. */
static gint64
job_info_get_mean_rate (VckcJobInfo *info)
{
  const gint64 bytes = vckc_job_info_get_bytes_done (info, NULL);
  const gint64 time = vckc_job_info_get_time_elapsed (info, NULL);

  return bytes < 0 || time <= 0 ? -1 : (gint64) ((double) bytes * 1000 / (double) time);
}

static gint64
job_info_get_next_rate (VckcJobInfo *info, VckcJobInfo *before, gint64 rate)
{
  const gint64 bytes =
      vckc_job_info_get_bytes_done (info, NULL) - vckc_job_info_get_bytes_done (before, NULL);
  const gint64 time =
      vckc_job_info_get_time_elapsed (info, NULL) - vckc_job_info_get_time_elapsed (before, NULL);

  if (rate < 0 || is_end (info) || vckc_job_info_get_bytes_done (info, NULL) < 0)
    return job_info_get_mean_rate (info);
  if (time <= 0)
    return rate;
  return (gint64) (((double) rate * RATE_TIME + (double) MAX (bytes, 0) * 1000)
                   / (double) (RATE_TIME + time));
}

/* A report is late, never early: the one by which the job began first is the nearest. */
static void
progress_adjust_began (VckJobProgress *self)
{
  const gint64 time = vckc_job_info_get_time_elapsed (self->info, NULL);

  if (time >= 0)
    self->began = MIN (self->began, g_get_monotonic_time () - time * 1000);
}

VckJobProgress *
vck_job_progress_new (VckcJobInfo *info)
{
  VckJobProgress *self = g_new0 (VckJobProgress, 1);

  self->ref_count = 1;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  vckc_job_info_ref (info, NULL);
  self->info = info;
  self->began = G_MAXINT64;
  progress_adjust_began (self);
  self->rate = job_info_get_mean_rate (info);
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
  return self;
}

VckJobProgress *
vck_job_progress_ref (VckJobProgress *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
vck_job_progress_unref (VckJobProgress *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  vckc_job_info_unref (self->info, NULL);
  g_clear_error (&self->reason);
  g_ptr_array_unref (self->sources);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Wakes what waits. Returns the sources, which are to be freed without the lock. */
static GPtrArray *
progress_settle_locked (VckJobProgress *self)
{
  GPtrArray *sources = self->sources;

  for (guint i = 0; i < sources->len; i++)
    g_source_set_ready_time (g_ptr_array_index (sources, i), 0);
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
  g_cond_broadcast (&self->changed);
  return sources;
}

/* One that was asked for earlier and came later? */
static gboolean
is_older (VckcJobInfo *info, VckcJobInfo *known)
{
  return !is_end (info)
         && vckc_job_info_get_time_elapsed (info, NULL)
                < vckc_job_info_get_time_elapsed (known, NULL);
}

gboolean
vck_job_progress_take (VckJobProgress *self, VckcJobInfo *info)
{
  g_autoptr (GPtrArray) sources = NULL;
  VckcJobInfo *before = info;

  vckc_job_info_ref (info, NULL);
  g_mutex_lock (&self->lock);
  if (!is_end (self->info) && !is_older (info, self->info))
    {
      self->rate = job_info_get_next_rate (info, self->info, self->rate);
      before = g_steal_pointer (&self->info);
      self->info = info;
      progress_adjust_began (self);
      self->n_misses = 0;
      if (is_end (info))
        sources = progress_settle_locked (self);
    }
  g_mutex_unlock (&self->lock);
  vckc_job_info_unref (before, NULL);
  return before != info;
}

void
vck_job_progress_miss (VckJobProgress *self, const char *domain)
{
  gboolean given_up = FALSE;

  g_mutex_lock (&self->lock);
  given_up = ++self->n_misses >= MAX_MISSES;
  g_mutex_unlock (&self->lock);
  if (given_up)
    vck_job_progress_give_up (
        self, g_error_new (VCK_ERROR, VCK_ERROR_NO_BACKUP,
                           "it is not known how the backup of '%s' ended: its result was taken by "
                           "another program, or another backup has begun since",
                           domain));
}

void
vck_job_progress_give_up (VckJobProgress *self, GError *reason)
{
  g_autoptr (GPtrArray) sources = NULL;
  g_autoptr (GError) unused = reason;

  g_mutex_lock (&self->lock);
  if (self->reason == NULL && !is_end (self->info))
    {
      self->reason = g_steal_pointer (&unused);
      sources = progress_settle_locked (self);
    }
  g_mutex_unlock (&self->lock);
}

VckcJobInfo *
vck_job_progress_ref_info (VckJobProgress *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  vckc_job_info_ref (self->info, NULL);
  return self->info;
}

VckcJobDisk *
vck_job_progress_ref_disk (VckJobProgress *self, const char *name)
{
  VckcJobInfo *info = vck_job_progress_ref_info (self);
  VckcJobDisk **disks = NULL;
  VckcJobDisk *found = NULL;
  const int n_disks = vckc_job_info_list_disks (info, &disks, NULL);

  for (int i = 0; i < n_disks; i++)
    if (found == NULL && g_strcmp0 (vckc_job_disk_get_name (disks[i], NULL), name) == 0)
      found = disks[i];
    else
      vckc_job_disk_unref (disks[i], NULL);
  g_free (disks);
  vckc_job_info_unref (info, NULL);
  return found;
}

gint64
vck_job_progress_get_rate (VckJobProgress *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->rate;
}

gint64
vck_job_progress_get_time_elapsed (VckJobProgress *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const gint64 reported = vckc_job_info_get_time_elapsed (self->info, NULL);

  if (reported < 0 || is_end (self->info) || self->reason != NULL)
    return reported;
  return (g_get_monotonic_time () - self->began) / 1000;
}

/* An end that comes after it was given up counts. */
gboolean
vck_job_progress_is_settled (VckJobProgress *self, GError **reason)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (is_end (self->info))
    return TRUE;
  if (self->reason != NULL && reason != NULL)
    *reason = g_error_copy (self->reason);
  return self->reason != NULL;
}

static void
wake_cb (GCancellable *cancellable, gpointer data)
{
  VckJobProgress *self = data;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_cond_broadcast (&self->changed);
}

void
vck_job_progress_wait (VckJobProgress *self, gint64 time, GCancellable *cancellable)
{
  const gint64 deadline = g_get_monotonic_time () + time;
  gulong id = 0;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (wake_cb), vck_job_progress_ref (self),
                                (GDestroyNotify) vck_job_progress_unref);
  g_mutex_lock (&self->lock);
  while (!is_end (self->info) && self->reason == NULL && !g_cancellable_is_cancelled (cancellable)
         && g_cond_wait_until (&self->changed, &self->lock, deadline))
    ;
  g_mutex_unlock (&self->lock);
  /* Not g_cancellable_disconnect(), which would wait for other handlers. */
  if (id != 0)
    g_signal_handler_disconnect (cancellable, id);
}

void
vck_job_progress_add_source (VckJobProgress *self, GSource *source)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (is_end (self->info) || self->reason != NULL)
    g_source_set_ready_time (source, 0);
  else
    g_ptr_array_add (self->sources, g_source_ref (source));
}
