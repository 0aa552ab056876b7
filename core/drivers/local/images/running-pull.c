/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a running domain in pull mode. Before the guest overwrites something its QEMU copies
 * that to a scratch file, which is based on the disk, and serves it over NBD. QEMU goes on with
 * that when the program ends. As for a push, the room that the scratch files may need is reserved.
 *
 * A backup that is cancelled, or fails, is taken down step by step, in whatever state it is found:
 * each question how far it is does what is still to do.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "drivers/local/images/remote-file-system.h"
#include "drivers/local/images/running-backup.h"
#include "drivers/local/machine/machine-qmp.h"
#include "qemu/qmp-backup-names.h"
#include "qemu/qmp-export.h"

/* What the guest waits for is copied at once; nothing else is copied. */
#define WORKERS 1
#define MAX_CHUNK (1024 * 1024)

typedef struct
{
  VckcRunningBackup running;
  VckcQmpExport *offers; /* owned; strings are those of `local` */
  VckcQmpExports exports;
  int socket;         /* owned: until it has started; -1: TCP */
  char *host;         /* (nullable), owned: TCP */
  guint port;         /* TCP */
  VckcError **errors; /* owned: of each disk, why it failed, or NULL */
  bool serves;        /* QEMU's NBD server is ours */
  bool cancelled;
  bool dismissed; /* jobs may be gone since we had QEMU forget them */
  bool lost;      /* one was gone before */
} RunningPull;

static void
running_pull_free (VckcBlockBackup *backup)
{
  RunningPull *self = (RunningPull *) backup;

  for (guint i = 0; self->errors != NULL && i < self->exports.n_exports; i++)
    vckc_error_free (self->errors[i]);
  g_free (self->errors);
  vckc_running_backup_clear (&self->running);
  if (self->socket >= 0)
    close (self->socket);
  g_free (self->offers);
  g_free (self->host);
  g_free (self);
}

/* Has QEMU listen where the plan says. */
static bool
running_pull_listen (RunningPull *self, VckcQmpClient *client, VckcError **err)
{
  g_autofree char *name = g_strdup_printf ("vck-%s", self->exports.id);
  g_autoptr (VckcQmpReply) reply = NULL;

  if (self->socket < 0)
    return vckc_qmp_exports_listen_tcp (client, self->host, self->port, err);
  reply = vckc_qmp_client_pass_fd (client, name, self->socket, err);
  if (reply == NULL)
    return false;
  if (vckc_qmp_reply_get_refusal (reply) == NULL)
    return vckc_qmp_exports_listen_fd (client, name, err);
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "QEMU does not take the socket that the backup is to be offered at: %s",
                  vckc_qmp_reply_get_refusal (reply));
  return false;
}

/* The server comes first, since it may be in use. */
static bool
running_pull_begin (RunningPull *self, VckcQmpClient *client, VckcError **err)
{
  VckcRunningBackup *running = &self->running;
  VckcQmpBackupTuning tuning = { .workers = WORKERS,
                                 .max_chunk = MAX_CHUNK,
                                 .protect_guest = true };
  bool reserved = false;

  if (!running_pull_listen (self, client, err))
    return false;
  self->serves = true;
  if (!vckc_running_backup_reserve (running, client, false, &reserved, err))
    return false;
  tuning.must_protect = !reserved;
  return vckc_qmp_backup_start (client, &running->local.jobs, &tuning, &running->protected, err)
         && vckc_machine_check_images (client, err)
         && vckc_running_backup_reserve (running, client, true, &reserved, err)
         && vckc_qmp_exports_add (client, &self->exports, err);
}

static bool
running_pull_start (VckcBlockBackup *backup, VckcError **err)
{
  RunningPull *self = (RunningPull *) backup;
  VckcLocalSession *session = self->running.local.session;
  bool ok;

  vckc_qmp_client_begin_change (session->machine, self->running.backend->machine_timeout);
  g_clear_pointer (&session->bitmaps, g_ptr_array_unref);
  ok = running_pull_begin (self, session->machine, err);
  self->running.local.session = NULL;
  return vckc_local_session_check_peer (session, ok, err);
}

static void
running_pull_set_failed (RunningPull *self, guint disk, const char *why)
{
  if (self->errors[disk] == NULL)
    vckc_set_error (&self->errors[disk], VCKC_ERROR_OPERATION_FAILED, "%s", why);
}

static bool
running_pull_has_failed (const RunningPull *self)
{
  for (guint i = 0; i < self->exports.n_exports; i++)
    if (self->errors[i] != NULL)
      return true;
  return false;
}

/* Is all as it was begun? What is not is noted as a failure. A job of this kind never ends by
 * itself. */
static bool
running_pull_check (RunningPull *self,
                    VckcQmpClient *client,
                    VckcBlockBackupProgress *progress,
                    VckcError **err)
{
  VckcError *error = NULL;
  guint n_offered;

  if (!vckc_qmp_exports_count (client, &self->exports, &n_offered, err))
    return false;
  for (guint i = 0; i < self->exports.n_exports; i++)
    if (progress[i].state == VCKC_BLOCK_BACKUP_FAILED
        || progress[i].state == VCKC_BLOCK_BACKUP_COPIED)
      running_pull_set_failed (self, i,
                               progress[i].error != NULL ? progress[i].error : "QEMU ended it");
    else if (n_offered < self->exports.n_exports)
      running_pull_set_failed (self, i, "another program has ended the NBD server of QEMU");
  if (!vckc_running_backup_extend (&self->running, &error))
    vckc_keep_first_error (&self->errors[0], error);
  return true;
}

/* Ends what is left of it in QEMU. *ret_ended: nothing is. */
static bool
running_pull_take_down (RunningPull *self,
                        VckcQmpClient *client,
                        const VckcBlockBackupProgress *progress,
                        bool *ret_ended,
                        VckcError **err)
{
  const VckcQmpBackup *jobs = &self->running.local.jobs;
  guint n_offered;

  *ret_ended = false;
  if (!vckc_qmp_exports_count (client, &self->exports, &n_offered, err)
      || ((self->serves || n_offered > 0) && !vckc_qmp_exports_stop_server (client, err)))
    return false;
  self->serves = false;
  if (!vckc_local_backup_has_ended (&self->running.local, progress))
    return vckc_qmp_backup_cancel (client, jobs, err);
  self->dismissed = true;
  *ret_ended = vckc_qmp_backup_close_targets (client, jobs, err)
               && vckc_qmp_backup_dismiss (client, jobs, err);
  return *ret_ended;
}

static void
running_pull_report (RunningPull *self,
                     VckcBlockBackupProgress *progress,
                     VckcBlockBackupState state)
{
  for (guint i = 0; i < self->exports.n_exports; i++)
    {
      vckc_block_backup_progress_clear (&progress[i]);
      progress[i].state = state;
      vckc_running_backup_note_temp (&self->running, i, &progress[i]);
      if (state == VCKC_BLOCK_BACKUP_COPYING || self->errors[i] == NULL)
        continue;
      progress[i].state = VCKC_BLOCK_BACKUP_FAILED;
      vckc_block_backup_progress_set_error (&progress[i], self->errors[i]);
    }
}

static void
running_pull_note_lost (RunningPull *self, const VckcBlockBackupProgress *progress)
{
  for (guint i = 0; !self->dismissed && i < self->exports.n_exports; i++)
    self->lost = self->lost || progress[i].state == VCKC_BLOCK_BACKUP_LOST;
}

static bool
running_pull_query (VckcRunningBackup *running,
                    VckcQmpClient *client,
                    gpointer data,
                    VckcError **err)
{
  RunningPull *self = (RunningPull *) running;
  VckcBlockBackupProgress *progress = data;
  bool ended = false;
  bool ending;

  if (!vckc_local_backup_query (&running->local, client, progress, err))
    return false;
  running_pull_note_lost (self, progress);
  ending = self->lost || self->cancelled || running_pull_has_failed (self);
  if (!ending && !running_pull_check (self, client, progress, err))
    return false;
  if ((ending || running_pull_has_failed (self))
      && !running_pull_take_down (self, client, progress, &ended, err))
    return false;
  running_pull_report (self, progress,
                       !ended       ? VCKC_BLOCK_BACKUP_COPYING
                       : self->lost ? VCKC_BLOCK_BACKUP_LOST
                                    : VCKC_BLOCK_BACKUP_COPIED);
  return true;
}

static bool
running_pull_wait (VckcBlockBackup *backup,
                   guint milliseconds,
                   VckcBlockBackupProgress *progress,
                   VckcError **err)
{
  RunningPull *self = (RunningPull *) backup;
  VckcRunningBackup *running = &self->running;
  bool gone, known;

  g_usleep (MAX (running->pause, MIN (milliseconds, VCKC_RUNNING_BACKUP_FIRST_PAUSE)) * 1000);
  running->pause = MIN (running->pause * 2, VCKC_RUNNING_BACKUP_LAST_PAUSE);
  known = vckc_running_backup_call (running, running_pull_query, progress, &gone, err);
  if (gone)
    running_pull_report (self, progress, VCKC_BLOCK_BACKUP_LOST);
  return known || gone;
}

static bool
running_pull_cancel (VckcBlockBackup *backup, VckcError **err)
{
  RunningPull *self = (RunningPull *) backup;

  self->running.pause = VCKC_RUNNING_BACKUP_FIRST_PAUSE;
  self->cancelled = true;
  return true;
}

/* Once all disks have ended nothing is left. */
static bool
running_pull_do_nothing (VckcBlockBackup *backup, VckcError **err)
{
  return true;
}

static const VckcBlockBackupClass running_pull_class = {
  .start = running_pull_start,
  .wait = running_pull_wait,
  .cancel = running_pull_cancel,
  .finish = running_pull_do_nothing,
  .forget = running_pull_do_nothing,
  .free = running_pull_free,
};

/* The node of a scratch file is what is offered. */
static void
running_pull_set_offers (RunningPull *self, const VckcBlockBackupPlan *plan)
{
  VckcLocalBackup *local = &self->running.local;

  self->offers = g_new0 (VckcQmpExport, plan->n_disks);
  self->errors = g_new0 (VckcError *, plan->n_disks);
  for (guint i = 0; i < plan->n_disks; i++)
    {
      const VckcQmpBackupDisk *disk = &local->jobs.disks[i];
      VckcQmpExport *offer = &self->offers[i];
      g_autofree char *node = vckc_qmp_backup_get_target (&local->jobs, i);

      offer->target = disk->target;
      offer->node = g_string_chunk_insert (local->strings, node);
      offer->name = g_string_chunk_insert (local->strings, plan->disks[i].export_name);
      if (disk->base != NULL)
        offer->bitmap = g_string_chunk_insert (local->strings, plan->disks[i].export_bitmap);
      offer->base_node = disk->node;
      offer->base = disk->base;
      offer->base_granularity = disk->base_granularity;
    }
  self->exports = (VckcQmpExports){ local->jobs.id, self->offers, plan->n_disks };
  local->jobs.exports = &self->exports;
}

static RunningPull *
running_pull_new (VckcLocalSession *session,
                  const VckcBlockBackupPlan *plan,
                  bool fresh,
                  VckcError **err)
{
  RunningPull *self = g_new0 (RunningPull, 1);

  self->running.local.backup.klass = &running_pull_class;
  self->socket = -1;
  if (!vckc_running_backup_init (&self->running, session, plan, fresh, err))
    {
      running_pull_free (&self->running.local.backup);
      return NULL;
    }
  running_pull_set_offers (self, plan);
  return self;
}

static bool
running_pull_take_server (RunningPull *self, const VckcBlockBackupServer *server, VckcError **err)
{
  self->host = g_strdup (server->host);
  self->port = server->port;
  if (server->fd < 0)
    return true;
  self->socket = fcntl (server->fd, F_DUPFD_CLOEXEC, 0);
  if (self->socket < 0)
    vckc_set_error_errno (err, errno, "cannot use the socket '%s'", server->path);
  return self->socket >= 0;
}

/* The guest's writes wait for the scratch files. */
static bool
running_pull_check_files (RunningPull *self, VckcError **err)
{
  const VckcLocalBackup *local = &self->running.local;
  const char *file_system = NULL;

  for (guint i = 0; i < local->jobs.n_disks; i++)
    {
      const VckcQmpBackupDisk *disk = &local->jobs.disks[i];

      if (!vckc_remote_file_system_find (g_array_index (local->fds, int, i), disk->file, disk->path,
                                         &file_system, err))
        return false;
      if (file_system == NULL)
        continue;
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "the scratch file '%s' of disk '%s' is on a file system that depends on a "
                      "network or on another program (%s), for which the running guest must not "
                      "wait; name a file on a file system of this host",
                      disk->file, disk->target, file_system);
      return false;
    }
  return true;
}

VckcBlockBackup *
vckc_running_pull_open (VckcLocalSession *session, const VckcBlockBackupPlan *plan, VckcError **err)
{
  RunningPull *self = running_pull_new (session, plan, true, err);
  bool opened = self != NULL && running_pull_check_files (self, err)
                && running_pull_take_server (self, plan->server, err);

  /* What QEMU has opened it could not close again if that were cancelled. */
  vckc_qmp_client_begin_change (session->machine,
                                ((VckcLocalBackend *) session->session.backend)->machine_timeout);
  opened = opened && vckc_running_backup_open_files (&self->running, session->machine, err);

  if (self == NULL || vckc_local_session_check_peer (session, opened, err))
    return self != NULL ? &self->running.local.backup : NULL;
  vckc_qmp_backup_close_targets (session->machine, &self->running.local.jobs, NULL);
  running_pull_free (&self->running.local.backup);
  return NULL;
}

/* What is left of one that was not begun completely is found, too. */
bool
vckc_running_pull_attach (VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          VckcBlockBackup **ret_backup,
                          VckcError **err)
{
  RunningPull *self = running_pull_new (session, plan, false, err);
  g_autofree VckcQmpBackupProgress *jobs = g_new0 (VckcQmpBackupProgress, plan->n_disks);
  guint n_offered = 0;
  bool known = self != NULL
               && vckc_qmp_backup_query (session->machine, &self->running.local.jobs, jobs, err)
               && vckc_qmp_exports_count (session->machine, &self->exports, &n_offered, err);
  bool any = false;

  known =
      known && vckc_qmp_backup_has_targets (session->machine, &self->running.local.jobs, &any, err);
  any = any || n_offered > 0;
  for (guint i = 0; i < plan->n_disks; i++)
    {
      any = any || (known && jobs[i].state != VCKC_QMP_BACKUP_MISSING);
      vckc_qmp_backup_progress_clear (&jobs[i]);
    }
  if (self != NULL)
    {
      vckc_running_backup_find_reserved (&self->running);
      self->serves = n_offered > 0;
    }
  if (any)
    *ret_backup = &self->running.local.backup;
  else if (self != NULL)
    running_pull_free (&self->running.local.backup);
  return known;
}
