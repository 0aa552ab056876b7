/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qmp-block.h"

#include <string.h>

void
vckc_qmp_block_set_image_held (const char *path, const char *target, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "the image '%s' of disk '%s' is held by another program, such as a running QEMU; "
                  "stop it first",
                  path, target);
}

static void
qmp_block_set_open_error (const VckcQmpDisk *disk, const char *refusal, VckcError **err)
{
  if (g_str_has_prefix (refusal, "Failed to get ") && g_str_has_suffix (refusal, " lock"))
    vckc_qmp_block_set_image_held (disk->path, disk->target, err);
  else
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "QEMU cannot open the image '%s' of disk '%s': %s", disk->path, disk->target,
                    refusal);
  vckc_error_set_of_disk (err);
}

static guint64
qmp_block_send_open (VckcQmpClient *client,
                     const VckcQmpDisk *disk,
                     bool read_only,
                     VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "driver", disk->raw ? "raw" : "qcow2");
  vckc_qmp_args_add_string (args, "node-name", disk->node);
  vckc_qmp_args_add_bool (args, "read-only", read_only);
  vckc_qmp_args_add_null (args, "backing");
  vckc_qmp_args_begin_object (args, "file");
  vckc_qmp_args_add_string (args, "driver", disk->block_device ? "host_device" : "file");
  vckc_qmp_args_add_string (args, "filename", disk->path);
  if (disk->locked)
    vckc_qmp_args_add_string (args, "locking", "off");
  vckc_qmp_args_end_object (args);
  return vckc_qmp_client_send (client, "blockdev-add", args, err);
}

/* Waits for the replies of all disks; an id is 0 if nothing was sent. */
static bool
qmp_block_wait_open (VckcQmpClient *client,
                     const VckcQmpDisk *disks,
                     const guint64 *ids,
                     guint n_disks,
                     VckcError **err)
{
  for (guint i = 0; i < n_disks; i++)
    {
      g_autoptr (VckcQmpReply) reply =
          ids[i] != 0 ? vckc_qmp_client_wait (client, ids[i], err) : NULL;

      if (ids[i] == 0)
        continue;
      if (reply == NULL)
        return false;
      if (vckc_qmp_reply_get_refusal (reply) == NULL)
        continue;
      qmp_block_set_open_error (&disks[i], vckc_qmp_reply_get_refusal (reply), err);
      return false;
    }
  return true;
}

bool
vckc_qmp_block_open (VckcQmpClient *client,
                     const VckcQmpDisk *disks,
                     guint n_disks,
                     bool read_only,
                     VckcError **err)
{
  g_autofree guint64 *ids = g_new0 (guint64, n_disks);

  for (guint i = 0; i < n_disks; i++)
    if (!disks[i].hidden && (ids[i] = qmp_block_send_open (client, &disks[i], read_only, err)) == 0)
      return false;
  return qmp_block_wait_open (client, disks, ids, n_disks, err);
}

bool
vckc_qmp_block_close (VckcQmpClient *client, const VckcQmpDisk *disk, VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node-name", disk->node);
  reply = vckc_qmp_client_execute (client, "blockdev-del", args, err);
  if (reply == NULL || vckc_qmp_reply_get_refusal (reply) == NULL)
    return reply != NULL;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "QEMU cannot close the image '%s' of disk '%s': %s", disk->path, disk->target,
                  vckc_qmp_reply_get_refusal (reply));
  return false;
}

/* An optional member; false if it is missing. */
static bool
qmp_block_get_flag (const VckcQmpValue *value, const char *name, bool *ret, VckcError **err)
{
  return !vckc_qmp_value_has (value, name) || vckc_qmp_value_get_bool (value, name, ret, err);
}

static VckcBlockBitmap *
qmp_block_parse_bitmap (const VckcQmpValue *value, VckcError **err)
{
  const char *name = vckc_qmp_value_get_string (value, "name", err);
  VckcBlockBitmap *bitmap;

  if (name == NULL)
    return NULL;
  bitmap = vckc_block_bitmap_new (name, 0);
  bitmap->is_counted = true;
  if (vckc_qmp_value_get_uint (value, "granularity", &bitmap->granularity, err)
      && vckc_qmp_value_get_uint (value, "count", &bitmap->dirty, err)
      && vckc_qmp_value_get_bool (value, "recording", &bitmap->recording, err)
      && vckc_qmp_value_get_bool (value, "persistent", &bitmap->persistent, err)
      && vckc_qmp_value_get_bool (value, "busy", &bitmap->busy, err)
      && qmp_block_get_flag (value, "inconsistent", &bitmap->inconsistent, err))
    return bitmap;
  vckc_block_bitmap_free (bitmap);
  return NULL;
}

GPtrArray *
vckc_qmp_block_parse_node (const VckcQmpValue *node, VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  const VckcQmpValue *list;

  if (!vckc_qmp_value_has (node, "dirty-bitmaps"))
    return g_steal_pointer (&bitmaps);
  list = vckc_qmp_value_get_array (node, "dirty-bitmaps", err);
  if (list == NULL)
    return NULL;
  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *value = vckc_qmp_array_get_element (list, i);
      VckcBlockBitmap *bitmap;

      if (!vckc_qmp_value_has (value, "name"))
        continue;
      bitmap = qmp_block_parse_bitmap (value, err);
      if (bitmap == NULL)
        return NULL;
      g_ptr_array_add (bitmaps, bitmap);
    }
  return g_steal_pointer (&bitmaps);
}

GHashTable *
vckc_qmp_block_index_nodes (const VckcQmpValue *list, VckcError **err)
{
  g_autoptr (GHashTable) nodes = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < vckc_qmp_array_get_length (list); i++)
    {
      const VckcQmpValue *node = vckc_qmp_array_get_element (list, i);
      const char *name = vckc_qmp_value_get_string (node, "node-name", err);

      if (name == NULL)
        return NULL;
      g_hash_table_insert (nodes, (gpointer) name, (gpointer) node);
    }
  return g_steal_pointer (&nodes);
}

static GPtrArray *
qmp_block_parse_nodes (const VckcQmpValue *list,
                       const VckcQmpDisk *disks,
                       guint n_disks,
                       VckcError **err)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) nodes = vckc_qmp_block_index_nodes (list, err);

  if (nodes == NULL)
    return NULL;
  for (guint i = 0; i < n_disks; i++)
    {
      const VckcQmpValue *node = g_hash_table_lookup (nodes, disks[i].node);
      GPtrArray *bitmaps;

      if (disks[i].hidden)
        {
          g_ptr_array_add (
              all, g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free));
          continue;
        }
      if (node == NULL)
        {
          vckc_set_error (err, VCKC_ERROR_INTERNAL,
                          "QEMU no longer knows the image '%s' of disk '%s'", disks[i].path,
                          disks[i].target);
          return NULL;
        }
      bitmaps = vckc_qmp_block_parse_node (node, err);
      if (bitmaps == NULL)
        return NULL;
      g_ptr_array_add (all, bitmaps);
    }
  return g_steal_pointer (&all);
}

GPtrArray *
vckc_qmp_block_list (VckcQmpClient *client,
                     const VckcQmpDisk *disks,
                     guint n_disks,
                     VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  VckcQmpArgs *args = vckc_qmp_args_new ();
  const VckcQmpValue *list;

  vckc_qmp_args_add_bool (args, "flat", true);
  reply = vckc_qmp_client_execute (client, "query-named-block-nodes", args, err);
  if (reply == NULL)
    return NULL;
  if (vckc_qmp_reply_get_refusal (reply) != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU cannot list its images: %s",
                      vckc_qmp_reply_get_refusal (reply));
      return NULL;
    }
  list = vckc_qmp_value_get_array (vckc_qmp_reply_get_value (reply), NULL, err);
  return list != NULL ? qmp_block_parse_nodes (list, disks, n_disks, err) : NULL;
}

static const VckcBlockBitmap *
qmp_block_find (GPtrArray *bitmaps, const char *name)
{
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (bitmaps, i);

      if (strcmp (bitmap->name, name) == 0)
        return bitmap;
    }
  return NULL;
}

/* The kinds of change, by the action of QMP's transaction. */
typedef struct
{
  const char *action;
  bool adds;
} VckcQmpChange;

static const VckcQmpChange qmp_block_add_change = { "block-dirty-bitmap-add", true };
static const VckcQmpChange qmp_block_remove_change = { "block-dirty-bitmap-remove", false };

static VckcQmpReply *
qmp_block_transact (VckcQmpClient *client,
                    const VckcQmpChange *change,
                    const VckcQmpDisk *disks,
                    const VckcBlockBitmapRef *bitmaps,
                    guint n_bitmaps,
                    VckcError **err)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_array (args, "actions");
  for (guint i = 0; i < n_bitmaps; i++)
    {
      vckc_qmp_args_begin_object (args, NULL);
      vckc_qmp_args_add_string (args, "type", change->action);
      vckc_qmp_args_begin_object (args, "data");
      vckc_qmp_args_add_string (args, "node", disks[bitmaps[i].disk].node);
      vckc_qmp_args_add_string (args, "name", bitmaps[i].name);
      if (change->adds)
        vckc_qmp_args_add_bool (args, "persistent", true);
      vckc_qmp_args_end_object (args);
      vckc_qmp_args_end_object (args);
    }
  vckc_qmp_args_end_array (args);
  return vckc_qmp_client_execute (client, "transaction", args, err);
}

/* Sets an error, and returns true, if this bitmap is why QEMU refused. */
static bool
qmp_block_find_cause (const VckcQmpChange *change,
                      const VckcQmpDisk *disk,
                      const char *name,
                      const VckcBlockBitmap *bitmap,
                      VckcError **err)
{
  if (change->adds && bitmap != NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "the image '%s' of disk '%s' has a bitmap '%s' already; choose another name, "
                    "redefine the checkpoint, or remove the bitmap with 'qemu-img bitmap --remove'",
                    disk->path, disk->target, name);
  else if (!change->adds && bitmap == NULL)
    vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                    "the image '%s' of disk '%s' has no bitmap '%s'", disk->path, disk->target,
                    name);
  else if (bitmap != NULL && bitmap->busy)
    vckc_set_error (
        err, VCKC_ERROR_BUSY,
        "the bitmap '%s' in the image '%s' of disk '%s' is used by a job; let that end first", name,
        disk->path, disk->target);
  else
    return false;
  return true;
}

bool
vckc_qmp_block_check (const VckcQmpDisk *disks,
                      const GPtrArray *all,
                      const VckcBlockBitmapRef *bitmaps,
                      guint n_bitmaps,
                      bool add,
                      VckcError **err)
{
  for (guint i = 0; i < n_bitmaps; i++)
    {
      GPtrArray *there = g_ptr_array_index (all, bitmaps[i].disk);

      if (qmp_block_find_cause (add ? &qmp_block_add_change : &qmp_block_remove_change,
                                &disks[bitmaps[i].disk], bitmaps[i].name,
                                qmp_block_find (there, bitmaps[i].name), err))
        return false;
    }
  return true;
}

/* QEMU's message with the names of nodes replaced by those of the disks. */
static char *
qmp_block_translate (const char *refusal, const VckcQmpDisk *disks, guint n_disks)
{
  g_autoptr (GString) text = g_string_new (refusal);

  for (guint i = 0; i < n_disks; i++)
    {
      g_autofree char *node = g_strdup_printf ("'%s'", disks[i].node);
      g_autofree char *target = g_strdup_printf ("'%s'", disks[i].target);

      g_string_replace (text, node, target, 0);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Finds out why QEMU refused: it does not say which disk, nor always the cause. */
static void
qmp_block_explain (VckcQmpClient *client,
                   const VckcQmpChange *change,
                   const VckcQmpDisk *disks,
                   guint n_disks,
                   const VckcBlockBitmapRef *bitmaps,
                   guint n_bitmaps,
                   const char *refusal,
                   VckcError **err)
{
  g_autoptr (GPtrArray) all = vckc_qmp_block_list (client, disks, n_disks, NULL);
  g_autofree char *message = NULL;

  for (guint i = 0; all != NULL && i < n_bitmaps; i++)
    {
      const VckcQmpDisk *disk = &disks[bitmaps[i].disk];
      GPtrArray *there = g_ptr_array_index (all, bitmaps[i].disk);
      const VckcBlockBitmap *bitmap = qmp_block_find (there, bitmaps[i].name);

      if (qmp_block_find_cause (change, disk, bitmaps[i].name, bitmap, err))
        return;
    }
  message = qmp_block_translate (refusal, disks, n_disks);
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "QEMU cannot %s the bitmap '%s': %s",
                  change->adds ? "add" : "remove", bitmaps[0].name, message);
}

static bool
qmp_block_change (VckcQmpClient *client,
                  const VckcQmpChange *change,
                  const VckcQmpDisk *disks,
                  guint n_disks,
                  const VckcBlockBitmapRef *bitmaps,
                  guint n_bitmaps,
                  VckcError **err)
{
  g_autoptr (VckcQmpReply) reply = NULL;
  const char *refusal;

  if (n_bitmaps == 0)
    return true;
  reply = qmp_block_transact (client, change, disks, bitmaps, n_bitmaps, err);
  if (reply == NULL)
    return false;
  refusal = vckc_qmp_reply_get_refusal (reply);
  if (refusal != NULL)
    qmp_block_explain (client, change, disks, n_disks, bitmaps, n_bitmaps, refusal, err);
  return refusal == NULL;
}

bool
vckc_qmp_block_add (VckcQmpClient *client,
                    const VckcQmpDisk *disks,
                    guint n_disks,
                    const VckcBlockBitmapRef *bitmaps,
                    guint n_bitmaps,
                    VckcError **err)
{
  return qmp_block_change (client, &qmp_block_add_change, disks, n_disks, bitmaps, n_bitmaps, err);
}

bool
vckc_qmp_block_remove (VckcQmpClient *client,
                       const VckcQmpDisk *disks,
                       guint n_disks,
                       const VckcBlockBitmapRef *bitmaps,
                       guint n_bitmaps,
                       VckcError **err)
{
  return qmp_block_change (client, &qmp_block_remove_change, disks, n_disks, bitmaps, n_bitmaps,
                           err);
}
