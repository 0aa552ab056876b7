/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A dirty bitmap in a file that the image of a disk is based on. */

#pragma once

#include "model/block-bitmap.h"

typedef struct
{
  char *path; /* (nullable): of that file; NULL if it is not one */
  VckcBlockBitmap *bitmap;
} VckcBackingBitmap;

/* An array of VckcBackingBitmap, those of the nearest file first, and by name. */
GPtrArray *vckc_backing_bitmaps_new (void);

/* Adds those of the next file: an array of VckcBlockBitmap. `path` is nullable. */
void vckc_backing_bitmaps_add (GPtrArray *bitmaps,
                               const char *path,
                               GPtrArray *of_file /* (transfer full) */);

/* The nearest one of that name, or NULL. */
const VckcBackingBitmap *vckc_backing_bitmaps_find (const GPtrArray *bitmaps, const char *name);
