/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The changed blocks of a disk of a running QEMU. Its bitmap moves while the guest writes, so it
 * is copied first, and QEMU exports the copy over NBD until all of it is read.
 */

#pragma once

#include "model/extent-reader.h"
#include "qemu/qmp-block.h"

typedef struct
{
  const VckcQmpDisk *disk;
  const VckcBlockBitmap *bitmap;
  guint64 capacity; /* of the disk, in bytes */
  bool with_zero;
  guint timeout; /* milliseconds that QEMU may take to begin, and to end */
} VckcMachineExtents;

/* Reads all of it. Nothing of that is left in QEMU, whatever happens, unless QEMU is lost or this
 * process: then the next call removes it. BUSY if QEMU's NBD server, of which there is one, or the
 * bitmap is in use. */
VckcExtentReader *vckc_machine_extents_read (VckcQmpClient *client,
                                             const VckcMachineExtents *source,
                                             VckcError **err);
