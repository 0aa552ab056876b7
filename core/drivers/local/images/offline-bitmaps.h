/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The bitmaps of an image that no program uses, as they are stored in it: read without QEMU. */

#pragma once

#include "base/error-private.h"
#include "model/block-bitmap.h"

/* All bitmaps of the open image, of VckcBlockBitmap, which are not counted; NULL if they cannot be
 * read. */
GPtrArray *vckc_offline_bitmaps_list (int fd, const char *path, VckcError **err);
