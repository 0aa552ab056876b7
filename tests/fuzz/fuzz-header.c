/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Headers of qcow2 images: any file can be looked at. */

#define _GNU_SOURCE /* memfd_create() */

#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qemu/qcow2-header.h"

static const char *const seeds[] = { "", "QFI\xfb", NULL };

static const char *const words[] = {
  "QFI\xfb", "\x01", "\x02", "\x03", "\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x80", "\x40", NULL,
};

/* Offsets and values of a small image of version 3, from QEMU's docs/interop/qcow2.txt. */
static void
add_image (GPtrArray *inputs)
{
  static const struct
  {
    gsize offset;
    guint8 value;
  } bytes[] = {
    { 0, 'Q' }, { 1, 'F' },   { 2, 'I' }, { 3, 0xfb }, { 7, 3 }, /* magic, version */
    { 23, 16 }, { 30, 4 },                                       /* cluster bits, size */
    { 39, 1 },  { 45, 3 },    { 53, 1 },  { 59, 1 },             /* tables */
    { 99, 4 },  { 103, 104 },                                    /* refcount order, length */
  };
  guint8 image[1024] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (bytes); i++)
    image[bytes[i].offset] = bytes[i].value;
  g_ptr_array_add (inputs, g_bytes_new (image, sizeof image));
  g_ptr_array_add (inputs, g_bytes_new (image, 104));
}

const FuzzTarget fuzz_target = {
  .name = "header",
  .seeds = seeds,
  .words = words,
  .add_seeds = add_image,
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("image", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcError) check_error = NULL;
  VckcQcow2Header header;
  bool is_image;
  bool usable;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  is_image = vckc_qcow2_header_read (path, &header, &error);
  g_assert_true (is_image == (error == NULL));
  if (is_image)
    {
      usable = vckc_qcow2_header_check_bitmaps (&header, path, &check_error);
      g_assert_true (usable == (check_error == NULL));
      g_assert_true (!usable || header.version == 3);
    }
  close (fd);
  return 0;
}
