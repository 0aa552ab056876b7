/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A simulated image: its bitmaps, and what was written to it. The disk is divided into granules. A
 * write fills those that it touches with 16 bytes over and over: the offset on the disk of these 16
 * bytes, and the number of the write among all of the image, from 1 on; both of 64 bits,
 * little-endian. So it shows where a block belongs and when it was written. The rest reads as
 * zeroes.
 */

#pragma once

#include "model/block-bitmap.h"

#define VCKC_MEMORY_GRANULARITY 65536
#define VCKC_MEMORY_CAPACITY (G_GUINT64_CONSTANT (1) << 30) /* bytes of each disk */
#define VCKC_MEMORY_GRANULES ((guint) (VCKC_MEMORY_CAPACITY / VCKC_MEMORY_GRANULARITY))

/* What a bitmap marks. */
typedef struct
{
  GHashTable *granules; /* (nullable), owned: set of granule numbers, as pointers to guint64 */
  bool inconsistent;
} VckcMemoryBitmap;

typedef struct
{
  GHashTable *bitmaps; /* owned: name -> VckcMemoryBitmap */
  guint64 n_writes;
  guint64 *written; /* (nullable), owned: of each granule, the last write to it, or 0 */
} VckcMemoryImage;

VckcMemoryImage *vckc_memory_image_new (void);
void vckc_memory_image_free (gpointer image);

/* Fails if it has a bitmap of that name. */
bool vckc_memory_image_add_bitmap (VckcMemoryImage *image, const char *name);
/* False if there is none. */
bool vckc_memory_image_remove_bitmap (VckcMemoryImage *image, const char *name);
VckcMemoryBitmap *vckc_memory_image_find_bitmap (VckcMemoryImage *image, const char *name);

VckcBlockBitmap *vckc_memory_bitmap_describe (const VckcMemoryBitmap *bitmap, const char *name);
/* The numbers of the dirty granules. */
GArray *vckc_memory_bitmap_copy_granules (const VckcMemoryBitmap *bitmap);
void vckc_memory_bitmap_break (VckcMemoryBitmap *bitmap);

/* Writes, and notes that in every recording bitmap. */
void vckc_memory_image_write (VckcMemoryImage *image, guint64 offset, guint64 length);
/* Of each granule, the last write to it, or 0; NULL if there was none. */
guint64 *vckc_memory_image_copy_written (const VckcMemoryImage *image);

/* What a granule reads as, into a buffer of its size, after write number `write`. */
void vckc_memory_image_fill (guint8 *buffer, guint64 granule, guint64 write);
