/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Bitmaps that forgotten checkpoints left behind: the engine's notes on a domain. They distinguish
 * a bitmap that Vck made from one of another program, which it must not touch. A note says which
 * image the bitmap was in and what granularity it had, and no longer counts once either is another.
 */

#pragma once

#include "managed/bitmap-set.h"
#include "model/checkpoint-def.h"

typedef struct _VckcOrphanBitmaps VckcOrphanBitmaps;

/* Reads notes; lines that make no sense are passed over. NULL gives an empty set. */
VckcOrphanBitmaps *vckc_orphan_bitmaps_new (const char *notes);
VckcOrphanBitmaps *vckc_orphan_bitmaps_copy (const VckcOrphanBitmaps *orphans);
void vckc_orphan_bitmaps_free (VckcOrphanBitmaps *orphans);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcOrphanBitmaps, vckc_orphan_bitmaps_free)

/* As notes; NULL if there are none. */
char *vckc_orphan_bitmaps_format (const VckcOrphanBitmaps *orphans);

/* Is that bitmap, as it was found in that image, a noted one? */
bool vckc_orphan_bitmaps_contain (const VckcOrphanBitmaps *orphans,
                                  const char *path,
                                  const VckcBlockImage *image,
                                  const VckcBlockBitmap *bitmap);

/* Notes the bitmaps of a checkpoint that is forgotten, but those of disks that the domain does not
 * have any more. */
void vckc_orphan_bitmaps_add_checkpoint (VckcOrphanBitmaps *orphans,
                                         const VckcCheckpointDef *checkpoint,
                                         const VckcDomainDef *domain);

/* Notes the one of a disk that the checkpoint tracks, in the image at that path. */
void vckc_orphan_bitmaps_add_disk (VckcOrphanBitmaps *orphans,
                                   const VckcCheckpointDef *checkpoint,
                                   const VckcCheckpointDiskDef *disk,
                                   const char *path);

/* Strikes out one bitmap, or every bitmap of a plan. */
void vckc_orphan_bitmaps_remove (VckcOrphanBitmaps *orphans, const char *path, const char *bitmap);
void vckc_orphan_bitmaps_remove_plan (VckcOrphanBitmaps *orphans, const VckcBitmapSet *plan);
