/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A small image of version 3 to start from: clusters of 512 bytes, a disk of 1 MiB, one bitmap with
 * some bits, and an L2 table with a cluster of each kind. Offsets and values from QEMU's
 * docs/interop/qcow2.txt. */

#pragma once

#include <string.h>

#include <glib.h>

static inline void
fuzz_image_add (GPtrArray *inputs)
{
  static const struct
  {
    gsize offset;
    guint8 value;
  } bytes[] = {
    { 0, 'Q' },     { 1, 'F' },     { 2, 'I' },     { 3, 0xfb },    { 7, 3 }, /* magic, version */
    { 23, 9 },      { 29, 0x10 },   { 39, 32 },     { 46, 4 }, /* clusters, size, L1 table */
    { 95, 1 },      { 103, 104 },                              /* autoclear, length */
    { 104, 0x23 },  { 105, 0x85 },  { 106, 0x28 },  { 107, 0x75 },  { 111, 24 }, /* extension */
    { 115, 1 },     { 127, 32 },    { 134, 2 }, /* count, size, offset of the directory */
    { 518, 8 },     { 523, 1 },     { 527, 2 },     { 528, 1 },     { 529, 9 },
    { 531, 1 },     { 536, 'b' }, /* one bitmap */
    { 1024, 0x80 }, { 1030, 6 },  /* the first entry of the L1 table */
    { 1536, 0x80 }, { 1542, 12 },   { 1551, 1 },    { 1552, 0x40 }, { 1558, 12 }, /* L2 */
    { 1575, 0xf1 }, { 1574, 16 },   { 2048, 0 },    { 2054, 10 },   /* the table of the bitmap */
    { 2560, 0x55 }, { 2561, 0xff }, { 2570, 0xf0 }, { 2815, 0x80 }, /* and its bits */
  };
  guint8 image[3072] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (bytes); i++)
    image[bytes[i].offset] = bytes[i].value;
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  image[15] = 200; /* a backing file */
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  memset (image + 2048, 0, 8);
  image[2055] = 1; /* all ones */
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  image[79] = 0x10; /* subclusters */
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
}
