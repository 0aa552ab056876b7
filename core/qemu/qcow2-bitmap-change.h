/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Adding and removing the bitmaps of a qcow2 image that nobody has open, without any tool of QEMU.
 *
 * QEMU marks all bitmaps of an image as in use while it has it open for writing, and stores them all
 * anew. Whatever goes wrong between, a full disk or a kill, makes all of them worthless. Here nothing
 * that the image uses is touched: what is new is written to free clusters, and counts from one write
 * to the header on. Interrupted at any point the image is what it was or what it shall be, but
 * for clusters that count as used and are not. The other bitmaps are not even read.
 */

#pragma once

#include "base/error-private.h"

/* Can QEMU keep a bitmap of a disk of so many bytes? If not, CONFIG_UNSUPPORTED says why. */
bool vckc_qcow2_bitmap_check_disk (guint64 disk_size,
                                   guint64 cluster_size,
                                   const char *path,
                                   VckcError **err);

/* The bytes for which a new bitmap has one bit: what QEMU takes if it is not told. */
guint64 vckc_qcow2_bitmap_granularity (guint64 cluster_size);

/* Adds empty bitmaps that record, and removes others: all or nothing. OPERATION_FAILED if a name is
 * taken or is not there, or if the image is damaged or does not keep bitmaps. `fd` must be
 * open for writing, and the image be held; `path` is for messages. Once this has returned true,
 * all is stored. After a failure it may be stored all the same if what failed was to wait for
 * that; whoever looks sees. */
bool vckc_qcow2_bitmaps_change (int fd,
                                const char *path,
                                const GPtrArray *add,
                                const GPtrArray *remove,
                                VckcError **err);
