/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-backup-size.h"

#include <string.h>

#include "qemu/qmp-backup-names.h"
#include "qemu/qmp-block.h"

/* Bitmaps mark no smaller blocks. */
#define MIN_GRANULARITY 512u
/* A chain is not followed deeper. */
#define MAX_CHAIN 1000

/* What an image and all that it is based on take on the host, which is not known of one in a block
 * device: it may be as much as there can be. */
static bool
backup_size_add_chain (const VckcQmpValue *node,
                       bool block_device,
                       guint64 *ret_bytes,
                       VckcError **err)
{
  const VckcQmpValue *image = vckc_qmp_value_get_object (node, "image", err);
  bool unknown = block_device;

  *ret_bytes = 0;
  for (guint i = 0; image != NULL && i < MAX_CHAIN; i++)
    {
      guint64 size;

      if (!vckc_qmp_value_has (image, "actual-size")
          || !vckc_qmp_value_get_uint (image, "actual-size", &size, err))
        return false;
      *ret_bytes += size;
      unknown = unknown || (size == 0 && i > 0);
      if (!vckc_qmp_value_has (image, "backing-image"))
        {
          if (unknown)
            *ret_bytes = G_MAXINT64;
          return true;
        }
      image = vckc_qmp_value_get_object (image, "backing-image", err);
    }
  return false;
}

/* What a bitmap has marked, in whole clusters of the file. */
static bool
backup_size_add_bitmap (const VckcQmpValue *node,
                        const char *name,
                        guint32 cluster_size,
                        guint64 *ret_bytes,
                        VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = vckc_qmp_block_parse_node (node, err);

  for (guint i = 0; bitmaps != NULL && i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);
      guint64 granularity = MAX (bitmap->granularity, MIN_GRANULARITY);

      if (strcmp (bitmap->name, name) != 0)
        continue;
      *ret_bytes = bitmap->dirty / granularity * MAX (granularity, cluster_size);
      return true;
    }
  return false;
}

static bool
backup_size_measure_disk (const VckcQmpValue *node,
                          const VckcQmpBackup *backup,
                          const VckcQmpBackupDisk *disk,
                          bool started,
                          guint64 *ret_bytes,
                          VckcError **err)
{
  g_autofree char *copy = vckc_qmp_backup_get_bitmap (backup);
  bool found = node != NULL
               && (disk->base == NULL || backup->exports != NULL
                       ? backup_size_add_chain (node, disk->block_device, ret_bytes, err)
                       : backup_size_add_bitmap (node, started ? copy : disk->base,
                                                 disk->cluster_size, ret_bytes, err));

  if (!found && (err == NULL || *err == NULL))
    vckc_set_error (err, VCKC_ERROR_INTERNAL,
                    "QEMU does not say how much of disk '%s' there is to copy", disk->target);
  return found;
}

bool
vckc_qmp_backup_measure (VckcQmpClient *client,
                         const VckcQmpBackup *backup,
                         bool started,
                         guint64 *bytes,
                         VckcError **err)
{
  g_autoptr (VckcQmpReply) reply =
      vckc_qmp_client_execute (client, "query-named-block-nodes", NULL, err);
  g_autoptr (GHashTable) nodes = NULL;
  const VckcQmpValue *list =
      reply != NULL ? vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err) : NULL;

  if (list != NULL)
    nodes = vckc_qmp_block_index_nodes (list, err);
  for (guint i = 0; nodes != NULL && i < backup->n_disks; i++)
    if (!backup_size_measure_disk (g_hash_table_lookup (nodes, backup->disks[i].node), backup,
                                   &backup->disks[i], started, &bytes[i], err))
      return false;
  return nodes != NULL;
}

/* Tables of the second level take 16 bytes per cluster at most, in the smallest clusters 1/32 of
 * the disk; counts of references 8 bytes. */
guint64
vckc_qmp_backup_get_file_size (const VckcQmpBackupDisk *disk, guint64 capacity, guint64 bytes)
{
  guint64 cluster_size = MAX (disk->cluster_size, MIN_GRANULARITY);
  guint64 data = MIN (bytes, capacity);

  if (disk->cluster_size == 0)
    return capacity;
  return data + capacity / cluster_size * 16 + (data / cluster_size + 64) * 8 + 64 * cluster_size;
}
