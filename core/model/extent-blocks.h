/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Changed extents in whole blocks, for what copies blocks: a block that was changed anywhere has to
 * be read, unless all of it was changed and reads as zeroes.
 */

#pragma once

#include "model/extent-reader.h"

typedef struct
{
  guint64 block_size;
  guint64 disk_size;
  /* The block that an extent began or ended in and that another one may reach into. */
  guint64 offset;
  guint64 zeroes; /* how much of it is DIRTY and ZERO */
  bool has_data;
} VckcExtentBlocks;

void vckc_extent_blocks_init (VckcExtentBlocks *self, guint64 block_size, guint64 disk_size);

/* Adds what is certain after an extent to `blocks`: extents with the flag ZERO or DATA, at whole
 * blocks, the last one at the end of the disk. What is not DIRTY adds nothing. */
void vckc_extent_blocks_add (VckcExtentBlocks *self, const VckcExtent *extent, GArray *blocks);
/* The same after the last one. */
void vckc_extent_blocks_end (VckcExtentBlocks *self, GArray *blocks);
