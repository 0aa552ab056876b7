/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/offline-bitmaps.h"

#include "qemu/qcow2-bitmap-describe.h"

GPtrArray *
vckc_offline_bitmaps_list (int fd, const char *path, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) stored = vckc_qcow2_bitmaps_read (fd, path, err);
  GPtrArray *bitmaps;

  if (stored == NULL)
    return NULL;
  bitmaps = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  for (guint i = 0; i < stored->bitmaps->len; i++)
    g_ptr_array_add (bitmaps, vckc_qcow2_bitmap_describe (g_ptr_array_index (stored->bitmaps, i)));
  return bitmaps;
}
