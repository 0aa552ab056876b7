/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The state of a tracked disk, decided here alone, from its bitmap and its size. */

#pragma once

#include "model/block-bitmap.h"
#include "model/checkpoint-def.h"

/* `bitmap` as it was found, NULL if it is missing; `capacity` of the disk now, in bytes. Never
 * UNKNOWN or GONE, which the caller decides. */
VckcCheckpointState vckc_disk_state (const VckcCheckpointDiskDef *disk,
                                     const VckcBlockBitmap *bitmap,
                                     guint64 capacity);

/* Is its bitmap's contents right, so that it can be measured and backups made from it? */
bool vckc_disk_state_is_usable (VckcCheckpointState state);

/* The same of a bitmap alone; NULL, a missing bitmap, is not usable. */
bool vckc_block_bitmap_is_usable (const VckcBlockBitmap *bitmap);
