/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a running domain, by its own QEMU, which gets the open files. The guest comes first:
 * if a file could not be written for want of room, this QEMU would let the guest's own writes fail.
 * So all the room that a file may need is reserved before, or QEMU is asked to give up the backup
 * instead; where neither can be had, the backup is not begun.
 *
 * A socket of QEMU serves one client at a time, so it is connected to for a moment only, to ask how
 * far the backup is.
 */

#include <sys/stat.h>

#include "drivers/local/images/running-backup.h"

#include "drivers/local/images/reserved-file.h"
#include "drivers/local/machine/machine-qmp.h"
#include "qemu/qmp-backup-size.h"

/* What slows a guest's writes least, and what copies fastest. */
#define MILD_WORKERS 1
#define MOST_WORKERS 64
#define MAX_CHUNK (1024 * 1024)
/* If a file that is being written comes so close to what is reserved, in bytes, more is. */
#define MARGIN ((guint64) 64 * 1024 * 1024)

void
vckc_running_backup_clear (VckcRunningBackup *self)
{
  vckc_local_backup_clear (&self->local);
  g_free (self->socket);
  g_free (self->capacities);
  g_free (self->reserved);
}

static void
running_backup_free (VckcBlockBackup *backup)
{
  vckc_running_backup_clear ((VckcRunningBackup *) backup);
  g_free (backup);
}

/* Connects for a moment; NULL without an error if QEMU does not run any more. To be ended by
 * running_backup_disconnect(). */
static VckcQmpClient *
running_backup_connect (VckcRunningBackup *self, VckcError **err)
{
  const VckcMachineOptions options = vckc_machine_options (0, self->backend->machine_timeout, -1);
  VckcQmpClient *client = NULL;

  vckc_state_monitor_pause (self->backend->monitor, self->socket);
  if (vckc_machine_connect (self->socket, &options, &client, err))
    return client;
  return NULL;
}

static void
running_backup_disconnect (VckcRunningBackup *self, VckcQmpClient *client)
{
  vckc_qmp_client_free (client);
  vckc_state_monitor_resume (self->backend->monitor, self->socket);
}

bool
vckc_running_backup_call (VckcRunningBackup *self,
                          VckcRunningBackupFunc function,
                          gpointer data,
                          bool *ret_gone,
                          VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcQmpClient *client = running_backup_connect (self, &error);
  bool ok = client != NULL && function (self, client, data, &error);

  *ret_gone = client == NULL && error == NULL;
  running_backup_disconnect (self, client);
  if (error != NULL)
    vckc_propagate_error (err, g_steal_pointer (&error));
  return ok;
}

bool
vckc_running_backup_open_files (VckcRunningBackup *self, VckcQmpClient *client, VckcError **err)
{
  VckcLocalBackup *local = &self->local;

  for (guint i = 0; i < local->fds->len; i++)
    {
      g_autoptr (VckcQmpReply) reply =
          vckc_qmp_client_add_fd (client, g_array_index (local->fds, int, i), err);
      g_autofree char *name = NULL;
      guint64 set;

      if (reply == NULL)
        return false;
      if (vckc_qmp_reply_get_refusal (reply) != NULL)
        {
          vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                          "QEMU does not take the open backup file '%s': %s",
                          local->jobs.disks[i].file, vckc_qmp_reply_get_refusal (reply));
          return false;
        }
      if (!vckc_qmp_value_get_uint (vckc_qmp_reply_get_value (reply), "fdset-id", &set, err))
        return false;
      name = g_strdup_printf ("/dev/fdset/%" G_GUINT64_FORMAT, set);
      vckc_local_backup_get_disk (local, i)->name = g_string_chunk_insert (local->strings, name);
    }
  return vckc_qmp_backup_open_targets (client, &local->jobs, err);
}

bool
vckc_running_backup_reserve (VckcRunningBackup *self,
                             VckcQmpClient *client,
                             bool started,
                             bool *ret_all,
                             VckcError **err)
{
  const VckcQmpBackup *jobs = &self->local.jobs;
  g_autofree guint64 *bytes = g_new0 (guint64, jobs->n_disks);

  *ret_all = true;
  if (!vckc_qmp_backup_measure (client, jobs, started, bytes, err))
    return false;
  for (guint i = 0; i < jobs->n_disks; i++)
    {
      guint64 need = vckc_qmp_backup_get_file_size (&jobs->disks[i], self->capacities[i], bytes[i]);
      bool reserved = true;

      if (need > self->reserved[i]
          && !vckc_reserved_file_extend (g_array_index (self->local.fds, int, i),
                                         jobs->disks[i].file, need, &reserved, err))
        return false;
      if (reserved)
        self->reserved[i] = MAX (need, self->reserved[i]);
      *ret_all = *ret_all && reserved;
    }
  return true;
}

static bool
running_backup_start (VckcBlockBackup *backup, VckcError **err)
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

bool
vckc_running_backup_extend (VckcRunningBackup *self, VckcError **err)
{
  for (guint i = 0; !self->protected && i < self->local.fds->len; i++)
    {
      int fd = g_array_index (self->local.fds, int, i);
      guint64 wanted;
      struct stat info;
      bool unused;

      if (self->reserved[i] == 0 || fstat (fd, &info) < 0 || !S_ISREG (info.st_mode)
          || (guint64) info.st_size + MARGIN / 2 <= self->reserved[i])
        continue;
      wanted = MIN ((guint64) info.st_size + MARGIN,
                    vckc_qmp_backup_get_file_size (&self->local.jobs.disks[i], self->capacities[i],
                                                   self->capacities[i]));
      if (wanted <= self->reserved[i])
        continue;
      if (!vckc_reserved_file_extend (fd, self->local.jobs.disks[i].file, wanted, &unused, err))
        return false;
      self->reserved[i] = wanted;
    }
  return true;
}

static bool
running_backup_query (VckcRunningBackup *self,
                      VckcQmpClient *client,
                      gpointer data,
                      VckcError **err)
{
  VckcBlockBackupProgress *progress = data;
  g_autoptr (VckcError) error = NULL;

  if (!vckc_running_backup_extend (self, &error))
    {
      g_info ("%s", vckc_error_get_message (error));
      if (!vckc_qmp_backup_cancel (client, &self->local.jobs, err))
        return false;
    }
  return vckc_local_backup_query (&self->local, client, progress, err);
}

static bool
running_backup_wait (VckcBlockBackup *backup,
                     guint milliseconds,
                     VckcBlockBackupProgress *progress,
                     VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  bool gone;
  bool known;

  g_usleep (MAX (self->pause, MIN (milliseconds, VCKC_RUNNING_BACKUP_FIRST_PAUSE)) * 1000);
  self->pause = MIN (self->pause * 2, VCKC_RUNNING_BACKUP_LAST_PAUSE);
  known = vckc_running_backup_call (self, running_backup_query, progress, &gone, err);
  for (guint i = 0; gone && i < self->local.jobs.n_disks; i++)
    progress[i].state = VCKC_BLOCK_BACKUP_LOST;
  return known || gone;
}

static bool
running_backup_cancel_jobs (VckcRunningBackup *self,
                            VckcQmpClient *client,
                            gpointer data,
                            VckcError **err)
{
  return vckc_qmp_backup_cancel (client, &self->local.jobs, err);
}

static bool
running_backup_cancel (VckcBlockBackup *backup, VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  bool gone;

  self->pause = VCKC_RUNNING_BACKUP_FIRST_PAUSE;
  return vckc_running_backup_call (self, running_backup_cancel_jobs, NULL, &gone, err) || gone;
}

static bool
running_backup_flush_files (VckcRunningBackup *self,
                            VckcQmpClient *client,
                            gpointer data,
                            VckcError **err)
{
  return vckc_qmp_backup_flush_targets (client, &self->local.jobs, err);
}

/* The files are closed when the jobs are forgotten: if this program dies in between, another one
 * finds both, and flushes again. */
static bool
running_backup_finish (VckcBlockBackup *backup, VckcError **err)
{
  VckcRunningBackup *self = (VckcRunningBackup *) backup;
  bool gone;
  bool written = vckc_running_backup_call (self, running_backup_flush_files, NULL, &gone, err);

  if (gone)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "QEMU ended before it had written all of the backup");
  if (!written)
    return false;
  for (guint i = 0; i < self->local.fds->len; i++)
    vckc_reserved_file_cut (g_array_index (self->local.fds, int, i),
                            self->local.jobs.disks[i].file);
  return vckc_local_backup_sync (&self->local, err);
}

static bool
running_backup_forget_jobs (VckcRunningBackup *self,
                            VckcQmpClient *client,
                            gpointer data,
                            VckcError **err)
{
  return vckc_qmp_backup_close_targets (client, &self->local.jobs, err)
         && vckc_qmp_backup_dismiss (client, &self->local.jobs, err);
}

static bool
running_backup_forget (VckcBlockBackup *backup, VckcError **err)
{
  bool gone;

  return vckc_running_backup_call ((VckcRunningBackup *) backup, running_backup_forget_jobs, NULL,
                                   &gone, err)
         || gone;
}

static const VckcBlockBackupClass running_backup_class = {
  .start = running_backup_start,
  .wait = running_backup_wait,
  .cancel = running_backup_cancel,
  .finish = running_backup_finish,
  .forget = running_backup_forget,
  .free = running_backup_free,
};

bool
vckc_running_backup_init (VckcRunningBackup *self,
                          VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          bool fresh,
                          VckcError **err)
{
  self->local.backup.outlives = true;
  self->backend = (VckcLocalBackend *) session->session.backend;
  self->socket = g_strdup (session->paused);
  self->capacities = g_new0 (guint64, plan->n_disks);
  self->reserved = g_new0 (guint64, plan->n_disks);
  self->pause = VCKC_RUNNING_BACKUP_FIRST_PAUSE;
  for (guint i = 0; i < plan->n_disks; i++)
    self->capacities[i] = session->capacities[plan->disks[i].disk];
  return vckc_local_backup_init (&self->local, session, plan, fresh, err);
}

static VckcRunningBackup *
running_backup_new (VckcLocalSession *session,
                    const VckcBlockBackupPlan *plan,
                    bool fresh,
                    VckcError **err)
{
  VckcRunningBackup *self = g_new0 (VckcRunningBackup, 1);

  self->local.backup.klass = &running_backup_class;
  if (vckc_running_backup_init (self, session, plan, fresh, err))
    return self;
  running_backup_free (&self->local.backup);
  return NULL;
}

VckcBlockBackup *
vckc_running_backup_open (VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          VckcError **err)
{
  VckcRunningBackup *self = running_backup_new (session, plan, true, err);
  bool opened = self != NULL && vckc_running_backup_open_files (self, session->machine, err);

  if (self == NULL || vckc_local_session_check_peer (session, opened, err))
    return self != NULL ? &self->local.backup : NULL;
  vckc_qmp_backup_close_targets (session->machine, &self->local.jobs, NULL);
  running_backup_free (&self->local.backup);
  return NULL;
}

void
vckc_running_backup_find_reserved (VckcRunningBackup *self)
{
  self->local.session = NULL;
  for (guint i = 0; i < self->local.fds->len; i++)
    {
      struct stat info;

      if (fstat (g_array_index (self->local.fds, int, i), &info) == 0)
        self->reserved[i] = (guint64) info.st_blocks * 512;
    }
}

bool
vckc_running_backup_attach (VckcLocalSession *session,
                            const VckcBlockBackupPlan *plan,
                            VckcBlockBackup **ret_backup,
                            VckcError **err)
{
  VckcRunningBackup *self = running_backup_new (session, plan, false, err);
  g_autofree VckcQmpBackupProgress *jobs = g_new0 (VckcQmpBackupProgress, plan->n_disks);
  bool known =
      self != NULL && vckc_qmp_backup_query (session->machine, &self->local.jobs, jobs, err);
  bool any = false;

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
    running_backup_free (&self->local.backup);
  return known;
}
