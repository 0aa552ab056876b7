/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/found-bitmap.h"

VckcBitmap *
vckc_found_bitmap_new (const char *disk,
                       const char *image,
                       const VckcBlockBitmap *found,
                       VckcBitmapOwner owner,
                       const char *checkpoint)
{
  VckcBitmap *bitmap = vckc_bitmap_new (disk, image, found->name, checkpoint);

  bitmap->granularity = (gint64) MIN (found->granularity, G_MAXINT64);
  bitmap->size =
      found->is_counted && !found->inconsistent ? (gint64) MIN (found->dirty, G_MAXINT64) : -1;
  bitmap->recording = found->recording;
  bitmap->persistent = found->persistent;
  bitmap->inconsistent = found->inconsistent;
  bitmap->busy = found->busy;
  bitmap->owner = owner;
  return bitmap;
}
