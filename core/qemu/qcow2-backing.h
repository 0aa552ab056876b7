/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The files that a qcow2 image is based on, read without any tool of QEMU. Nothing is written and
 * no lock is taken, so the result is a snapshot.
 */

#pragma once

#include "base/error-private.h"
#include "model/backing-bitmap.h"

/* Adds the bitmaps of all files below the image at `path` to an array of VckcBackingBitmap. Backing
 * files are found as QEMU finds them. Fails if one of them cannot be examined, such as one that is
 * not a file of this host; the array has the bitmaps above it then. */
bool vckc_qcow2_backing_list_bitmaps (const char *path, GPtrArray *bitmaps, VckcError **err);

/* What the header of the open image says of the file that it is based on: name and format as they
 * are written there, NULL if there is none. */
bool vckc_qcow2_backing_read (int fd,
                              const char *path,
                              char **ret_file,
                              char **ret_format,
                              VckcError **err);
