/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Making an empty qcow2 image without any tool of QEMU: all of it reads as zeroes, or as its
 * backing file.
 */

#pragma once

#include "qemu/qcow2-head.h"

/* Makes the image `name`, a single path component, in the open folder `dir_fd`, for the owner
 * alone; `path` is what messages call it. Returns the image open for reading and writing, with
 * everything written but not synced; -1 on failure, when there is no file.
 *
 * OPERATION_FAILED if there is something under that name already, CONFIG_UNSUPPORTED if qcow2 has
 * no such image, SYSTEM_ERROR. */
int vckc_qcow2_create (int dir_fd,
                       const char *name,
                       const char *path,
                       const VckcQcow2Options *options,
                       VckcError **err);

/* The same in a file that is empty and open for writing; what it holds after a failure is not
 * known. */
bool
vckc_qcow2_write_empty (int fd, const char *path, const VckcQcow2Options *options, VckcError **err);
