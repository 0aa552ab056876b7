/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Adding and removing the bitmaps of a qcow2 image that no program has open, without any tool of
 * QEMU.
 *
 * QEMU marks all bitmaps of an image as in use while it has it open for writing, and stores them
 * all again. Any failure between, such as a full disk or a kill, makes all of them worthless. Here
 * nothing that the image uses is touched: new data are written to free clusters, and become valid
 * with one write to the header. Interrupted at any point, the image is in the old state or in the
 * new one, but for clusters that count as used and are not. The other bitmaps are not even read.
 */

#pragma once

#include "base/error-private.h"

/* Can QEMU store a bitmap of a disk of so many bytes? If not, CONFIG_UNSUPPORTED says why. */
bool vckc_qcow2_bitmap_check_disk (guint64 disk_size,
                                   guint64 cluster_size,
                                   const char *path,
                                   VckcError **err);

/* The bytes for which a new bitmap has one bit: QEMU's default. */
guint64 vckc_qcow2_bitmap_granularity (guint64 cluster_size);

/* Adds empty bitmaps that record, and removes others: all or nothing. OPERATION_FAILED if a name
 * is taken or is not there, or if the image is damaged or does not keep bitmaps. `fd` must be
 * open for writing, and the image be locked; `path` is for messages. Once this has returned
 * true, all is stored. After a failure it may be stored all the same, if only waiting for that
 * failed; reading the bitmaps shows it. */
bool vckc_qcow2_bitmaps_change (int fd,
                                const char *path,
                                const GPtrArray *add,
                                const GPtrArray *remove,
                                VckcError **err);
