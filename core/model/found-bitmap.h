/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The public handle of a bitmap that was found. */

#pragma once

#include "handles/handles.h"
#include "model/block-bitmap.h"

/* `image` (nullable): the path of the file that has it; `checkpoint` (nullable): that it belongs
 * to */
VckcBitmap *vckc_found_bitmap_new (const char *disk,
                                   const char *image,
                                   const VckcBlockBitmap *found,
                                   VckcBitmapOwner owner,
                                   const char *checkpoint);
