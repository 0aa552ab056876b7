/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which block node of a running QEMU is which disk: the topmost qcow2 node on the disk's file,
 * whatever QEMU or its user called it and however the file was named.
 */

#pragma once

#include "../../qemu/qmp-block.h"

/* Sets `node` of each disk, to be freed by the caller, and its size. CONFIG_UNSUPPORTED if the
 * machine does not have one of the disks, or has it as a backing file only. */
bool vckc_machine_disks_find (VckcQmpClient *client,
                              VckcQmpDisk   *disks,
                              guint64       *capacities,
                              guint          n_disks,
                              VckcError    **err);
