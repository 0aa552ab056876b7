/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/plan-count.h"

#include "backup/checkpoint-extents.h"

/* QEMU copies no less at once. */
#define BLOCK_SIZE ((guint64) 65536)

/* Adds the blocks that an extent touches and that were not counted yet; zeroes need no copy. */
static void
plan_count_extent (const VckcExtent *extent, guint64 disk_size, guint64 *counted, guint64 *bytes)
{
  guint64 begin = MAX (extent->offset / BLOCK_SIZE * BLOCK_SIZE, *counted);
  guint64 end = (extent->offset + extent->length + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;

  end = MIN (end, disk_size);
  if ((extent->flags & VCKC_EXTENT_ZERO) != 0 || end <= begin)
    return;
  *bytes += end - begin;
  *counted = end;
}

bool
vckc_plan_count_bytes (VckcDomain *domain,
                       const VckcBackupPlanDisk *disk,
                       guint64 *ret_bytes,
                       VckcError **err)
{
  g_autoptr (VckcExtentReader) reader =
      vckc_checkpoint_extents_open (domain, disk->base_checkpoint, disk->target, 0, err);
  g_autoptr (GArray) extents = vckc_extents_new ();
  guint64 bytes = 0, counted = 0;
  bool end = false;

  while (reader != NULL && !end)
    {
      g_array_set_size (extents, 0);
      if (!vckc_extent_reader_next (reader, extents, &end, err))
        return false;
      for (guint i = 0; i < extents->len; i++)
        plan_count_extent (&g_array_index (extents, VckcExtent, i), disk->virtual_size, &counted,
                           &bytes);
    }
  if (reader != NULL)
    *ret_bytes = bytes;
  return reader != NULL;
}
