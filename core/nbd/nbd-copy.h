/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Copies a disk that QEMU offers over NBD, or what a dirty bitmap says of it, into a new qcow2
 * image. Memory does not grow with the disk. Without libnbd in the build it fails.
 */

#pragma once

#include "nbd/nbd-extents.h"
#include "qemu/qcow2-head.h"

/* Called now and then, with the bytes read so far. False, with an error, to stop. */
typedef bool (*VckcNbdCopyFunc) (guint64 bytes, gpointer opaque, VckcError **err);

typedef struct
{
  VckcNbdExtents from; /* with `with_zero` */
  int fd;              /* of an empty file that is open for writing */
  const char *path;    /* of it, for messages */
  /* The image: with a backing file if and only if there is a bitmap. What is not copied reads as
   * that, what was zeroed does not. */
  VckcQcow2Options image;
  VckcNbdCopyFunc progress;
  gpointer opaque;
} VckcNbdCopy;

/* Returns how many bytes were read; -1 on failure, as a VckcNbdClient and a VckcQcow2DataWriter
 * fail. The image is not synced. */
gint64 vckc_nbd_copy (const VckcNbdCopy *copy, VckcError **err);
