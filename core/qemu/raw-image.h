/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Images in raw format: all that is in them is the guest's. */

#pragma once

#include "base/error-private.h"

/* The size of the disk in an open image as QEMU has it, in bytes, and whether it is in a block
 * device. CONFIG_UNSUPPORTED if it is neither file nor block device. The path is for messages. */
bool vckc_raw_image_examine (int fd,
                             const char *path,
                             guint64 *ret_size,
                             bool *ret_block_device,
                             VckcError **err);
