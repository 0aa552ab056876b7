/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/plan-count.h"

#include "backup/checkpoint-extents.h"

/* QEMU copies no less at once. */
#define BLOCK_SIZE ((guint64) 65536)

bool
vckc_plan_count_bytes (VckcDomain *domain,
                       const VckcBackupPlanDisk *disk,
                       guint64 *ret_bytes,
                       VckcError **err)
{
  g_autoptr (VckcExtentReader) reader =
      vckc_checkpoint_extents_open (domain, disk->base_checkpoint, disk->target, 0, err);

  /* Zeroes need no copy. */
  return reader != NULL
         && vckc_extent_reader_count_blocks (reader, BLOCK_SIZE, disk->virtual_size,
                                             VCKC_EXTENT_ZERO, ret_bytes, err);
}
