/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The directory of bitmaps in a qcow2 image, read without any tool of QEMU; and the way back
 * from a QEMU that died with the image open.
 *
 * A QEMU that opens an image for writing marks all of its bitmaps as in use, and stores them anew
 * when it closes the image. If it dies between, all are in use for ever, and worth nothing as
 * far as the next one knows. But when it is known that no guest wrote meanwhile, what is stored
 * is still right, and only the marks must go.
 */

#pragma once

#include "../error-private.h"

typedef struct
{
  char *name;
  guint64 table_offset;
  guint32 table_size;
  guint8 type;
  guint8 granularity_bits;
  bool in_use;
  gsize flags_at; /* where the flags are in the directory */
} VckcQcow2Bitmap;

typedef struct
{
  bool valid;     /* the image was not changed by a program that knows no bitmaps */
  guint64 offset; /* of the directory; 0 if there is none */
  GByteArray *directory;
  GPtrArray *bitmaps; /* of VckcQcow2Bitmap */
} VckcQcow2Bitmaps;

/* Reads the directory of the open image; `path` is for messages. An image that keeps none gives an
 * empty one. OPERATION_FAILED if the directory makes no sense. */
VckcQcow2Bitmaps *vckc_qcow2_bitmaps_read (int fd, const char *path, VckcError **err);
void vckc_qcow2_bitmaps_free (VckcQcow2Bitmaps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQcow2Bitmaps, vckc_qcow2_bitmaps_free)

/* For an image that was opened by a QEMU which has died, with nobody but that one having opened it
 * since `before` was read, and nobody having written to the disk: the bitmaps that were good then
 * and are still there are so again. `fd` must be open for writing, and the image held. *ret_healed
 * is how many there were. */
bool vckc_qcow2_bitmaps_heal (int                     fd,
                              const char             *path,
                              const VckcQcow2Bitmaps *before,
                              guint                  *ret_healed,
                              VckcError             **err);
