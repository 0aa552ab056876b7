/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which parts of a disk, as it was at a backup, are stored in the images of its chain, and do not
 * read as zeros anyway. */

#pragma once

#include "backup/chain.h"
#include "model/extent-reader.h"

/* Reads the tables of all levels, which must be open and stay so as long as the reader. The extents
 * are DATA, with whole clusters. What the tables are not certain of is left out. */
VckcExtentReader *vckc_chain_data_open (const VckcChain *chain, VckcError **err);

/* How many bytes blocks of that size take that have any such data; the last one may be shorter. */
bool vckc_chain_data_count (const VckcChain *chain,
                            guint64 block_size,
                            guint64 *ret_bytes,
                            VckcError **err);
