/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Whether the bitmap of a checkpoint has recorded all that was written. A bitmap that was cleared,
 * made anew or off for a while looks like any other. But what was written since the checkpoint
 * before it is known twice: the bitmap of that one has it, and it is what the backup between the
 * two has copied, with what was written since then. Both must be the same blocks.
 */

#pragma once

#include "model/extent-reader.h"

/* In blocks. */
typedef struct
{
  guint64 missing; /* that only the older bitmap has: the newer one lacks them */
  guint64 extra;   /* that the older bitmap lacks */
} VckcIdentity;

/* Compares `older`, what was written since the checkpoint before, with `blocks`, what the backup
 * has copied, and `newer`, what was written since its own checkpoint. Blocks of `block_size` bytes
 * are compared, which is to be the largest of the three block sizes; a block counts with any part
 * of it. The readers are read to their ends; memory does not grow with them. */
bool vckc_identity_compare (VckcExtentReader *older,
                            VckcExtentReader *blocks,
                            VckcExtentReader *newer,
                            guint64 block_size,
                            VckcIdentity *ret_identity,
                            VckcError **err);

/* Why the bitmap of `newer` on the disk cannot be relied on, a part of a sentence; NULL if all
 * blocks are the same. */
char *vckc_identity_explain (const VckcIdentity *identity,
                             const char *older,
                             const char *newer,
                             const char *target);
