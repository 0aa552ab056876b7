/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a domain that is off. A storage daemon of the backup's own reads the images, which
 * stay locked against writing, and copies. It opens them read-only, so that whatever becomes of it
 * their bitmaps are as good as before; new bitmaps are added without it, as always (see
 * qcow2-bitmap-change.h). Nothing writes to the images meanwhile, so any moment is the same point
 * in time.
 */

#include "drivers/local/images/image-lock.h"
#include "drivers/local/images/local-backup.h"
#include "drivers/local/images/offline-images.h"
#include "qemu/storage-daemon.h"

/* Measured to be the best without a guest: more do not gain anything. */
#define WORKERS 8
#define MAX_CHUNK (1024 * 1024)
/* How often the daemon is asked how far it is, in milliseconds. */
#define PAUSE 200

typedef struct
{
  VckcLocalBackup local;
  VckcStorageDaemon *daemon; /* owned; gone before the locks are */
  GPtrArray *locks;          /* (nullable), owned: of the images, once it has started */
} OfflineBackup;

static void
offline_backup_free (VckcBlockBackup *backup)
{
  OfflineBackup *self = (OfflineBackup *) backup;

  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  g_clear_pointer (&self->locks, g_ptr_array_unref);
  vckc_local_backup_clear (&self->local);
  g_free (self);
}

static VckcQmpClient *
offline_backup_get_qmp (OfflineBackup *self)
{
  return vckc_storage_daemon_get_qmp (self->daemon);
}

/* Passes on the result of a QMP call; if the daemon is lost, says what became of it. */
static bool
offline_backup_check_peer (OfflineBackup *self, bool ok, VckcError **err)
{
  if (!ok && vckc_qmp_client_is_broken (offline_backup_get_qmp (self)))
    vckc_storage_daemon_explain (self->daemon, err);
  return ok;
}

/* Both sides are open here already: the daemon follows no name of the files. */
static bool
offline_backup_start_daemon (OfflineBackup *self, VckcError **err)
{
  VckcLocalBackup *local = &self->local;
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < local->fds->len; i++)
    {
      VckcQmpBackupDisk *disk = vckc_local_backup_get_disk (local, i);
      g_autofree char *node = g_strdup_printf ("source%u", i);
      g_autofree char *name =
          g_strdup_printf ("/dev/fd/%u", VCKC_STORAGE_DAEMON_FIRST_FD + fds->len);

      disk->node = g_string_chunk_insert (local->strings, node);
      disk->name = g_string_chunk_insert (local->strings, name);
      g_array_append_val (fds, g_array_index (local->fds, int, i));
    }
  for (guint i = 0; i < local->session->locks->len; i++)
    {
      int fd = vckc_image_lock_get_fd (g_ptr_array_index (local->session->locks, i));

      g_array_append_val (fds, fd);
    }
  self->daemon = vckc_storage_daemon_start (NULL, (const int *) (void *) fds->data, fds->len, err);
  return self->daemon != NULL;
}

static bool
offline_backup_start (VckcBlockBackup *backup, VckcError **err)
{
  OfflineBackup *self = (OfflineBackup *) backup;
  VckcLocalBackup *local = &self->local;
  VckcLocalSession *session = local->session;
  const VckcQmpBackupTuning tuning = { .workers = WORKERS, .max_chunk = MAX_CHUNK };
  bool unused;

  if (!vckc_offline_images_change (session, local->refs, local->n_refs, true, err)
      || !offline_backup_check_peer (self,
                                     vckc_qmp_backup_start (offline_backup_get_qmp (self),
                                                            &local->jobs, &tuning, &unused, err),
                                     err))
    return false;
  self->locks = g_steal_pointer (&session->locks);
  session->locks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_image_lock_free);
  for (guint i = 0; i < self->locks->len; i++)
    vckc_image_lock_allow_reading (g_ptr_array_index (self->locks, i));
  local->session = NULL;
  return true;
}

static void
offline_backup_set_lost (OfflineBackup *self,
                         VckcBlockBackupProgress *progress,
                         const VckcError *error)
{
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    if (progress[i].state != VCKC_BLOCK_BACKUP_FAILED)
      {
        progress[i].state = VCKC_BLOCK_BACKUP_LOST;
        g_free (progress[i].error);
        progress[i].error = g_strdup (vckc_error_get_message (error));
      }
}

/* That the daemon is gone is certain: it is ours. */
static bool
offline_backup_wait (VckcBlockBackup *backup,
                     guint milliseconds,
                     VckcBlockBackupProgress *progress,
                     VckcError **err)
{
  OfflineBackup *self = (OfflineBackup *) backup;
  VckcQmpClient *qmp = offline_backup_get_qmp (self);
  g_autoptr (VckcError) error = NULL;
  bool known = vckc_local_backup_query (&self->local, qmp, progress, &error);

  if (known && !vckc_local_backup_has_ended (&self->local, progress))
    known = vckc_qmp_client_listen (qmp, MIN (milliseconds, PAUSE), &error)
            && vckc_local_backup_query (&self->local, qmp, progress, &error);
  if (!offline_backup_check_peer (self, known, &error))
    offline_backup_set_lost (self, progress, error);
  return true;
}

static bool
offline_backup_cancel (VckcBlockBackup *backup, VckcError **err)
{
  OfflineBackup *self = (OfflineBackup *) backup;

  return vckc_qmp_backup_cancel (offline_backup_get_qmp (self), &self->local.jobs, err);
}

static bool
offline_backup_finish (VckcBlockBackup *backup, VckcError **err)
{
  OfflineBackup *self = (OfflineBackup *) backup;
  bool closed =
      vckc_qmp_backup_close_targets (offline_backup_get_qmp (self), &self->local.jobs, err);

  return offline_backup_check_peer (self, closed, err)
         && vckc_local_backup_sync (&self->local, err);
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
  .finish = offline_backup_finish,
  .forget = offline_backup_forget,
  .free = offline_backup_free,
};

VckcBlockBackup *
vckc_offline_backup_open (VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          VckcError **err)
{
  OfflineBackup *self = g_new0 (OfflineBackup, 1);
  g_autoptr (VckcBlockBackup) backup = &self->local.backup;
  bool opened;

  backup->klass = &offline_backup_class;
  if (!vckc_local_backup_init (&self->local, session, plan, true, err)
      || !offline_backup_start_daemon (self, err))
    return NULL;
  self->local.jobs.n_bitmaps = 0;
  opened = vckc_qmp_backup_open_sources (offline_backup_get_qmp (self), &self->local.jobs, err)
           && vckc_qmp_backup_open_targets (offline_backup_get_qmp (self), &self->local.jobs, err);
  return offline_backup_check_peer (self, opened, err) ? g_steal_pointer (&backup) : NULL;
}
