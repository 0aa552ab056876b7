/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/extent-blocks.h"

#define NO_BLOCK G_MAXUINT64

void
vckc_extent_blocks_init (VckcExtentBlocks *self, guint64 block_size, guint64 disk_size)
{
  *self =
      (VckcExtentBlocks){ .block_size = block_size, .disk_size = disk_size, .offset = NO_BLOCK };
}

void
vckc_extent_blocks_end (VckcExtentBlocks *self, GArray *blocks)
{
  guint64 length;

  if (self->offset == NO_BLOCK)
    return;
  length = MIN (self->block_size, self->disk_size - self->offset);
  vckc_extents_add (blocks, self->offset, length,
                    self->has_data || self->zeroes < length ? VCKC_EXTENT_DATA : VCKC_EXTENT_ZERO);
  self->offset = NO_BLOCK;
}

/* A part of the block that begins at `start`. */
static void
extent_blocks_add_part (VckcExtentBlocks *self,
                        guint64 start,
                        guint64 length,
                        bool is_zero,
                        GArray *blocks)
{
  if (self->offset != start)
    {
      vckc_extent_blocks_end (self, blocks);
      self->offset = start;
      self->zeroes = 0;
      self->has_data = false;
    }
  if (is_zero)
    self->zeroes += length;
  else
    self->has_data = true;
}

void
vckc_extent_blocks_add (VckcExtentBlocks *self, const VckcExtent *extent, GArray *blocks)
{
  const bool is_zero = (extent->flags & VCKC_EXTENT_ZERO) != 0;
  const guint64 end = extent->offset + extent->length;
  guint64 offset = extent->offset;

  if ((extent->flags & VCKC_EXTENT_DIRTY) == 0)
    return;
  while (offset < end)
    {
      const guint64 start = offset / self->block_size * self->block_size;
      const guint64 whole =
          end == self->disk_size ? end : end / self->block_size * self->block_size;
      guint64 next = MIN (end, start + self->block_size);

      if (offset == start && whole > start)
        {
          next = whole;
          vckc_extent_blocks_end (self, blocks);
          vckc_extents_add (blocks, offset, next - offset,
                            is_zero ? VCKC_EXTENT_ZERO : VCKC_EXTENT_DATA);
        }
      else
        extent_blocks_add_part (self, start, next - offset, is_zero, blocks);
      offset = next;
    }
}
