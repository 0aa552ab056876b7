/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Changed blocks: what was written to a disk since a checkpoint, as a list or piece by piece
 * through a cursor.
 */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcExtentFlags:
 * @VCKC_EXTENT_DIRTY: it was written to since the checkpoint, or lies in one block of the bitmap
 *   with what was
 * @VCKC_EXTENT_ZERO: it is certain to read as zeros, without a look at its data; a copy need not
 *   read it
 * @VCKC_EXTENT_DATA: it is stored in the image of the disk
 *
 * What is known of an extent. Without ZERO and without DATA nothing is known of its contents, which
 * are to be read as those of DATA are: it is compressed, or comes from a backing file, or the image
 * was not looked at.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_EXTENT_DIRTY = 1 << 0,
  VCKC_EXTENT_ZERO = 1 << 1,
  VCKC_EXTENT_DATA = 1 << 2,
} VckcExtentFlags;

/**
 * VckcExtentsFlags:
 * @VCKC_EXTENTS_NO_ZERO: only the bitmap is read: no extent has the flag ZERO or DATA
 *
 * How to list changed blocks.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_EXTENTS_NO_ZERO = 1 << 0,
} VckcExtentsFlags;

/**
 * VckcExtent: (attributes bindgen.boxed=Extent)
 * @offset: where it begins on the disk, in bytes
 * @length: its length in bytes, never 0
 * @flags: what is known of it
 *
 * A part of a disk that was written to.
 *
 * Since: 1.0
 */
typedef struct
{
  uint64_t offset;
  uint64_t length;
  unsigned int flags;
} VckcExtent;

/**
 * vckc_domain_checkpoint_list_extents: (attributes bindgen.return=count)
 * @checkpoint: a checkpoint
 * @disk: the target name of a disk that the checkpoint tracks, such as `vda`, or the path of its
 *   image
 * @ret_extents: (out) (array zero-terminated=0) (transfer full): return location for the extents,
 *   to be freed with free(); %NULL if there are none
 * @flags: (type VckcExtentsFlags): how to list them
 * @err: return location for an error
 *
 * Lists what was written to a disk since the checkpoint: sorted by offset, without overlaps,
 * neighbours with equal flags joined, the last one cut at the end of the disk. Offsets and lengths
 * are multiples of the granularity of the bitmap or of the blocks of the image, whichever is
 * smaller, except at the end of the disk.
 *
 * The whole list is in memory, 24 bytes per extent; it has at most 16,777,216 of them.
 * vckc_domain_checkpoint_open_extents() reads any number piece by piece.
 *
 * A disk that has grown since is listed as its bitmap is, in which the new part is marked where it
 * was written to.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or names no disk of the domain or one that
 * the checkpoint does not track, or when @flags are unknown, with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT
 * when the checkpoint no longer exists, with %VCKC_ERROR_CHECKPOINT_INCONSISTENT when the bitmap
 * cannot be trusted: it is missing or damaged, was in use when its writer died, was switched off,
 * or the image or bitmap is not that of the checkpoint, with %VCKC_ERROR_OPERATION_INVALID when the
 * disk is smaller than when the checkpoint was made, with %VCKC_ERROR_OPERATION_UNSUPPORTED when
 * there are too many extents for a list, or the image of the disk is not there or cannot keep
 * bitmaps, with %VCKC_ERROR_BUSY when another operation holds the domain or another program the
 * image, with %VCKC_ERROR_SYSTEM_ERROR when the image cannot be read, and with
 * %VCKC_ERROR_NO_SUPPORT when the driver does not have the call.
 *
 * Returns: how many extents there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_checkpoint_list_extents (VckcDomainCheckpoint *checkpoint,
                                         const char *disk,
                                         VckcExtent **ret_extents,
                                         unsigned int flags,
                                         VckcError **err);

/**
 * vckc_domain_checkpoint_open_extents: (attributes bindgen.reader=1)
 * @checkpoint: a checkpoint
 * @disk: the target name of a disk that the checkpoint tracks, such as `vda`, or the path of its
 *   image
 * @flags: (type VckcExtentsFlags): how to read them
 * @err: return location for an error
 *
 * Begins to read what vckc_domain_checkpoint_list_extents() lists, piece by piece: memory does not
 * grow with the size of the disk. While the cursor exists and has not come to its end, the image of
 * a domain that is off is held for reading, as by any program that reads it: the domain cannot be
 * started.
 *
 * Fails as vckc_domain_checkpoint_list_extents() does, except that there may be any number of
 * extents.
 *
 * Returns: (transfer full): a cursor, or %NULL on failure
 *
 * Since: 1.0
 */
VckcExtentCursor *vckc_domain_checkpoint_open_extents (VckcDomainCheckpoint *checkpoint,
                                                       const char *disk,
                                                       unsigned int flags,
                                                       VckcError **err);

/**
 * vckc_extent_cursor_read: (attributes bindgen.return=count)
 * @cursor: a cursor
 * @ret_extents: (out) (array zero-terminated=0) (transfer full): return location for the extents,
 *   to be freed with free(); %NULL if there are none
 * @max: how many extents to read at most, 1 or more
 * @err: return location for an error
 *
 * Reads the next extents. What was read is certain once the cursor has come to its end: it is
 * checked then that the bitmap was not changed meanwhile. After a failure every further read fails
 * in the same way.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @cursor is not a cursor, or @ret_extents is %NULL or @max
 * is 0, with %VCKC_ERROR_BUSY when another thread reads from the cursor or another program took the
 * image meanwhile, with %VCKC_ERROR_NO_CONNECT when the connection is closed, with
 * %VCKC_ERROR_CHECKPOINT_INCONSISTENT when the bitmap is found to be damaged, and with
 * %VCKC_ERROR_SYSTEM_ERROR when the image cannot be read.
 *
 * Returns: how many extents were read, 0 at the end, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_extent_cursor_read (VckcExtentCursor *cursor,
                             VckcExtent **ret_extents,
                             unsigned int max,
                             VckcError **err);

/**
 * vckc_extent_cursor_get_dirty_bytes: (attributes bindgen.local=1)
 * @cursor: a cursor
 * @err: return location for an error
 *
 * Gets the length of all extents that were read so far, in bytes.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @cursor is not a cursor.
 *
 * Returns: the sum of their lengths
 *
 * Since: 1.0
 */
uint64_t vckc_extent_cursor_get_dirty_bytes (VckcExtentCursor *cursor, VckcError **err);

/**
 * vckc_extent_cursor_get_zero_bytes: (attributes bindgen.local=1)
 * @cursor: a cursor
 * @err: return location for an error
 *
 * Gets the length of those extents that were read so far and have the flag ZERO, in bytes.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @cursor is not a cursor.
 *
 * Returns: the sum of their lengths
 *
 * Since: 1.0
 */
uint64_t vckc_extent_cursor_get_zero_bytes (VckcExtentCursor *cursor, VckcError **err);

/**
 * vckc_extent_cursor_ref: (attributes bindgen.plumbing=1)
 * @cursor: a cursor
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_extent_cursor_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @cursor is not a cursor.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_extent_cursor_ref (VckcExtentCursor *cursor, VckcError **err);

/**
 * vckc_extent_cursor_unref: (attributes bindgen.plumbing=1)
 * @cursor: (transfer full): a cursor
 * @err: return location for an error
 *
 * Drops a reference. With the last one the image is no longer held.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @cursor is %NULL or not a cursor.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_extent_cursor_unref (VckcExtentCursor *cursor, VckcError **err);

#ifdef __cplusplus
}
#endif
