/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/pull-offer.h"

#include "qemu/qmp-export.h"

void
vckc_pull_offer_init (VckcPullOffer *self, const VckcBlockBackupPlan *plan)
{
  self->strings = g_string_chunk_new (256);
  self->id = g_string_chunk_insert (self->strings, plan->id);
  self->exports = g_array_new (FALSE, FALSE, sizeof (VckcQmpExport));
  if (plan->server->fd < 0)
    self->host = g_string_chunk_insert (self->strings, plan->server->host);
  self->port = plan->server->port;
}

void
vckc_pull_offer_clear (VckcPullOffer *self)
{
  g_clear_pointer (&self->exports, g_array_unref);
  g_clear_pointer (&self->strings, g_string_chunk_free);
}

static bool
pull_offer_check_bitmap (VckcBlockSession *session,
                         const VckcBlockBackupDisk *disk,
                         const char *target,
                         VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = NULL;

  if (disk->base == NULL)
    return true;
  if (!vckc_block_session_list_bitmaps (session, disk->disk, &bitmaps, err))
    return false;
  for (guint i = 0; i < bitmaps->len; i++)
    if (g_str_equal (((VckcBlockBitmap *) g_ptr_array_index (bitmaps, i))->name,
                     disk->export_bitmap))
      {
        vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                        "the image of disk '%s' has a bitmap '%s' already, so that what has "
                        "changed cannot be offered under that name; use another exportbitmap",
                        target, disk->export_bitmap);
        return false;
      }
  return true;
}

bool
vckc_pull_offer_add (VckcPullOffer *self,
                     VckcBlockSession *session,
                     const VckcBlockBackupDisk *disk,
                     const char *target,
                     const char *node,
                     VckcError **err)
{
  VckcQmpExport export = { .target = g_string_chunk_insert (self->strings, target),
                           .name = g_string_chunk_insert (self->strings, disk->export_name),
                           .base_granularity = disk->base_granularity };

  export.node = export.base_node = g_string_chunk_insert (self->strings, node);
  if (disk->base != NULL)
    {
      export.base = g_string_chunk_insert (self->strings, disk->base);
      export.bitmap = g_string_chunk_insert (self->strings, disk->export_bitmap);
    }
  g_array_append_val (self->exports, export);
  return pull_offer_check_bitmap (session, disk, target, err);
}

bool
vckc_pull_offer_begin (VckcPullOffer *self, VckcStorageDaemon *daemon, VckcError **err)
{
  VckcQmpClient *qmp = vckc_storage_daemon_get_qmp (daemon);
  const VckcQmpExports exports = {
    .id = self->id,
    .exports = (const VckcQmpExport *) (void *) self->exports->data,
    .n_exports = self->exports->len,
  };
  bool offered =
      vckc_qmp_exports_copy_bitmaps (qmp, &exports, err)
      && (self->host == NULL || vckc_qmp_exports_listen_tcp (qmp, self->host, self->port, err))
      && vckc_qmp_exports_add (qmp, &exports, err);

  return vckc_storage_daemon_check (daemon, offered, err);
}

void
vckc_pull_offer_wait (VckcPullOffer *self,
                      VckcStorageDaemon *daemon,
                      guint milliseconds,
                      VckcBlockBackupProgress *progress)
{
  g_autoptr (VckcError) error = NULL;
  bool there =
      self->cancelled
      || vckc_storage_daemon_check (
          daemon,
          vckc_qmp_client_listen (vckc_storage_daemon_get_qmp (daemon), milliseconds, &error),
          &error);

  for (guint i = 0; i < self->exports->len; i++)
    {
      vckc_block_backup_progress_clear (&progress[i]);
      progress[i].state = self->cancelled ? VCKC_BLOCK_BACKUP_COPIED
                          : there         ? VCKC_BLOCK_BACKUP_COPYING
                                          : VCKC_BLOCK_BACKUP_LOST;
      if (!there)
        vckc_block_backup_progress_set_error (&progress[i], error);
    }
}
