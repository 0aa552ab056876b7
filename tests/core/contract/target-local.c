/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `local:` with a stopped domain: real qcow2 images. */

#include "contract.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../run-program.h"

#define IMAGE_SIZE (8 * 1024 * 1024)

static char *
make_path (Target *self, const char *name)
{
  return g_build_filename (self->dir, name, NULL);
}

static void
copy_image (Target *self, const char *from, const char *to)
{
  g_autofree char *from_path = make_path (self, from);
  g_autofree char *to_path = make_path (self, to);
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  g_file_get_contents (from_path, &data, &size, &error);
  g_assert_no_error (error);
  g_file_set_contents (to_path, data, (gssize) size, &error);
  g_assert_no_error (error);
}

static void
make_raw_image (Target *self, const char *name)
{
  g_autofree char *path = make_path (self, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, "", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (truncate (path, IMAGE_SIZE), ==, 0);
}

static void
local_start (Target *self)
{
  g_autoptr (GError) error = NULL;

  self->dir = g_dir_make_tmp ("vck-contract-XXXXXX", &error);
  g_assert_no_error (error);
  self->uri = g_strdup_printf ("local://%s/domains", self->dir);
  run_program ("qemu-img|create|-q|-f|qcow2|%s/a.qcow2|%d", self->dir, IMAGE_SIZE);
  copy_image (self, "a.qcow2", "b.qcow2");
  copy_image (self, "a.qcow2", "d.qcow2");
  make_raw_image (self, "c.raw");
  make_raw_image (self, "dup.raw");
}

static void
local_stop (Target *self)
{
  run_program ("rm|-rf|%s", self->dir);
}

static void
local_write (Target *self, const char *path, guint64 offset, guint64 length)
{
  run_program ("qemu-io|-f|qcow2|-c|write -q %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "|%s",
               offset, length, path);
}

static void
local_lose_bitmap (Target *self, const char *path, const char *bitmap)
{
  run_program ("qemu-img|bitmap|--remove|%s|%s", path, bitmap);
}

static void
local_add_bitmap (Target *self, const char *path, const char *bitmap)
{
  run_program ("qemu-img|bitmap|--add|%s|%s", path, bitmap);
}

static guint64
read_big_endian (const char *data, gsize at, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = 0; i < n_bytes; i++)
    value = value << 8 | (guchar) data[at + i];
  return value;
}

/* The offset of the bitmap directory: the header extension of type 0x23852875
 * (docs/interop/qcow2.txt in QEMU). */
static gsize
find_bitmap_directory (const char *data, guint32 *ret_n_bitmaps)
{
  gsize at = read_big_endian (data, 100, 4);

  while (read_big_endian (data, at, 4) != 0x23852875)
    {
      g_assert_cmpuint (read_big_endian (data, at, 4), !=, 0);
      at += 8 + (read_big_endian (data, at + 4, 4) + 7) / 8 * 8;
    }
  *ret_n_bitmaps = read_big_endian (data, at + 8, 4);
  return read_big_endian (data, at + 24, 8);
}

/* In the same file: another file would be another image. */
static void
write_byte (const char *path, gsize at, char byte)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, &byte, 1, (off_t) at), ==, 1);
  close (fd);
}

/* Sets the in-use flag of a bitmap, as a writer that died leaves it. */
static void
local_break_bitmap (Target *self, const char *path, const char *bitmap)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  guint32 n_bitmaps;
  gsize at, size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  at = find_bitmap_directory (data, &n_bitmaps);
  for (guint i = 0; i < n_bitmaps; i++)
    {
      gsize name_length = read_big_endian (data, at + 18, 2);
      gsize extra = read_big_endian (data, at + 20, 4);
      const char *name = data + at + 24 + extra;

      if (name_length == strlen (bitmap) && memcmp (name, bitmap, name_length) == 0)
        {
          write_byte (path, at + 15, data[at + 15] | 1);
          return;
        }
      at += (24 + extra + name_length + 7) / 8 * 8;
    }
  g_error ("%s has no bitmap '%s'", path, bitmap);
}

const Target target_local = {
  .name = "local-stopped",
  .start = local_start,
  .stop = local_stop,
  .write = local_write,
  .lose_bitmap = local_lose_bitmap,
  .break_bitmap = local_break_bitmap,
  .add_bitmap = local_add_bitmap,
};
