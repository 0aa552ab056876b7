/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A dirty bitmap of an image, as it was found. */

#pragma once

#include <stdbool.h>

#include <glib.h>

/* The longest name of one that is made, in bytes: an image keeps no longer one. */
#define VCKC_BLOCK_BITMAP_NAME_MAX 1023

typedef struct
{
  char *name;
  guint64 granularity; /* bytes: a power of two */
  guint64 dirty;       /* bytes written since; a multiple of granularity */
  bool is_counted;     /* `dirty` is known: else it is 0 */
  bool recording;      /* new writes are noted */
  bool persistent;     /* stored in the image */
  bool inconsistent;   /* in use when its writer died: contents worthless */
  bool busy;           /* held by a job */
} VckcBlockBitmap;

/* A bitmap by the index of its disk in the session and its name. */
typedef struct
{
  guint disk;
  const char *name;
} VckcBlockBitmapRef;

/* Why all bitmaps of an image may be gone. */
typedef enum
{
  VCKC_BLOCK_LOSS_NONE,    /* they are not */
  VCKC_BLOCK_LOSS_VOID,    /* a program that does not know bitmaps wrote to the image */
  VCKC_BLOCK_LOSS_DAMAGED, /* their list is damaged, and QEMU does not open the image */
} VckcBlockLoss;

VckcBlockBitmap *vckc_block_bitmap_new (const char *name, guint64 granularity);
/* NULL gives NULL. */
VckcBlockBitmap *vckc_block_bitmap_copy (const VckcBlockBitmap *bitmap);
void vckc_block_bitmap_free (VckcBlockBitmap *bitmap);
