/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the directory of a qcow2 image says of its bitmaps, as a description of bitmaps. */

#pragma once

#include "model/block-bitmap.h"
#include "qemu/qcow2-bitmaps.h"

/* One of them. How many bytes it marks is not counted. */
VckcBlockBitmap *vckc_qcow2_bitmap_describe (const VckcQcow2Bitmap *stored);

/* All bitmaps that were read from the open image: an array of VckcBlockBitmap. What they mark is
 * counted, but for those that are inconsistent or damaged. */
GPtrArray *vckc_qcow2_bitmaps_describe (int fd, const char *path, const VckcQcow2Bitmaps *bitmaps);
