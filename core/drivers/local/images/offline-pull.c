/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a domain that is off, in pull mode: a storage daemon (see offline-peer.h) serves the
 * images over NBD until the backup is ended. What they hold does not change, so no scratch file is
 * needed.
 */

#include <string.h>

#include "drivers/local/images/offline-peer.h"
#include "qemu/qmp-export.h"

typedef struct
{
  VckcOfflinePeer peer;
  VckcQmpExport *offers; /* owned; strings are those of the peer */
  char *host;            /* (nullable), owned: TCP */
  guint port;            /* TCP */
  bool cancelled;
} OfflinePull;

static void
offline_pull_free (VckcBlockBackup *backup)
{
  OfflinePull *self = (OfflinePull *) backup;

  vckc_offline_peer_clear (&self->peer);
  g_free (self->offers);
  g_free (self->host);
  g_free (self);
}

static VckcQmpExports
offline_pull_get_exports (const OfflinePull *self)
{
  const VckcQmpBackup *jobs = &self->peer.local.jobs;

  return (VckcQmpExports){ jobs->id, self->offers, jobs->n_disks };
}

/* The bitmap that is offered is on the node of the image, where names are taken. */
static bool
offline_pull_check_bitmap (OfflinePull *self,
                           const VckcBlockBackupDisk *disk,
                           const char *target,
                           VckcError **err)
{
  GPtrArray *bitmaps = vckc_local_session_list_bitmaps (self->peer.local.session, disk->disk, err);

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
  VckcLocalBackup *local = &self->peer.local;

  self->offers = g_new0 (VckcQmpExport, plan->n_disks);
  for (guint i = 0; i < plan->n_disks; i++)
    {
      VckcQmpBackupDisk *disk = vckc_local_backup_get_disk (local, i);
      VckcQmpExport *offer = &self->offers[i];

      offer->target = disk->target;
      offer->node = offer->base_node = disk->node;
      offer->name = g_string_chunk_insert (local->strings, plan->disks[i].export_name);
      if (disk->base != NULL)
        offer->bitmap = g_string_chunk_insert (local->strings, plan->disks[i].export_bitmap);
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
  VckcQmpClient *qmp = vckc_offline_peer_get_qmp (&self->peer);
  const VckcQmpExports exports = offline_pull_get_exports (self);

  return vckc_qmp_exports_copy_bitmaps (qmp, &exports, err)
         && (self->host == NULL || vckc_qmp_exports_listen_tcp (qmp, self->host, self->port, err))
         && vckc_qmp_exports_add (qmp, &exports, err);
}

static bool
offline_pull_start (VckcBlockBackup *backup, VckcError **err)
{
  OfflinePull *self = (OfflinePull *) backup;

  if (!vckc_offline_peer_add_bitmaps (&self->peer, err)
      || !vckc_offline_peer_check (&self->peer, offline_pull_offer (self, err), err))
    return false;
  vckc_offline_peer_hold (&self->peer);
  return true;
}

/* Nothing happens by itself but the end of the daemon. */
static bool
offline_pull_wait (VckcBlockBackup *backup,
                   guint milliseconds,
                   VckcBlockBackupProgress *progress,
                   VckcError **err)
{
  OfflinePull *self = (OfflinePull *) backup;
  g_autoptr (VckcError) error = NULL;

  for (guint i = 0; i < self->peer.local.jobs.n_disks; i++)
    {
      vckc_block_backup_progress_clear (&progress[i]);
      progress[i].state = self->cancelled ? VCKC_BLOCK_BACKUP_COPIED : VCKC_BLOCK_BACKUP_COPYING;
    }
  if (!self->cancelled
      && !vckc_offline_peer_check (
          &self->peer,
          vckc_qmp_client_listen (vckc_offline_peer_get_qmp (&self->peer), milliseconds, &error),
          &error))
    vckc_offline_peer_set_lost (&self->peer, progress, error);
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
  g_autoptr (VckcBlockBackup) backup = &self->peer.local.backup;
  int socket = plan->server->fd;

  backup->klass = &offline_pull_class;
  self->host = socket < 0 ? g_strdup (plan->server->host) : NULL;
  self->port = plan->server->port;
  return vckc_offline_peer_init (&self->peer, session, plan, false, err)
                 && offline_pull_set_offers (self, plan, err)
                 && vckc_offline_peer_open (&self->peer, &socket, socket >= 0 ? 1 : 0, socket >= 0,
                                            err)
             ? g_steal_pointer (&backup)
             : NULL;
}
