/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is marked in one bitmap of a qcow2 image, read part by part without any tool of QEMU.
 * Nothing in the image is trusted. */

#pragma once

#include "model/extent-reader.h"
#include "qemu/qcow2-bitmaps.h"

typedef struct _VckcQcow2BitmapContent VckcQcow2BitmapContent;

/* `bitmap` is one of `bitmaps`, which were read from the open image; neither is kept. `fd` stays
 * open, and `path`, which is for messages, is borrowed. CHECKPOINT_INCONSISTENT if the bitmap makes
 * no sense. */
VckcQcow2BitmapContent *vckc_qcow2_bitmap_content_new (int fd,
                                                       const char *path,
                                                       const VckcQcow2Bitmaps *bitmaps,
                                                       const VckcQcow2Bitmap *bitmap,
                                                       VckcError **err);
void vckc_qcow2_bitmap_content_free (VckcQcow2BitmapContent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQcow2BitmapContent, vckc_qcow2_bitmap_content_free)

/* Adds the marked extents of the next part, with the flag DIRTY and cut at the end of the disk. A
 * part has at most 65,536 of them. *ret_end is set with the last one. */
bool vckc_qcow2_bitmap_content_next (VckcQcow2BitmapContent *self,
                                     GArray *extents,
                                     bool *ret_end,
                                     VckcError **err);

/* How many bytes are marked from here to the end, in full granules. */
bool
vckc_qcow2_bitmap_content_count (VckcQcow2BitmapContent *self, guint64 *ret_bytes, VckcError **err);
