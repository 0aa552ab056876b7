/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a domain that is off, in pull mode: a storage daemon (see offline-peer.h) serves the
 * images over NBD until the backup is ended. What they hold does not change, so no scratch file is
 * needed.
 */

#include "drivers/local/images/offline-peer.h"
#include "managed/backends/pull-offer.h"

typedef struct
{
  VckcOfflinePeer peer;
  VckcPullOffer offer;
} OfflinePull;

static void
offline_pull_free (VckcBlockBackup *backup)
{
  OfflinePull *self = (OfflinePull *) backup;

  vckc_offline_peer_clear (&self->peer);
  vckc_pull_offer_clear (&self->offer);
  g_free (self);
}

static bool
offline_pull_add_disks (OfflinePull *self, const VckcBlockBackupPlan *plan, VckcError **err)
{
  VckcLocalBackup *local = &self->peer.local;

  for (guint i = 0; i < plan->n_disks; i++)
    {
      const VckcQmpBackupDisk *disk = vckc_local_backup_get_disk (local, i);

      if (!vckc_pull_offer_add (&self->offer, &local->session->session, &plan->disks[i],
                                disk->target, disk->node, err))
        return false;
    }
  return true;
}

static bool
offline_pull_start (VckcBlockBackup *backup, VckcError **err)
{
  OfflinePull *self = (OfflinePull *) backup;

  if (!vckc_offline_peer_add_bitmaps (&self->peer, err)
      || !vckc_pull_offer_begin (&self->offer, self->peer.daemon, err))
    return false;
  vckc_offline_peer_hold (&self->peer);
  return true;
}

static bool
offline_pull_wait (VckcBlockBackup *backup,
                   guint milliseconds,
                   VckcBlockBackupProgress *progress,
                   VckcError **err)
{
  OfflinePull *self = (OfflinePull *) backup;

  vckc_pull_offer_wait (&self->offer, self->peer.daemon, milliseconds, progress);
  return true;
}

static bool
offline_pull_cancel (VckcBlockBackup *backup, VckcError **err)
{
  ((OfflinePull *) backup)->offer.cancelled = true;
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
  vckc_pull_offer_init (&self->offer, plan);
  return vckc_offline_peer_init (&self->peer, session, plan, false, err)
                 && offline_pull_add_disks (self, plan, err)
                 && vckc_offline_peer_open (&self->peer, &socket, socket >= 0 ? 1 : 0, socket >= 0,
                                            err)
             ? g_steal_pointer (&backup)
             : NULL;
}
