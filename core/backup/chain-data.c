/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/chain-data.h"

#include <string.h>

#include "qemu/qcow2-map.h"

/* How many clusters are looked at at once. */
#define PART_CLUSTERS 8192

typedef struct
{
  VckcExtentReader reader; /* first */
  const VckcChain *chain;  /* borrowed */
  GPtrArray *maps;         /* of VckcQcow2Map, one for each level */
  guint64 unit;            /* bytes: the smallest clusters of any level */
  guint64 offset;          /* where the next part begins */
  guint8 *known;           /* of each unit of the part: ZERO, DATA, or 0 */
  GArray *extents;         /* of one level in the part */
} ChainData;

static void
chain_data_free (VckcExtentReader *reader)
{
  ChainData *self = (ChainData *) reader;

  g_ptr_array_unref (self->maps);
  g_array_unref (self->extents);
  g_free (self->known);
  g_free (self);
}

/* What is known from a level above hides it. */
static void
chain_data_note (ChainData *self, const VckcExtent *extent)
{
  guint64 first = (extent->offset - self->offset) / self->unit;
  guint64 end = (extent->offset + extent->length - self->offset + self->unit - 1) / self->unit;

  for (guint64 i = first; i < MIN (end, PART_CLUSTERS); i++)
    if (self->known[i] == 0)
      self->known[i] = (guint8) (extent->flags & (VCKC_EXTENT_ZERO | VCKC_EXTENT_DATA));
}

static bool
chain_data_look_at_level (ChainData *self, guint i, guint64 length, VckcError **err)
{
  const VckcChainLevel *level = g_ptr_array_index (self->chain->levels, i);
  guint64 size = level->disk->virtual_size;

  g_array_set_size (self->extents, 0);
  if (size > self->offset
      && !vckc_qcow2_map_add (g_ptr_array_index (self->maps, i), self->offset,
                              MIN (length, size - self->offset), 0, self->extents, err))
    return false;
  for (guint j = 0; j < self->extents->len; j++)
    chain_data_note (self, &g_array_index (self->extents, VckcExtent, j));
  return true;
}

static bool
chain_data_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  ChainData *self = (ChainData *) reader;
  guint64 size = vckc_chain_get_top (self->chain)->disk->virtual_size;
  guint64 length = MIN (self->unit * PART_CLUSTERS, size - self->offset);

  memset (self->known, 0, PART_CLUSTERS);
  for (guint i = 0; length > 0 && i < self->chain->levels->len; i++)
    if (!chain_data_look_at_level (self, i, length, err))
      return false;
  for (guint64 i = 0; i * self->unit < length; i++)
    if (self->known[i] == VCKC_EXTENT_DATA)
      vckc_extents_add (extents, self->offset + i * self->unit,
                        MIN (self->unit, length - i * self->unit), VCKC_EXTENT_DATA);
  self->offset += length;
  *ret_end = self->offset == size;
  return true;
}

static const VckcExtentReaderClass chain_data_class = { .next = chain_data_next,
                                                        .free = chain_data_free };

static bool
chain_data_add_level (ChainData *self, const VckcChainLevel *level, VckcError **err)
{
  VckcQcow2Map *map = vckc_qcow2_map_open (level->fd, level->path, err);

  if (map == NULL)
    return false;
  g_ptr_array_add (self->maps, map);
  self->unit = MIN (self->unit, level->disk->cluster_size);
  return true;
}

VckcExtentReader *
vckc_chain_data_open (const VckcChain *chain, VckcError **err)
{
  ChainData *self = g_new0 (ChainData, 1);
  g_autoptr (VckcExtentReader) reader = &self->reader;

  self->reader.klass = &chain_data_class;
  self->chain = chain;
  self->maps = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_qcow2_map_free);
  self->extents = vckc_extents_new ();
  self->known = g_malloc (PART_CLUSTERS);
  self->unit = vckc_chain_get_top (chain)->disk->cluster_size;
  for (guint i = 0; i < chain->levels->len; i++)
    if (!chain_data_add_level (self, g_ptr_array_index (chain->levels, i), err))
      return NULL;
  return g_steal_pointer (&reader);
}

bool
vckc_chain_data_count (const VckcChain *chain,
                       guint64 block_size,
                       guint64 *ret_bytes,
                       VckcError **err)
{
  g_autoptr (VckcExtentReader) reader = vckc_chain_data_open (chain, err);

  *ret_bytes = 0;
  return reader != NULL
         && vckc_extent_reader_count_blocks (
             reader, block_size, vckc_chain_get_top (chain)->disk->virtual_size, 0, ret_bytes, err);
}
