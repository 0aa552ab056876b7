/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/offline-bitmaps.h"

VckcBlockBitmap *
vckc_offline_bitmap_new (const VckcQcow2Bitmap *stored)
{
  /* A size of nonsense is one of a bitmap that is in use. */
  VckcBlockBitmap *bitmap = vckc_block_bitmap_new (
      stored->name, G_GUINT64_CONSTANT (1) << (stored->granularity_bits & 63));

  bitmap->recording = stored->recording;
  bitmap->inconsistent = stored->in_use;
  return bitmap;
}

GPtrArray *
vckc_offline_bitmaps_list (int fd, const char *path, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) stored = vckc_qcow2_bitmaps_read (fd, path, err);
  GPtrArray *bitmaps;

  if (stored == NULL)
    return NULL;
  bitmaps = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  for (guint i = 0; i < stored->bitmaps->len; i++)
    g_ptr_array_add (bitmaps, vckc_offline_bitmap_new (g_ptr_array_index (stored->bitmaps, i)));
  return bitmaps;
}
