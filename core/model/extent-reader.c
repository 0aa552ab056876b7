/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/extent-reader.h"

bool
vckc_extent_reader_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  VckcError *error = NULL;
  bool read = reader->klass->next (reader, extents, ret_end, &error);

  return vckc_pass_result (read, error, err);
}

void
vckc_extent_reader_free (VckcExtentReader *reader)
{
  if (reader != NULL)
    reader->klass->free (reader);
}

typedef struct
{
  guint64 block_size;
  guint64 disk_size;
  guint64 end; /* of the last block that was counted */
  guint64 bytes;
} CountedBlocks;

/* Adds the blocks of an extent that were not counted yet. */
static void
counted_blocks_add (CountedBlocks *self, const VckcExtent *extent)
{
  guint64 begin = MAX (extent->offset / self->block_size * self->block_size, self->end);
  guint64 end = (extent->offset + extent->length + self->block_size - 1) / self->block_size
                * self->block_size;

  end = MIN (end, self->disk_size);
  if (end <= begin)
    return;
  self->bytes += end - begin;
  self->end = end;
}

bool
vckc_extent_reader_count_blocks (VckcExtentReader *reader,
                                 guint64 block_size,
                                 guint64 disk_size,
                                 unsigned int left_out,
                                 guint64 *ret_bytes,
                                 VckcError **err)
{
  CountedBlocks counted = { .block_size = block_size, .disk_size = disk_size };
  g_autoptr (GArray) extents = vckc_extents_new ();
  bool end = false;

  while (!end)
    {
      g_array_set_size (extents, 0);
      if (!vckc_extent_reader_next (reader, extents, &end, err))
        return false;
      for (guint i = 0; i < extents->len; i++)
        if ((g_array_index (extents, VckcExtent, i).flags & left_out) == 0)
          counted_blocks_add (&counted, &g_array_index (extents, VckcExtent, i));
    }
  *ret_bytes = counted.bytes;
  return true;
}

GArray *
vckc_extents_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (VckcExtent));
}

void
vckc_extents_add (GArray *extents, guint64 offset, guint64 length, unsigned int flags)
{
  const VckcExtent extent = { .offset = offset, .length = length, .flags = flags };
  VckcExtent *last =
      extents->len > 0 ? &g_array_index (extents, VckcExtent, extents->len - 1) : NULL;

  if (length == 0)
    return;
  g_assert (last == NULL || last->offset + last->length <= offset);
  if (last != NULL && last->offset + last->length == offset && last->flags == flags)
    last->length += length;
  else
    g_array_append_val (extents, extent);
}

/* The extent of the map that covers `offset` or is the first one behind it, from number *at on;
 * NULL: there is none. */
static const VckcExtent *
extents_seek (const GArray *map, guint *at, guint64 offset)
{
  for (; *at < map->len; (*at)++)
    {
      const VckcExtent *extent = &g_array_index (map, VckcExtent, *at);

      if (extent->offset + extent->length > offset)
        return extent;
    }
  return NULL;
}

void
vckc_extents_add_merged (GArray *extents, const GArray *dirty, const GArray *map)
{
  guint at = 0;

  for (guint i = 0; i < dirty->len; i++)
    {
      const VckcExtent *extent = &g_array_index (dirty, VckcExtent, i);
      const guint64 end = extent->offset + extent->length;

      for (guint64 offset = extent->offset; offset < end;)
        {
          const VckcExtent *known = extents_seek (map, &at, offset);
          const bool is_known = known != NULL && known->offset <= offset;
          guint64 next = end;

          if (known != NULL)
            next = MIN (end, is_known ? known->offset + known->length : known->offset);
          vckc_extents_add (extents, offset, next - offset,
                            extent->flags | (is_known ? known->flags : 0));
          offset = next;
        }
    }
}
