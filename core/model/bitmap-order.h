/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A bitmap holds all that was written since its checkpoint, so the bitmap of a checkpoint holds at
 * least as much as those of its descendants on the same disk. One that holds less was cleared,
 * replaced, or off in between.
 */

#pragma once

#include "model/block-bitmap.h"
#include "model/checkpoint-tree.h"

/* The good bitmap of a checkpoint on the disk that is looked at; NULL if there is none. */
typedef const VckcBlockBitmap *(*VckcBitmapOfFunc) (const VckcCheckpointDef *checkpoint,
                                                    gpointer data);

/* Called with a checkpoint whose bitmap holds less than that of `descendant`. */
typedef void (*VckcBitmapShortFunc) (const VckcCheckpointDef *checkpoint,
                                     const VckcBlockBitmap *bitmap,
                                     const VckcCheckpointDef *descendant,
                                     const VckcBlockBitmap *fuller,
                                     gpointer data);

/* Compares the bitmaps of all checkpoints on one disk. Time: the number of checkpoints. */
void vckc_bitmap_order_check (const VckcCheckpointTree *tree,
                              VckcBitmapOfFunc bitmap_of,
                              VckcBitmapShortFunc report,
                              gpointer data);

/* What is wrong with a bitmap that holds less than that of the checkpoint `descendant`. */
char *vckc_bitmap_order_explain (const VckcBlockBitmap *bitmap,
                                 const char *descendant,
                                 const VckcBlockBitmap *fuller);

/* Does a bitmap hold less than that of a descendant? Bitmaps of another granularity count
 * differently and are not compared. */
bool vckc_bitmap_order_is_short (const VckcBlockBitmap *bitmap, const VckcBlockBitmap *descendant);
