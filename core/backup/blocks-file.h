/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The file beside an incremental copy of a disk that lists which blocks were copied. A merge adds
 * to the image and leaves this file alone.
 *
 *   8 bytes    "VckBlk1" and a line feed
 *   4 bytes    block size in bytes, a power of two
 *   8 bytes    size of the disk in bytes
 *   then, of each run of blocks: how many blocks after the run before it (or the start of the disk)
 *              it begins, and how many blocks it has
 *   at the end two zeroes
 *
 * The first numbers are big endian. Those of the runs have 7 bits in each byte, the lowest first,
 * and the highest bit of each byte but the last is set.
 */

#pragma once

#include "model/extent-reader.h"

#define VCKC_BLOCKS_FILE_SUFFIX ".blocks"

/* Writes the file `name` in the open folder, for the owner alone: any extent of `extents` counts
 * with all blocks that it touches. It must not exist. `where` names the folder in messages. The
 * file is stored when this returns; its name only after vckc_dir_sync(). */
bool vckc_blocks_file_write (int dir_fd,
                             const char *where,
                             const char *name,
                             guint64 disk_size,
                             guint32 block_size,
                             VckcExtentReader *extents,
                             VckcError **err);

/* Opens such a file: the extents are DIRTY, cut at the end of the disk. It is not trusted: what
 * makes no sense, or is not that of a disk of this size, is BACKUP_INCONSISTENT, now or when it is
 * come to. */
VckcExtentReader *vckc_blocks_file_open (int dir_fd,
                                         const char *where,
                                         const char *name,
                                         guint64 disk_size,
                                         guint32 *ret_block_size,
                                         VckcError **err);
