/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain that is off: a storage daemon copies (see offline-peer.h). */

#include "drivers/local/images/offline-peer.h"

/* Measured to be the best without a guest: more do not gain anything. */
#define WORKERS 8
#define MAX_CHUNK (1024 * 1024)
/* How often the daemon is asked how far it is, in milliseconds. */
#define PAUSE 200

static void
offline_backup_free (VckcBlockBackup *backup)
{
  vckc_offline_peer_clear ((VckcOfflinePeer *) backup);
  g_free (backup);
}

/* Both sides are open here already: the daemon follows no name of the files. */
static bool
offline_backup_open_peer (VckcOfflinePeer *self, VckcError **err)
{
  VckcLocalBackup *local = &self->local;
  bool opened;

  for (guint i = 0; i < local->fds->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("/dev/fd/%u", VCKC_STORAGE_DAEMON_FIRST_FD + i);

      vckc_local_backup_get_disk (local, i)->name = g_string_chunk_insert (local->strings, name);
    }
  if (!vckc_offline_peer_open (self, (const int *) (void *) local->fds->data, local->fds->len,
                               false, err))
    return false;
  opened = vckc_qmp_backup_open_targets (vckc_offline_peer_get_qmp (self), &local->jobs, err);
  return vckc_offline_peer_check (self, opened, err);
}

static bool
offline_backup_start (VckcBlockBackup *backup, VckcError **err)
{
  VckcOfflinePeer *self = (VckcOfflinePeer *) backup;
  const VckcQmpBackupTuning tuning = { .workers = WORKERS, .max_chunk = MAX_CHUNK };
  bool unused;
  bool started = vckc_offline_peer_add_bitmaps (self, err);

  started =
      started
      && vckc_offline_peer_check (self,
                                  vckc_qmp_backup_start (vckc_offline_peer_get_qmp (self),
                                                         &self->local.jobs, &tuning, &unused, err),
                                  err);
  if (started)
    vckc_offline_peer_hold (self);
  return started;
}

static bool
offline_backup_wait (VckcBlockBackup *backup,
                     guint milliseconds,
                     VckcBlockBackupProgress *progress,
                     VckcError **err)
{
  VckcOfflinePeer *self = (VckcOfflinePeer *) backup;
  VckcQmpClient *qmp = vckc_offline_peer_get_qmp (self);
  g_autoptr (VckcError) error = NULL;
  bool known = vckc_local_backup_query (&self->local, qmp, progress, &error);

  if (known && !vckc_local_backup_has_ended (&self->local, progress))
    known = vckc_qmp_client_listen (qmp, MIN (milliseconds, PAUSE), &error)
            && vckc_local_backup_query (&self->local, qmp, progress, &error);
  if (!vckc_offline_peer_check (self, known, &error))
    vckc_offline_peer_set_lost (self, progress, error);
  return true;
}

static bool
offline_backup_cancel (VckcBlockBackup *backup, VckcError **err)
{
  VckcOfflinePeer *self = (VckcOfflinePeer *) backup;

  return vckc_qmp_backup_cancel (vckc_offline_peer_get_qmp (self), &self->local.jobs, err);
}

static bool
offline_backup_set_speed (VckcBlockBackup *backup, guint64 speed, VckcError **err)
{
  VckcOfflinePeer *self = (VckcOfflinePeer *) backup;

  return vckc_qmp_backup_set_speed (vckc_offline_peer_get_qmp (self), &self->local.jobs, speed,
                                    err);
}

static bool
offline_backup_finish (VckcBlockBackup *backup, VckcError **err)
{
  VckcOfflinePeer *self = (VckcOfflinePeer *) backup;
  bool written = vckc_qmp_backup_flush_targets (vckc_offline_peer_get_qmp (self), &self->local.jobs,
                                                NULL, err);

  return vckc_offline_peer_check (self, written, err) && vckc_local_backup_sync (&self->local, err);
}

/* Goes with the daemon. */
static bool
offline_backup_forget (VckcBlockBackup *backup, VckcError **err)
{
  return true;
}

static const VckcBlockBackupClass offline_backup_class = {
  .start = offline_backup_start,
  .wait = offline_backup_wait,
  .cancel = offline_backup_cancel,
  .set_speed = offline_backup_set_speed,
  .finish = offline_backup_finish,
  .forget = offline_backup_forget,
  .free = offline_backup_free,
};

VckcBlockBackup *
vckc_offline_backup_open (VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          VckcError **err)
{
  VckcOfflinePeer *self = g_new0 (VckcOfflinePeer, 1);
  g_autoptr (VckcBlockBackup) backup = &self->local.backup;

  backup->klass = &offline_backup_class;
  return vckc_offline_peer_init (self, session, plan, true, err)
                 && offline_backup_open_peer (self, err)
             ? g_steal_pointer (&backup)
             : NULL;
}
