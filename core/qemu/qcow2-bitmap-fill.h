/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Marking extents in an empty bitmap of a qcow2 image that no program has open, without any tool of
 * QEMU. */

#pragma once

#include "base/error-private.h"

/* `extents` are VckcExtent, sorted and within the disk; of each, whole granules are marked. `fd`
 * must be open for writing; `path` is for messages. OPERATION_FAILED if the image has no such
 * bitmap, or it is not empty. The image is of no use after another failure. */
bool vckc_qcow2_bitmap_fill (int fd,
                             const char *path,
                             const char *name,
                             const GArray *extents,
                             VckcError **err);
