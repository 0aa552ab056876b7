/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Directories of bitmaps in qcow2 images: any file can be looked at, and a change makes of one that
 * can be read one that can be read, with that change or without. */

#define _GNU_SOURCE /* memfd_create() */

#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmaps.h"

static const char *const seeds[] = { "", "QFI\xfb", NULL };

static const char *const words[] = {
  "QFI\xfb", "\x23\x85\x28\x75", "\x01", "\x02", "\x03", "\xff\xff\xff\xff", "\x7f\xff\xff\xff",
  "\x80",    "\x03\xff",         "a",    NULL,
};

/* An image of version 3 with clusters of 512 bytes and two bitmaps, of which one is in use; offsets
 * and values from QEMU's docs/interop/qcow2.txt. */
static void
add_image (GPtrArray *inputs)
{
  static const struct
  {
    gsize offset;
    guint8 value;
  } bytes[] = {
    { 0, 'Q' },    { 1, 'F' },    { 2, 'I' },    { 3, 0xfb },   { 7, 3 }, /* magic, version */
    { 23, 9 },     { 95, 1 },     { 103, 104 }, /* clusters, autoclear, length */
    { 104, 0x23 }, { 105, 0x85 }, { 106, 0x28 }, { 107, 0x75 }, { 111, 24 }, /* extension */
    { 115, 2 },    { 127, 64 },   { 134, 2 }, /* count, size, offset */
    { 518, 4 },    { 523, 1 },    { 527, 3 },    { 528, 1 },    { 529, 16 },  { 531, 1 },
    { 536, 'a' },  { 550, 6 },    { 555, 1 },    { 559, 2 },    { 560, 1 },   { 561, 16 },
    { 563, 8 },    { 568, 'b' },  { 569, 'b' },  { 570, 'b' },  { 571, 'b' }, { 572, 'b' },
    { 573, 'b' },  { 574, 'b' },  { 575, 'b' },
  };
  guint8 image[2048] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (bytes); i++)
    image[bytes[i].offset] = bytes[i].value;
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  /* A disk, the table of counts in the third cluster, and the only block, of one bit each, in the
   * fourth. */
  image[30] = 1;
  image[54] = 4;
  image[59] = 1;
  image[1030] = 6;
  image[1536] = 0x0f;
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  image[95] = 0;
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  image[127] = 0; /* no room for the two of them */
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
}

const FuzzTarget fuzz_target = {
  .name = "bitmaps",
  .seeds = seeds,
  .words = words,
  .add_seeds = add_image,
};

static bool
has (const VckcQcow2Bitmaps *bitmaps, const char *name)
{
  for (guint i = 0; i < bitmaps->bitmaps->len; i++)
    if (g_str_equal (((VckcQcow2Bitmap *) g_ptr_array_index (bitmaps->bitmaps, i))->name, name))
      return true;
  return false;
}

/* Adds a bitmap and removes the first one. */
static void
change (int fd, const VckcQcow2Bitmaps *before)
{
  g_autoptr (GPtrArray) add = g_ptr_array_new ();
  g_autoptr (GPtrArray) remove = g_ptr_array_new ();
  g_autoptr (VckcQcow2Bitmaps) after = NULL;
  g_autoptr (VckcError) error = NULL;
  bool changed;

  g_ptr_array_add (add, (gpointer) "new");
  if (before->bitmaps->len > 0)
    g_ptr_array_add (remove, ((VckcQcow2Bitmap *) g_ptr_array_index (before->bitmaps, 0))->name);
  changed = vckc_qcow2_bitmaps_change (fd, "image", add, remove, &error);
  g_assert_true (changed == (error == NULL));
  if (!changed)
    return;
  after = vckc_qcow2_bitmaps_read (fd, "image", NULL);
  g_assert_nonnull (after);
  g_assert_true (has (after, "new"));
  g_assert_cmpuint (after->bitmaps->len, ==, before->bitmaps->len + (remove->len == 0 ? 1 : 0));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("image", MFD_CLOEXEC);
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  bitmaps = vckc_qcow2_bitmaps_read (fd, "image", &error);
  g_assert_true ((bitmaps == NULL) == (error != NULL));
  if (bitmaps != NULL)
    change (fd, bitmaps);
  close (fd);
  return 0;
}
