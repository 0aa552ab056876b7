/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* All simulated images of a backend, by the paths that disks name; there is one at every path. From
 * any thread. */

#pragma once

#include "drivers/memory/memory-image.h"
#include "managed/backends/block-backend.h"

typedef struct _VckcMemoryImages VckcMemoryImages;

VckcMemoryImages *vckc_memory_images_new (void);
void vckc_memory_images_free (VckcMemoryImages *self);

/* An array of VckcBlockBitmap. */
GPtrArray *vckc_memory_images_list_bitmaps (VckcMemoryImages *self, const char *path);
/* NULL if there is none of that name, as is the next. */
VckcBlockBitmap *
vckc_memory_images_find_bitmap (VckcMemoryImages *self, const char *path, const char *name);
/* The numbers of the granules that it marks. */
GArray *
vckc_memory_images_copy_granules (VckcMemoryImages *self, const char *path, const char *name);

/* How many bytes of the image were ever written, in full granules. */
guint64 vckc_memory_images_count_written (VckcMemoryImages *self, const char *path);

/* What a disk holds at one moment. */
typedef struct
{
  guint disk;       /* of those that are given */
  const char *base; /* (nullable), borrowed: a bitmap of it */
  guint64 *written; /* (nullable), owned: see vckc_memory_image_copy_written() */
  GArray *dirty;    /* (nullable), owned: the numbers of the granules that the base marks */
} VckcMemoryPoint;

void vckc_memory_point_clear (VckcMemoryPoint *point);

/* Adds the bitmaps, all or none, at the moment at which the disks are as the points have them
 * then. */
bool vckc_memory_images_take_point (VckcMemoryImages *self,
                                    const VckcBlockDisk *disks,
                                    const VckcBlockBitmapRef *bitmaps,
                                    guint n_bitmaps,
                                    VckcMemoryPoint *points,
                                    guint n_points,
                                    VckcError **err);
/* All or none. */
bool vckc_memory_images_remove_bitmaps (VckcMemoryImages *self,
                                        const VckcBlockDisk *disks,
                                        const VckcBlockBitmapRef *bitmaps,
                                        guint n_bitmaps,
                                        VckcError **err);

void
vckc_memory_images_write (VckcMemoryImages *self, const char *path, guint64 offset, guint64 length);
/* The same at the beginning of every image. */
void vckc_memory_images_write_all (VckcMemoryImages *self, guint64 length);

/* False if there is none. */
bool vckc_memory_images_lose_bitmap (VckcMemoryImages *self, const char *path, const char *name);
bool vckc_memory_images_break_bitmap (VckcMemoryImages *self, const char *path, const char *name);
