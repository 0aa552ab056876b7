/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a domain that is off, in pull mode. A storage daemon of the backup's own opens the
 * images read-only, as for a push (see offline-backup.c), and serves them over NBD until the backup
 * is ended. They stay locked against writing, so no scratch file is needed: what they hold does not
 * change.
 */

#include <string.h>

#include "drivers/local/images/image-lock.h"
#include "drivers/local/images/local-backup.h"
#include "drivers/local/images/offline-images.h"
#include "qemu/qmp-export.h"
#include "qemu/storage-daemon.h"

typedef struct
{
  VckcLocalBackup local;
  VckcQmpExport *offers;     /* owned; strings are those of `local` */
  char *host;                /* (nullable), owned: TCP */
  guint port;                /* TCP */
  VckcStorageDaemon *daemon; /* owned; NULL once it has ended; gone before the locks are */
  GPtrArray *locks;          /* (nullable), owned: of the images, once it has started */
  bool cancelled;
} OfflinePull;

static void
offline_pull_free (VckcBlockBackup *backup)
{
  OfflinePull *self = (OfflinePull *) backup;

  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  g_clear_pointer (&self->locks, g_ptr_array_unref);
  vckc_local_backup_clear (&self->local);
  g_free (self->offers);
  g_free (self->host);
  g_free (self);
}

static VckcQmpExports
offline_pull_get_exports (const OfflinePull *self)
{
  return (VckcQmpExports){ self->local.jobs.id, self->offers, self->local.jobs.n_disks };
}

/* Passes on the result of a QMP call; if the daemon is lost, says what became of it. */
static bool
offline_pull_check_peer (OfflinePull *self, bool ok, VckcError **err)
{
  if (!ok && vckc_qmp_client_is_broken (vckc_storage_daemon_get_qmp (self->daemon)))
    vckc_storage_daemon_explain (self->daemon, err);
  return ok;
}

/* With the socket, if there is one, as its first open file. */
static bool
offline_pull_start_daemon (OfflinePull *self, int socket, VckcError **err)
{
  VckcLocalSession *session = self->local.session;
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));

  if (socket >= 0)
    g_array_append_val (fds, socket);
  for (guint i = 0; i < session->locks->len; i++)
    {
      int fd = vckc_image_lock_get_fd (g_ptr_array_index (session->locks, i));

      g_array_append_val (fds, fd);
    }
  self->daemon =
      socket >= 0
          ? vckc_storage_daemon_start_server ((const int *) (void *) fds->data, fds->len, err)
          : vckc_storage_daemon_start (NULL, (const int *) (void *) fds->data, fds->len, err);
  return self->daemon != NULL;
}

/* The bitmap that is offered is on the node of the image, where names are taken. */
static bool
offline_pull_check_bitmap (OfflinePull *self,
                           const VckcBlockBackupDisk *disk,
                           const char *target,
                           VckcError **err)
{
  GPtrArray *bitmaps = vckc_local_session_list_bitmaps (self->local.session, disk->disk, err);

  for (guint i = 0; bitmaps != NULL && disk->base != NULL && i < bitmaps->len; i++)
    if (g_str_equal (((VckcBlockBitmap *) g_ptr_array_index (bitmaps, i))->name,
                     disk->export_bitmap))
      {
        vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                        "the image of disk '%s' has a bitmap '%s' already, so that what has "
                        "changed cannot be offered under that name; use another exportbitmap",
                        target, disk->export_bitmap);
        return false;
      }
  return bitmaps != NULL;
}

static bool
offline_pull_set_offers (OfflinePull *self, const VckcBlockBackupPlan *plan, VckcError **err)
{
  GStringChunk *strings = self->local.strings;

  self->offers = g_new0 (VckcQmpExport, plan->n_disks);
  for (guint i = 0; i < plan->n_disks; i++)
    {
      VckcQmpBackupDisk *disk = vckc_local_backup_get_disk (&self->local, i);
      VckcQmpExport *offer = &self->offers[i];
      g_autofree char *node = g_strdup_printf ("source%u", i);

      disk->node = g_string_chunk_insert (strings, node);
      offer->target = disk->target;
      offer->node = offer->base_node = disk->node;
      offer->name = g_string_chunk_insert (strings, plan->disks[i].export_name);
      if (disk->base != NULL)
        offer->bitmap = g_string_chunk_insert (strings, plan->disks[i].export_bitmap);
      offer->base = disk->base;
      offer->base_granularity = disk->base_granularity;
      if (!offline_pull_check_bitmap (self, &plan->disks[i], disk->target, err))
        return false;
    }
  return true;
}

static bool
offline_pull_offer (OfflinePull *self, VckcError **err)
{
  VckcQmpClient *qmp = vckc_storage_daemon_get_qmp (self->daemon);
  const VckcQmpExports exports = offline_pull_get_exports (self);

  return vckc_qmp_exports_copy_bitmaps (qmp, &exports, err)
         && (self->host == NULL || vckc_qmp_exports_listen_tcp (qmp, self->host, self->port, err))
         && vckc_qmp_exports_add (qmp, &exports, err);
}

static bool
offline_pull_start (VckcBlockBackup *backup, VckcError **err)
{
  OfflinePull *self = (OfflinePull *) backup;
  VckcLocalBackup *local = &self->local;
  VckcLocalSession *session = local->session;

  if (!vckc_offline_images_change (session, local->refs, local->n_refs, true, err)
      || !offline_pull_check_peer (self, offline_pull_offer (self, err), err))
    return false;
  self->locks = g_steal_pointer (&session->locks);
  session->locks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_image_lock_free);
  for (guint i = 0; i < self->locks->len; i++)
    vckc_image_lock_allow_reading (g_ptr_array_index (self->locks, i));
  local->session = NULL;
  return true;
}

/* Nothing happens by itself but the end of the daemon, which is ours, so that it is certain. */
static bool
offline_pull_wait (VckcBlockBackup *backup,
                   guint milliseconds,
                   VckcBlockBackupProgress *progress,
                   VckcError **err)
{
  OfflinePull *self = (OfflinePull *) backup;
  g_autoptr (VckcError) error = NULL;
  VckcBlockBackupState state =
      self->cancelled ? VCKC_BLOCK_BACKUP_COPIED : VCKC_BLOCK_BACKUP_COPYING;

  if (!self->cancelled
      && !offline_pull_check_peer (
          self,
          vckc_qmp_client_listen (vckc_storage_daemon_get_qmp (self->daemon), milliseconds, &error),
          &error))
    state = VCKC_BLOCK_BACKUP_LOST;
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    {
      vckc_block_backup_progress_clear (&progress[i]);
      progress[i].state = state;
      if (state == VCKC_BLOCK_BACKUP_LOST)
        progress[i].error = g_strdup (vckc_error_get_message (error));
    }
  return true;
}

static bool
offline_pull_cancel (VckcBlockBackup *backup, VckcError **err)
{
  ((OfflinePull *) backup)->cancelled = true;
  return true;
}

static bool
offline_pull_finish (VckcBlockBackup *backup, VckcError **err)
{
  return true;
}

/* All goes with the daemon, clients too. */
static bool
offline_pull_forget (VckcBlockBackup *backup, VckcError **err)
{
  return true;
}

static const VckcBlockBackupClass offline_pull_class = {
  .start = offline_pull_start,
  .wait = offline_pull_wait,
  .cancel = offline_pull_cancel,
  .finish = offline_pull_finish,
  .forget = offline_pull_forget,
  .free = offline_pull_free,
};

VckcBlockBackup *
vckc_offline_pull_open (VckcLocalSession *session, const VckcBlockBackupPlan *plan, VckcError **err)
{
  OfflinePull *self = g_new0 (OfflinePull, 1);
  g_autoptr (VckcBlockBackup) backup = &self->local.backup;
  bool opened;

  backup->klass = &offline_pull_class;
  self->host = plan->server->fd < 0 ? g_strdup (plan->server->host) : NULL;
  self->port = plan->server->port;
  if (!vckc_local_backup_init (&self->local, session, plan, false, err)
      || !offline_pull_set_offers (self, plan, err)
      || !offline_pull_start_daemon (self, plan->server->fd, err))
    return NULL;
  self->local.jobs.n_bitmaps = 0;
  opened = vckc_qmp_backup_open_sources (vckc_storage_daemon_get_qmp (self->daemon),
                                         &self->local.jobs, err);
  return offline_pull_check_peer (self, opened, err) ? g_steal_pointer (&backup) : NULL;
}
