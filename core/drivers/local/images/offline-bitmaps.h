/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The bitmaps of an image that no program uses, as they are stored in it: read without QEMU. */

#pragma once

#include "model/block-bitmap.h"
#include "qemu/qcow2-bitmaps.h"

/* A bitmap of the list of an image. How many bytes it marks is not in there, and 0. */
VckcBlockBitmap *vckc_offline_bitmap_new (const VckcQcow2Bitmap *stored);

/* All bitmaps of the open image, of VckcBlockBitmap; NULL if they cannot be read. */
GPtrArray *vckc_offline_bitmaps_list (int fd, const char *path, VckcError **err);
