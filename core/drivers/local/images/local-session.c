/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/local-session.h"

#include "drivers/local/images/disk-check.h"

void
vckc_local_session_disconnect (VckcLocalSession *self)
{
  g_clear_pointer (&self->machine, vckc_qmp_client_free);
  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  g_ptr_array_set_size (self->locks, 0);
  for (guint i = 0; i < self->n_disks; i++)
    g_clear_pointer ((char **) &self->disks[i].node, g_free);
}

void
vckc_local_session_resume_monitor (VckcLocalSession *self)
{
  if (self->paused != NULL)
    vckc_state_monitor_resume (((VckcLocalBackend *) self->session.backend)->monitor, self->paused);
  g_clear_pointer (&self->paused, g_free);
}

void
vckc_local_session_release (VckcLocalSession *self)
{
  vckc_local_session_disconnect (self);
  vckc_local_session_resume_monitor (self);
}

void
vckc_local_session_free (VckcLocalSession *self)
{
  if (self == NULL)
    return;
  vckc_local_session_release (self);
  vckc_cancel_fd_close (self->cancel);
  g_ptr_array_unref (self->locks);
  g_clear_pointer (&self->bitmaps, g_ptr_array_unref);
  g_free (self->disks);
  g_free (self->capacities);
  g_free (self->cluster_sizes);
  g_free (self);
}

bool
vckc_local_session_set_disks (VckcLocalSession *self,
                              const VckcBlockDisk *disks,
                              guint n_disks,
                              VckcError **err)
{
  self->disks = g_new0 (VckcQmpDisk, n_disks);
  self->capacities = g_new0 (guint64, n_disks);
  self->cluster_sizes = g_new0 (guint64, n_disks);
  for (guint i = 0; i < n_disks; i++)
    {
      VckcQmpDisk *disk = &self->disks[self->n_disks++];

      disk->target = disks[i].target;
      disk->path = disks[i].path;
      disk->is_copied = disks[i].is_copied;
      disk->raw = disks[i].is_copied && g_strcmp0 (disks[i].format, "raw") == 0;
      if (!vckc_disk_check_definition (&disks[i], err))
        {
          vckc_prefix_error (err, "cannot work on disk '%s'", disk->target);
          return false;
        }
    }
  return true;
}

VckcQmpClient *
vckc_local_session_get_qmp (VckcLocalSession *self)
{
  return self->machine != NULL ? self->machine : vckc_storage_daemon_get_qmp (self->daemon);
}

bool
vckc_local_session_check_peer (VckcLocalSession *self, bool ok, VckcError **err)
{
  if (ok || !vckc_qmp_client_is_broken (vckc_local_session_get_qmp (self)))
    return ok;
  if (self->daemon != NULL)
    vckc_storage_daemon_explain (self->daemon, err);
  else if (err == NULL || vckc_error_get_code (*err) != VCKC_ERROR_CANCELLED)
    vckc_prefix_error (err, "the connection to the running QEMU was lost");
  return false;
}

GPtrArray *
vckc_local_session_list_bitmaps (VckcLocalSession *self, guint disk, VckcError **err)
{
  if (self->bitmaps == NULL)
    self->bitmaps =
        vckc_qmp_block_list (vckc_local_session_get_qmp (self), self->disks, self->n_disks, err);
  return vckc_local_session_check_peer (self, self->bitmaps != NULL, err)
             ? g_ptr_array_index (self->bitmaps, disk)
             : NULL;
}
