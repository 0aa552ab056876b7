/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/bitmap-state.h"

VckcCheckpointState
vckc_disk_state (const VckcCheckpointDiskDef *disk, const VckcBlockBitmap *bitmap, guint64 capacity)
{
  if (bitmap == NULL)
    return VCKC_CHECKPOINT_STATE_MISSING;
  if (bitmap->inconsistent)
    return VCKC_CHECKPOINT_STATE_INCONSISTENT;
  if (!bitmap->recording || !bitmap->persistent)
    return VCKC_CHECKPOINT_STATE_NOT_RECORDING;
  if (disk->granularity > 0 && (guint64) disk->granularity != bitmap->granularity)
    return VCKC_CHECKPOINT_STATE_REPLACED;
  if (disk->capacity > 0 && (guint64) disk->capacity != capacity)
    return VCKC_CHECKPOINT_STATE_RESIZED;
  return bitmap->busy ? VCKC_CHECKPOINT_STATE_BUSY : VCKC_CHECKPOINT_STATE_READY;
}

bool
vckc_disk_state_is_usable (VckcCheckpointState state)
{
  return state == VCKC_CHECKPOINT_STATE_READY || state == VCKC_CHECKPOINT_STATE_BUSY
         || state == VCKC_CHECKPOINT_STATE_RESIZED;
}

bool
vckc_block_bitmap_is_usable (const VckcBlockBitmap *bitmap)
{
  const VckcCheckpointDiskDef any = { .granularity = -1, .capacity = -1 };

  return vckc_disk_state_is_usable (vckc_disk_state (&any, bitmap, 0));
}
