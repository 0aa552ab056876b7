/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-bitmap-describe.h"

#include "qemu/qcow2-bitmap-content.h"

VckcBlockBitmap *
vckc_qcow2_bitmap_describe (const VckcQcow2Bitmap *stored)
{
  /* A size of nonsense is one of a bitmap that is in use. */
  VckcBlockBitmap *bitmap = vckc_block_bitmap_new (
      stored->name, G_GUINT64_CONSTANT (1) << (stored->granularity_bits & 63));

  bitmap->recording = stored->recording;
  bitmap->inconsistent = stored->in_use;
  return bitmap;
}

static void
bitmap_describe_count (int fd,
                       const char *path,
                       const VckcQcow2Bitmaps *bitmaps,
                       const VckcQcow2Bitmap *stored,
                       VckcBlockBitmap *bitmap)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQcow2BitmapContent) content =
      vckc_qcow2_bitmap_content_new (fd, path, bitmaps, stored, &error);

  bitmap->is_counted =
      content != NULL && vckc_qcow2_bitmap_content_count (content, &bitmap->dirty, &error);
}

GPtrArray *
vckc_qcow2_bitmaps_describe (int fd, const char *path, const VckcQcow2Bitmaps *bitmaps)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);

  for (guint i = 0; bitmaps->valid && i < bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *stored = g_ptr_array_index (bitmaps->bitmaps, i);
      VckcBlockBitmap *bitmap = vckc_qcow2_bitmap_describe (stored);

      if (!stored->in_use)
        bitmap_describe_count (fd, path, bitmaps, stored, bitmap);
      g_ptr_array_add (all, bitmap);
    }
  return all;
}
