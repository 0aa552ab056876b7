/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-thread.h"

#include "base/lock.h"
#include "base/log.h"
#include "managed/job.h"
#include "managed/methods/backup-end.h"
#include "managed/refresh.h"

/* How long a wait for the backup lasts at most, in milliseconds: so soon it notices that it
 * is to be cancelled. */
#define PAUSE 100
/* Events of progress are no closer together, in microseconds. */
#define BETWEEN_EVENTS (G_USEC_PER_SEC / 4)
/* After so long in vain, in microseconds, what could not be done is tried again. */
#define BETWEEN_ATTEMPTS G_USEC_PER_SEC
#define N_ATTEMPTS 3
/* How long a backup that could not be begun is waited for, in microseconds. */
#define STOP_TIMEOUT (30 * G_USEC_PER_SEC)

/* A backup as its thread sees it. */
typedef struct
{
  VckcBackupJob *job;
  VckcBlockBackup *backup; /* owned */
  VckcBlockBackupProgress *progress;
  guint n_disks;
  bool cancel_sent;
  bool cancel_stored; /* which is needed only if it could not be sent, or may be lost */
  gint64 speed;       /* as it was last set; -1 if that is not known */
  bool changed;       /* that, since the last event */
  gint64 last_event;
} BackupThread;

static void
progress_free (VckcBlockBackupProgress *progress, guint n_disks)
{
  for (guint i = 0; i < n_disks; i++)
    vckc_block_backup_progress_clear (&progress[i]);
  g_free (progress);
}

/* Is any disk in that state? */
static bool
progress_has (const VckcBlockBackupProgress *progress, guint n_disks, VckcBlockBackupState state)
{
  for (guint i = 0; i < n_disks; i++)
    if (progress[i].state == state)
      return true;
  return false;
}

bool
vckc_backup_stop (VckcBlockBackup *backup, guint n_disks, VckcError **err)
{
  VckcBlockBackupProgress *progress = g_new0 (VckcBlockBackupProgress, n_disks);
  gint64 deadline = g_get_monotonic_time () + STOP_TIMEOUT;
  bool ok = vckc_block_backup_cancel (backup, err);

  while (ok)
    {
      ok = vckc_block_backup_wait (backup, PAUSE, progress, err);
      if (!progress_has (progress, n_disks, VCKC_BLOCK_BACKUP_COPYING)
          || g_get_monotonic_time () > deadline)
        break;
    }
  ok = ok && vckc_block_backup_forget (backup, err);
  progress_free (progress, n_disks);
  return ok;
}

/* A pull does not show how much of it was read, and ends by being cancelled. */
static bool
is_pull (const BackupThread *self)
{
  return self->job->status->mode == VCKC_BACKUP_MODE_PULL;
}

/* Is it to have no result, even if all was copied by now? */
static bool
is_cancelled_locked (const BackupThread *self)
{
  return self->job->cancelled && !is_pull (self);
}

/* Takes over how far the disks are. True if that has changed. */
static bool
backup_thread_note_locked (BackupThread *self)
{
  bool changed = false;

  for (guint i = 0; i < self->n_disks; i++)
    {
      VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (self->job->status, i);
      const VckcBlockBackupProgress *progress = &self->progress[i];

      if (progress->state == VCKC_BLOCK_BACKUP_LOST)
        continue;
      changed = changed || (progress->has_temp && disk->temp_used != (gint64) progress->temp_used);
      disk->temp_used = progress->has_temp ? (gint64) progress->temp_used : -1;
      disk->temp_total = progress->has_temp ? (gint64) progress->temp_total : -1;
      if (is_pull (self))
        continue;
      changed = changed || disk->done != (gint64) progress->done
                || disk->total != (gint64) progress->total;
      disk->done = (gint64) progress->done;
      disk->total = (gint64) progress->total;
    }
  return changed;
}

/* What is in the store; NULL unless it is of this backup, and that has not ended there. */
static const VckcBackupStatus *
backup_thread_get_stored (const BackupThread *self)
{
  const VckcBackupStatus *stored = self->job->domain->backup_status;

  return stored != NULL && g_strcmp0 (stored->id, self->job->status->id) == 0
                 && !vckc_backup_status_has_ended (stored)
             ? stored
             : NULL;
}

/* Takes over what is asked for by way of the store. */
static void
backup_thread_take_requests_locked (BackupThread *self)
{
  VckcBackupJob *job = self->job;
  const VckcBackupStatus *stored = backup_thread_get_stored (self);

  if (stored == NULL)
    return;
  job->cancelled = job->cancelled || stored->cancelled;
  job->status->speed = stored->speed;
}

/* Does what other processes ask for, and this one. */
static void
backup_thread_read_requests (BackupThread *self)
{
  VckcBackupJob *job = self->job;
  VckcEngine *engine = job->engine;
  gint64 speed;
  g_autoptr (VckcError) error = NULL;

  if (!vckc_engine_refresh_domain (engine, job->domain, VCKC_LOOK_ONLY, NULL))
    return;
  vckc_mutex_lock (&engine->mutex);
  backup_thread_take_requests_locked (self);
  speed = job->status->speed;
  vckc_mutex_unlock (&engine->mutex);
  vckc_engine_flush (engine);
  if (speed == self->speed)
    return;
  if (!vckc_block_backup_set_speed (self->backup, (guint64) speed, &error))
    {
      vckc_log_info (
          VCKC_ABOUT (.domain = job->domain->uuid, .backup = job->status->id, .error = error),
          "backup '%s' cannot be limited yet: %s", job->status->id, vckc_error_get_message (error));
      return;
    }
  self->speed = speed;
  self->changed = true;
}

/* How the thread goes on. */
typedef enum
{
  GO_ON,
  GO_CANCEL,
  GO_AWAY, /* the backup goes on without, or cannot be ended now */
} BackupOrder;

static BackupOrder
backup_thread_report (BackupThread *self, bool known)
{
  VckcEngine *engine = self->job->engine;
  gint64 now = g_get_monotonic_time ();
  BackupOrder order = GO_ON;
  bool emit;

  vckc_mutex_lock (&engine->mutex);
  self->changed = backup_thread_note_locked (self) || self->changed;
  emit = self->changed && now - self->last_event >= BETWEEN_EVENTS;
  if (emit)
    vckc_backup_job_emit_locked (self->job, VCKC_EVENT_JOB_PROGRESS);
  if (engine->closing && (self->backup->outlives || !known))
    order = GO_AWAY;
  else if (engine->closing || self->job->cancelled)
    order = GO_CANCEL;
  vckc_mutex_unlock (&engine->mutex);
  if (emit)
    {
      self->last_event = now;
      self->changed = false;
      vckc_engine_flush (engine);
    }
  return order;
}

/* With the job held. */
static bool
backup_thread_note_cancel (BackupThread *self, VckcError **err)
{
  VckcBackupJob *job = self->job;
  const VckcBackupStatus *stored = backup_thread_get_stored (self);
  g_autoptr (VckcBackupStatus) status = NULL;

  if (stored == NULL || stored->cancelled)
    return true;
  status = vckc_backup_status_copy (stored);
  status->cancelled = true;
  return vckc_backup_note_status (job->engine, job->domain, status, err);
}

/* Stores that it is to be cancelled, for the process that takes it up next. */
static void
backup_thread_store_cancel (BackupThread *self)
{
  VckcBackupJob *job = self->job;
  g_autoptr (VckcError) error = NULL;

  if (self->cancel_stored || !vckc_job_begin (job->engine, job->domain, &error))
    return;
  self->cancel_stored = backup_thread_note_cancel (self, &error);
  vckc_job_end (job->engine, job->domain);
  if (error != NULL)
    vckc_log_info (
        VCKC_ABOUT (.domain = job->domain->uuid, .backup = job->status->id, .error = error),
        "backup '%s': that it is cancelled cannot be stored: %s", job->status->id,
        vckc_error_get_message (error));
}

static void
backup_thread_cancel (BackupThread *self)
{
  g_autoptr (VckcError) error = NULL;

  if (self->cancel_sent)
    return;
  self->cancel_sent = vckc_block_backup_cancel (self->backup, &error);
  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.domain = self->job->domain->uuid, .backup = self->job->status->id,
                               .error = error),
                   "backup '%s' cannot be cancelled yet: %s", self->job->status->id,
                   vckc_error_get_message (error));
}

/* Leaves the backup to the next one that takes it up. */
static void
backup_thread_hand_over (BackupThread *self, bool known)
{
  VckcEngine *engine = self->job->engine;
  bool cancelled;

  vckc_mutex_lock (&engine->mutex);
  cancelled = self->job->cancelled;
  vckc_mutex_unlock (&engine->mutex);
  if (cancelled && known)
    backup_thread_cancel (self);
  if (cancelled)
    backup_thread_store_cancel (self);
}

/* Follows until all disks have ended; false if it goes on without us. A disk that fails ends the
 * others. */
static bool
backup_thread_follow (BackupThread *self)
{
  for (;;)
    {
      g_autoptr (VckcError) error = NULL;
      bool known = vckc_block_backup_wait (self->backup, PAUSE, self->progress, &error);
      BackupOrder order;

      backup_thread_read_requests (self);
      order = backup_thread_report (self, known);

      if (order == GO_AWAY)
        {
          backup_thread_hand_over (self, known);
          return false;
        }
      if (known && !progress_has (self->progress, self->n_disks, VCKC_BLOCK_BACKUP_COPYING))
        return true;
      if (!known && order == GO_CANCEL)
        backup_thread_store_cancel (self);
      if (!known)
        {
          vckc_log_info (VCKC_ABOUT (.domain = self->job->domain->uuid,
                                     .backup = self->job->status->id, .error = error),
                         "backup '%s': %s", self->job->status->id, vckc_error_get_message (error));
          g_usleep (PAUSE * 1000);
        }
      else if (order == GO_CANCEL
               || progress_has (self->progress, self->n_disks, VCKC_BLOCK_BACKUP_FAILED)
               || progress_has (self->progress, self->n_disks, VCKC_BLOCK_BACKUP_LOST))
        backup_thread_cancel (self);
    }
}

/* The first error of a disk, as a sentence; also kept with the disk. Of disks that were cancelled
 * since another one had failed it says nothing. With the mutex held. */
static char *
backup_thread_explain_locked (BackupThread *self, bool *ret_no_space)
{
  char *first = NULL;

  *ret_no_space = false;
  for (guint i = 0; i < self->n_disks; i++)
    {
      VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (self->job->status, i);
      const char *error = self->progress[i].error;

      if (error == NULL || self->progress[i].cancelled)
        continue;
      g_free (disk->error);
      disk->error = g_strdup (error);
      if (first == NULL)
        *ret_no_space = self->progress[i].no_space;
      if (first == NULL)
        first = is_pull (self) ? g_strdup_printf ("the backup of disk '%s' cannot be offered any "
                                                  "more: %s",
                                                  disk->target, error)
                               : g_strdup_printf ("the backup of disk '%s' to '%s' failed: %s",
                                                  disk->target, disk->file, error);
    }
  return first;
}

/* Decides how it ended, unless it did well. */
static VckcBackupPhase
backup_thread_get_end_locked (BackupThread *self, char **ret_why, bool *ret_no_space)
{
  *ret_why = backup_thread_explain_locked (self, ret_no_space);
  if (is_pull (self) ? !self->job->cancelled && self->job->engine->closing
                     : self->job->cancelled || self->job->engine->closing)
    {
      g_clear_pointer (ret_why, g_free);
      return VCKC_BACKUP_CANCELLED;
    }
  if (progress_has (self->progress, self->n_disks, VCKC_BLOCK_BACKUP_FAILED))
    return VCKC_BACKUP_FAILED;
  if (!progress_has (self->progress, self->n_disks, VCKC_BLOCK_BACKUP_LOST))
    return VCKC_BACKUP_DONE;
  if (*ret_why == NULL)
    *ret_why = g_strdup ("QEMU ended before the backup did");
  return VCKC_BACKUP_LOST;
}

/* Makes certain that the files are stored. */
static void
backup_thread_finish (BackupThread *self)
{
  VckcEngine *engine = self->job->engine;
  g_autoptr (VckcError) error = NULL;
  g_autofree char *why = NULL;
  VckcBackupPhase phase;
  bool stored = false;
  bool no_space;

  vckc_mutex_lock (&engine->mutex);
  phase = backup_thread_get_end_locked (self, &why, &no_space);
  self->job->finishing = phase == VCKC_BACKUP_DONE;
  vckc_mutex_unlock (&engine->mutex);

  if (phase == VCKC_BACKUP_DONE)
    stored = vckc_block_backup_finish (self->backup, &error);

  vckc_mutex_lock (&engine->mutex);
  if (phase == VCKC_BACKUP_DONE && !stored && is_cancelled_locked (self))
    phase = VCKC_BACKUP_CANCELLED;
  else if (phase == VCKC_BACKUP_DONE && !stored)
    {
      phase = VCKC_BACKUP_FAILED;
      why = g_strdup (vckc_error_get_message (error));
      no_space = vckc_error_get_code (error) == VCKC_ERROR_NO_SPACE;
    }
  vckc_backup_set_end (self->job->status, phase, why, why != NULL && no_space);
  vckc_mutex_unlock (&engine->mutex);
}

/* Lets go of what copied. */
static void
backup_thread_forget (BackupThread *self)
{
  g_autoptr (VckcError) error = NULL;

  if (self->backup == NULL)
    return;
  if (!vckc_block_backup_forget (self->backup, &error))
    vckc_log_info (VCKC_ABOUT (.domain = self->job->domain->uuid, .backup = self->job->status->id,
                               .error = error),
                   "backup '%s': %s", self->job->status->id, vckc_error_get_message (error));
  g_clear_pointer (&self->backup, vckc_block_backup_free);
}

/* With the job held: keeps the result, and with it the limit that was set last, even if that came
 * when all was copied, as a request to cancel may. A backup whose result cannot be kept is none. A
 * pull has done well only when nothing of it is left but its checkpoint. */
static void
backup_thread_store (BackupThread *self)
{
  VckcBackupJob *job = self->job;
  VckcBackupStatus *status = job->status;
  g_autoptr (VckcError) error = NULL;

  vckc_mutex_lock (&job->engine->mutex);
  backup_thread_take_requests_locked (self);
  if (status->phase == VCKC_BACKUP_DONE && is_cancelled_locked (self))
    vckc_backup_set_end (status, VCKC_BACKUP_CANCELLED, NULL, false);
  vckc_mutex_unlock (&job->engine->mutex);
  if (status->phase == VCKC_BACKUP_DONE && is_pull (self))
    {
      backup_thread_forget (self);
      vckc_backup_remove_files (job->engine, status);
    }
  if (status->phase == VCKC_BACKUP_DONE
      && !vckc_backup_keep_status (job->engine, job->domain, status, &error))
    {
      vckc_mutex_lock (&job->engine->mutex);
      vckc_backup_set_end (status, VCKC_BACKUP_FAILED, vckc_error_get_message (error),
                           vckc_error_get_code (error) == VCKC_ERROR_NO_SPACE);
      vckc_mutex_unlock (&job->engine->mutex);
      g_clear_pointer (&error, vckc_error_free);
    }
  backup_thread_forget (self);
  if (status->phase != VCKC_BACKUP_DONE
      && !vckc_backup_take_back (job->engine, job->domain, status, &error))
    vckc_log_info (VCKC_ABOUT (.domain = job->domain->uuid, .error = error),
                   "domain '%s': what is left of a backup will be removed later: %s",
                   job->domain->uuid, vckc_error_get_message (error));
}

static void
backup_thread_leave (BackupThread *self, bool ended)
{
  VckcEngine *engine = self->job->engine;
  VckcManagedDomain *domain = self->job->domain;

  vckc_mutex_lock (&engine->mutex);
  if (ended && domain->backup_status != NULL
      && !vckc_backup_status_has_ended (domain->backup_status))
    {
      vckc_backup_status_free (domain->backup_end);
      domain->backup_end = vckc_backup_status_copy (self->job->status);
    }
  if (domain->backup == self->job)
    g_clear_pointer (&domain->backup, vckc_backup_job_unref);
  self->job->ended = ended;
  if (ended)
    vckc_backup_job_emit_locked (self->job, VCKC_EVENT_JOB_ENDED);
  vckc_mutex_unlock (&engine->mutex);
}

/* The result cannot be kept, so there is none. What is left is taken back by a later call. */
static void
backup_thread_give_up (BackupThread *self, const VckcError *error)
{
  VckcEngine *engine = self->job->engine;

  vckc_mutex_lock (&engine->mutex);
  if (self->job->status->phase == VCKC_BACKUP_DONE && is_cancelled_locked (self))
    vckc_backup_set_end (self->job->status, VCKC_BACKUP_CANCELLED, NULL, false);
  else if (self->job->status->phase == VCKC_BACKUP_DONE)
    vckc_backup_set_end (self->job->status, VCKC_BACKUP_FAILED, vckc_error_get_message (error),
                         vckc_error_get_code (error) == VCKC_ERROR_NO_SPACE);
  vckc_mutex_unlock (&engine->mutex);
}

/* Takes the job, however long it is busy; false if that cannot be done. */
static bool
backup_thread_take_job (BackupThread *self)
{
  VckcEngine *engine = self->job->engine;

  for (guint n_left = N_ATTEMPTS;;)
    {
      g_autoptr (VckcError) error = NULL;
      VckcErrorCode code;
      bool closing;

      if (vckc_job_begin (engine, self->job->domain, &error))
        return true;
      vckc_log_info (VCKC_ABOUT (.domain = self->job->domain->uuid, .backup = self->job->status->id,
                                 .error = error),
                     "backup '%s' cannot be ended yet: %s", self->job->status->id,
                     vckc_error_get_message (error));
      vckc_mutex_lock (&engine->mutex);
      closing = engine->closing;
      vckc_mutex_unlock (&engine->mutex);
      code = vckc_error_get_code (error);
      if (closing || code == VCKC_ERROR_NO_DOMAIN || (code != VCKC_ERROR_BUSY && --n_left == 0))
        {
          backup_thread_give_up (self, error);
          return false;
        }
      g_usleep (BETWEEN_ATTEMPTS);
    }
}

void
vckc_backup_thread_run (VckcBackupJob *job, VckcBlockBackup *backup)
{
  BackupThread self = {
    .job = job, .backup = backup, .n_disks = job->status->disks->len, .speed = -1
  };
  bool ended;

  self.progress = g_new0 (VckcBlockBackupProgress, self.n_disks);
  ended = backup_thread_follow (&self);
  if (ended)
    backup_thread_finish (&self);
  if (ended && backup_thread_take_job (&self))
    {
      backup_thread_store (&self);
      backup_thread_leave (&self, true);
      vckc_job_end (job->engine, job->domain);
    }
  else
    backup_thread_leave (&self, ended);
  vckc_block_backup_free (self.backup);
  progress_free (self.progress, self.n_disks);
}
