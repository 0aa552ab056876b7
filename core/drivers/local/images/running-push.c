/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a running domain, by its own QEMU, which gets the open files. The guest comes first:
 * if a file could not be written for want of room, this QEMU would let the guest's own writes fail.
 * So all the room that a file may need is reserved before, or QEMU is asked to give up the backup
 * instead; where neither can be had, the backup is not begun. A file on a file system that may
 * become slow is written through another one, see push-scratch.h, which needs the program.
 *
 * A socket of QEMU serves one client at a time, so it is connected to for a moment only, to ask how
 * far the backup is.
 */

#include "drivers/local/images/reserved-file.h"

#include "base/log.h"
#include "drivers/local/images/running-scratch.h"
#include "drivers/local/machine/machine-qmp.h"

/* What slows a guest's writes least, and what copies fastest. */
#define MILD_WORKERS 1
#define MOST_WORKERS 64
#define MAX_CHUNK (1024 * 1024)

static void
running_push_free (VckcBlockBackup *backup)
{
  vckc_running_backup_clear ((VckcRunningBackup *) backup);
  g_free (backup);
}

static bool
running_push_start (VckcBlockBackup *backup, VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  VckcLocalSession *session = self->local.session;
  VckcQmpBackupTuning tuning = { .workers = self->local.all_workers ? MOST_WORKERS : MILD_WORKERS,
                                 .max_chunk = MAX_CHUNK,
                                 .protect_guest = true };
  bool reserved = false;
  bool ok;

  vckc_qmp_client_begin_change (session->machine, self->backend->machine_timeout);
  g_clear_pointer (&session->bitmaps, g_ptr_array_unref);
  ok = vckc_running_backup_reserve (self, session->machine, false, &reserved, err);
  tuning.must_protect = !reserved;
  /* What the guest has written between is known once the point in time is fixed. */
  ok =
      ok
      && vckc_qmp_backup_start (session->machine, &self->local.jobs, &tuning, &self->protected, err)
      && vckc_machine_check_images (session->machine, err)
      && vckc_running_backup_reserve (self, session->machine, true, &reserved, err);
  self->local.session = NULL;
  return vckc_local_session_check_peer (session, ok, err);
}

/* A disk that we have cancelled, for want of room, has failed. */
static void
running_push_explain (const VckcRunningBackup *self, VckcBlockBackupProgress *progress)
{
  for (guint i = 0; self->no_room != NULL && i < self->local.jobs.n_disks; i++)
    if (progress[i].cancelled)
      {
        progress[i].cancelled = false;
        vckc_block_backup_progress_set_error (&progress[i], self->no_room);
      }
}

static bool
running_push_query (VckcRunningBackup *self, VckcQmpClient *client, gpointer data, VckcError **err)
{
  VckcBlockBackupProgress *progress = data;

  if ((self->no_room != NULL || !vckc_running_backup_extend (self, &self->no_room))
      && !vckc_qmp_backup_cancel (client, &self->local.jobs, err))
    return false;
  if (!vckc_local_backup_query (&self->local, client, progress, err))
    return false;
  running_push_explain (self, progress);
  return true;
}

/* All disks are as that says. */
static void
running_push_set_all (VckcRunningBackup *self,
                      VckcBlockBackupProgress *progress,
                      VckcBlockBackupState state,
                      const VckcError *error)
{
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    {
      progress[i].state = state;
      progress[i].cancelled = error != NULL && self->cancelled;
      if (error != NULL)
        vckc_block_backup_progress_set_error (&progress[i], error);
    }
}

/* All is copied: has QEMU write what it has kept in memory of the files. If it cannot be asked, or
 * does not answer, that is tried again. */
static void
running_push_flush (VckcRunningBackup *self, VckcBlockBackupProgress *progress)
{
  g_autoptr (VckcError) error = NULL;
  bool gone = false;
  bool refused = false;

  if (self->cancelled)
    vckc_set_error (&error, VCKC_ERROR_CANCELLED, "cancelled");
  else
    self->written = vckc_running_backup_flush_files (self, &gone, &refused, &error);
  if (gone)
    running_push_set_all (self, progress, VCKC_BLOCK_BACKUP_LOST, NULL);
  else if (self->cancelled || refused)
    running_push_set_all (self, progress, VCKC_BLOCK_BACKUP_FAILED, error);
  else if (!self->written)
    {
      vckc_log_info (VCKC_ABOUT (.error = error),
                     "QEMU is asked again for the rest of a backup: %s",
                     vckc_error_get_message (error));
      running_push_set_all (self, progress, VCKC_BLOCK_BACKUP_COPYING, NULL);
    }
}

/* Changes what QEMU has said of the disks to what that means for the backup. */
static void
running_push_look (VckcRunningBackup *self, VckcBlockBackupProgress *progress)
{
  bool ended = vckc_local_backup_has_ended (&self->local, progress);
  bool copied = ended;

  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    copied = copied && progress[i].state == VCKC_BLOCK_BACKUP_COPIED;
  if (copied)
    running_push_flush (self, progress);
  if (self->scratches != NULL && (copied || !ended))
    vckc_running_scratch_report (self, progress);
}

static bool
running_push_wait (VckcBlockBackup *backup,
                   guint milliseconds,
                   VckcBlockBackupProgress *progress,
                   VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  bool gone;
  bool known;

  if (self->written)
    {
      vckc_running_scratch_wait (self, milliseconds, progress);
      return true;
    }
  g_usleep (MAX (self->pause, MIN (milliseconds, VCKC_RUNNING_BACKUP_FIRST_PAUSE)) * 1000);
  self->pause = MIN (self->pause * 2, VCKC_RUNNING_BACKUP_LAST_PAUSE);
  known = vckc_running_backup_call (self, running_push_query, progress, &gone, err);
  for (guint i = 0; gone && i < self->local.jobs.n_disks; i++)
    progress[i].state = VCKC_BLOCK_BACKUP_LOST;
  if (known)
    running_push_look (self, progress);
  return known || gone;
}

static bool
running_push_cancel_jobs (VckcRunningBackup *self,
                          VckcQmpClient *client,
                          gpointer data,
                          VckcError **err)
{
  return vckc_qmp_backup_cancel (client, &self->local.jobs, err);
}

static bool
running_push_cancel (VckcBlockBackup *backup, VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  bool gone;

  self->pause = VCKC_RUNNING_BACKUP_FIRST_PAUSE;
  self->cancelled = true;
  if (self->written)
    return true;
  return vckc_running_backup_call (self, running_push_cancel_jobs, NULL, &gone, err) || gone;
}

static bool
running_push_limit_jobs (VckcRunningBackup *self,
                         VckcQmpClient *client,
                         gpointer data,
                         VckcError **err)
{
  return vckc_qmp_backup_set_speed (client, &self->local.jobs, *(const guint64 *) data, err);
}

static bool
running_push_set_speed (VckcBlockBackup *backup, guint64 speed, VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  bool gone;

  return self->written
         || vckc_running_backup_call (self, running_push_limit_jobs, &speed, &gone, err) || gone;
}

/* The files are closed when the jobs are forgotten: if this program dies in between, another one
 * finds both, and flushes again. */
static bool
running_push_finish (VckcBlockBackup *backup, VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;

  for (guint i = 0; i < self->local.fds->len; i++)
    vckc_reserved_file_cut (g_array_index (self->local.fds, int, i),
                            self->local.jobs.disks[i].file);
  return self->scratches != NULL ? vckc_running_scratch_store (self, err)
                                 : vckc_local_backup_sync (&self->local, err);
}

static bool
running_push_forget_jobs (VckcRunningBackup *self,
                          VckcQmpClient *client,
                          gpointer data,
                          VckcError **err)
{
  return vckc_qmp_backup_close_targets (client, &self->local.jobs, err)
         && vckc_qmp_backup_dismiss (client, &self->local.jobs, err);
}

static bool
running_push_forget (VckcBlockBackup *backup, VckcError **err)
{
  bool gone;

  return vckc_running_backup_call ((VckcRunningBackup *) backup, running_push_forget_jobs, NULL,
                                   &gone, err)
         || gone;
}

static const VckcBlockBackupClass running_push_class = {
  .start = running_push_start,
  .wait = running_push_wait,
  .cancel = running_push_cancel,
  .set_speed = running_push_set_speed,
  .finish = running_push_finish,
  .forget = running_push_forget,
  .get_note = vckc_running_scratch_get_note,
  .free = running_push_free,
};

static VckcRunningBackup *
running_push_new (VckcLocalSession *session,
                  const VckcBlockBackupPlan *plan,
                  bool fresh,
                  VckcError **err)
{
  VckcRunningBackup *self = g_new0 (VckcRunningBackup, 1);

  self->local.backup.klass = &running_push_class;
  if (vckc_running_backup_init (self, session, plan, fresh, err))
    return self;
  running_push_free (&self->local.backup);
  return NULL;
}

VckcBlockBackup *
vckc_running_push_open (VckcLocalSession *session, const VckcBlockBackupPlan *plan, VckcError **err)
{
  VckcRunningBackup *self = running_push_new (session, plan, true, err);
  bool opened = self != NULL && vckc_running_scratch_make (self, err);

  /* What QEMU has opened it could not close again if that were cancelled. */
  vckc_qmp_client_begin_change (session->machine,
                                ((VckcLocalBackend *) session->session.backend)->machine_timeout);
  opened = opened && vckc_running_backup_open_files (self, session->machine, err);

  if (self == NULL || vckc_local_session_check_peer (session, opened, err))
    return self != NULL ? &self->local.backup : NULL;
  vckc_qmp_backup_close_targets (session->machine, &self->local.jobs, NULL);
  running_push_free (&self->local.backup);
  return NULL;
}

bool
vckc_running_push_attach (VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          VckcBlockBackup **ret_backup,
                          VckcError **err)
{
  VckcRunningBackup *self = running_push_new (session, plan, false, err);
  g_autofree VckcQmpBackupProgress *jobs = g_new0 (VckcQmpBackupProgress, plan->n_disks);
  bool known =
      self != NULL && vckc_qmp_backup_query (session->machine, &self->local.jobs, jobs, err);
  bool any = false;

  known = known && vckc_qmp_backup_has_targets (session->machine, &self->local.jobs, &any, err);
  for (guint i = 0; i < plan->n_disks; i++)
    {
      any = any || (known && jobs[i].state != VCKC_QMP_BACKUP_MISSING);
      vckc_qmp_backup_progress_clear (&jobs[i]);
    }
  if (self != NULL)
    vckc_running_backup_find_reserved (self);
  if (any)
    *ret_backup = &self->local.backup;
  else if (self != NULL)
    running_push_free (&self->local.backup);
  return known;
}
