/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Making an empty qcow2 image without any tool of QEMU: all of it reads as zeroes, or as its
 * backing file.
 */

#pragma once

#include "base/error-private.h"

/* Strings are borrowed. */
typedef struct
{
  guint64 virtual_size;       /* bytes; a multiple of 512 */
  guint32 cluster_size;       /* bytes; a power of two from 512 to 2 MiB */
  bool extended_l2;           /* subclusters; only with clusters of 16 KiB or more */
  const char *backing_file;   /* (nullable): name as it is to be in the header */
  const char *backing_format; /* with a backing file: its format, such as "qcow2" */
} VckcQcow2Options;

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
