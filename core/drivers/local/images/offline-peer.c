/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/offline-peer.h"

#include "drivers/local/images/offline-images.h"
#include "qemu/image-lock.h"

bool
vckc_offline_peer_init (VckcOfflinePeer *self,
                        VckcLocalSession *session,
                        const VckcBlockBackupPlan *plan,
                        bool fresh,
                        VckcError **err)
{
  VckcLocalBackup *local = &self->local;

  if (!vckc_local_backup_init (local, session, plan, fresh, err))
    return false;
  local->jobs.n_bitmaps = 0; /* which the daemon does not add */
  for (guint i = 0; i < plan->n_disks; i++)
    {
      g_autofree char *node = g_strdup_printf ("source%u", i);

      vckc_local_backup_get_disk (local, i)->node = g_string_chunk_insert (local->strings, node);
    }
  return true;
}

void
vckc_offline_peer_clear (VckcOfflinePeer *self)
{
  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  g_clear_pointer (&self->locks, g_ptr_array_unref);
  vckc_local_backup_clear (&self->local);
}

bool
vckc_offline_peer_open (VckcOfflinePeer *self,
                        const int *fds,
                        guint n_fds,
                        bool serves,
                        VckcError **err)
{
  GPtrArray *locks = self->local.session->locks;
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (int));
  const int *all;
  bool opened;

  if (n_fds > 0)
    g_array_append_vals (files, fds, n_fds);
  for (guint i = 0; i < locks->len; i++)
    {
      int fd = vckc_image_lock_get_fd (g_ptr_array_index (locks, i));

      g_array_append_val (files, fd);
    }
  all = (const int *) (void *) files->data;
  self->daemon = serves ? vckc_storage_daemon_start_server (all, files->len, err)
                        : vckc_storage_daemon_start (NULL, all, files->len, err);
  if (self->daemon == NULL)
    return false;
  vckc_local_backup_note_version (&self->local, vckc_offline_peer_get_qmp (self));
  opened = vckc_qmp_backup_open_sources (vckc_offline_peer_get_qmp (self), &self->local.jobs, err);
  return vckc_offline_peer_check (self, opened, err);
}

bool
vckc_offline_peer_add_bitmaps (VckcOfflinePeer *self, VckcError **err)
{
  VckcLocalBackup *local = &self->local;

  return vckc_offline_images_change (local->session, local->refs, local->n_refs, true, err);
}

void
vckc_offline_peer_hold (VckcOfflinePeer *self)
{
  VckcLocalSession *session = self->local.session;

  self->locks = g_steal_pointer (&session->locks);
  session->locks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_image_lock_free);
  for (guint i = 0; i < self->locks->len; i++)
    vckc_image_lock_allow_reading (g_ptr_array_index (self->locks, i));
  self->local.session = NULL;
}

VckcQmpClient *
vckc_offline_peer_get_qmp (VckcOfflinePeer *self)
{
  return vckc_storage_daemon_get_qmp (self->daemon);
}

bool
vckc_offline_peer_check (VckcOfflinePeer *self, bool ok, VckcError **err)
{
  return vckc_storage_daemon_check (self->daemon, ok, err);
}

void
vckc_offline_peer_set_lost (VckcOfflinePeer *self,
                            VckcBlockBackupProgress *progress,
                            const VckcError *error)
{
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    if (progress[i].state != VCKC_BLOCK_BACKUP_FAILED)
      {
        progress[i].state = VCKC_BLOCK_BACKUP_LOST;
        vckc_block_backup_progress_set_error (&progress[i], error);
      }
}
