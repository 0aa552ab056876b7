/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Extents of a disk, read chunk by chunk from the start of the disk to its end, and how lists of
 * them are made. A list is a GArray of VckcExtent: sorted, without overlaps, neighbours with equal
 * flags joined.
 */

#pragma once

#include "base/error-private.h"
#include "vckc-extent.h"

typedef struct _VckcExtentReader VckcExtentReader;

typedef struct
{
  /* Adds the extents of the next chunk with vckc_extents_add(); there may be none. At the end of
   * the disk sets *ret_end, once all that makes the list certain was checked. Memory does not grow
   * with the disk. Not called again after the end or a failure. */
  bool (*next) (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err);

  /* Frees the reader with what it holds. Called at any time. */
  void (*free) (VckcExtentReader *reader);
} VckcExtentReaderClass;

/* The first member of the implementation's own struct. A reader belongs to one thread at a time. */
struct _VckcExtentReader
{
  const VckcExtentReaderClass *klass;
};

/* The methods of any reader. A failure has an error, and nothing else has. */
bool
vckc_extent_reader_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err);
/* NULL does nothing. */
void vckc_extent_reader_free (VckcExtentReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcExtentReader, vckc_extent_reader_free)

/* Reads to the end. *ret_bytes: how much the blocks of that size take that any extent touches; the
 * last one may be shorter. Extents with any of the flags `left_out` do not count. */
bool vckc_extent_reader_count_blocks (VckcExtentReader *reader,
                                      guint64 block_size,
                                      guint64 disk_size,
                                      unsigned int left_out,
                                      guint64 *ret_bytes,
                                      VckcError **err);

/* An empty list. */
GArray *vckc_extents_new (void);

/* Adds what begins at the end of the list or behind it. Nothing if `length` is 0. */
void vckc_extents_add (GArray *extents, guint64 offset, guint64 length, unsigned int flags);

/* Adds the extents of `dirty` to `extents`, divided where those of `map` begin and end, each with
 * the flags of both. What is not in `map` has those of `dirty` alone. */
void vckc_extents_add_merged (GArray *extents, const GArray *dirty, const GArray *map);
