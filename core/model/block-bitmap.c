/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/block-bitmap.h"

VckcBlockBitmap *
vckc_block_bitmap_new (const char *name, guint64 granularity)
{
  VckcBlockBitmap *bitmap = g_new0 (VckcBlockBitmap, 1);

  bitmap->name = g_strdup (name);
  bitmap->granularity = granularity;
  bitmap->recording = true;
  bitmap->persistent = true;
  return bitmap;
}

VckcBlockBitmap *
vckc_block_bitmap_copy (const VckcBlockBitmap *bitmap)
{
  VckcBlockBitmap *copy;

  if (bitmap == NULL)
    return NULL;
  copy = g_memdup2 (bitmap, sizeof *bitmap);
  copy->name = g_strdup (bitmap->name);
  return copy;
}

void
vckc_block_bitmap_free (VckcBlockBitmap *bitmap)
{
  if (bitmap == NULL)
    return;

  g_free (bitmap->name);
  g_free (bitmap);
}
