/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which block node of a running QEMU is which disk: the qcow2 node on the disk's file that a device
 * writes to, regardless of the names of the node and the file, and of filters in between. Of a file
 * that no device uses, the topmost node, preferably one that can be written to.
 */

#pragma once

#include "qemu/qmp-block.h"

/* Sets `node` of each disk, to be freed by the caller, its size, and the bitmaps of all as
 * vckc_qmp_block_list() does. CONFIG_UNSUPPORTED if one of the disks cannot be found for certain,
 * QEMU has it as a backing file only, or it cannot write to a disk as `write` demands. */
bool vckc_machine_disks_find (VckcQmpClient *client,
                              VckcQmpDisk *disks,
                              guint64 *capacities,
                              guint n_disks,
                              bool write,
                              GPtrArray **ret_bitmaps,
                              VckcError **err);
