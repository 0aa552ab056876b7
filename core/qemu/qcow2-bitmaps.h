/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The directory of bitmaps in a qcow2 image, read without any tool of QEMU. */

#pragma once

#include "base/error-private.h"

typedef struct
{
  char *name;
  guint64 table_offset;
  guint32 table_size;
  guint8 type;
  guint8 granularity_bits;
  bool in_use;    /* QEMU had it open and has not stored it */
  bool recording; /* it records writes from when the image is opened */
  gsize entry_at; /* where it is in the directory */
  gsize entry_size;
} VckcQcow2Bitmap;

typedef struct
{
  bool valid;         /* the image was not changed by a program without support for bitmaps */
  bool is_void;       /* it was, and has a directory */
  GByteArray *header; /* the first cluster; empty if there can be no bitmaps */
  guint64 offset;     /* of the directory; 0 if there is none */
  GByteArray *directory;
  GPtrArray *bitmaps; /* of VckcQcow2Bitmap */
} VckcQcow2Bitmaps;

/* Reads the directory of the open image; `path` is for messages. An image that keeps none, or none
 * that are valid, gives an empty one. OPERATION_FAILED if the directory makes no sense. */
VckcQcow2Bitmaps *vckc_qcow2_bitmaps_read (int fd, const char *path, VckcError **err);
void vckc_qcow2_bitmaps_free (VckcQcow2Bitmaps *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQcow2Bitmaps, vckc_qcow2_bitmaps_free)

/* Makes all bitmaps of the image void, as a program that does not know them does: a QEMU that
 * refused the image for its directory opens it then. The open image must be locked. */
bool vckc_qcow2_bitmaps_give_up (int fd, const char *path, VckcError **err);
