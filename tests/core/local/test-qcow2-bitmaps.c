/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "qemu/big-endian.h"
#include "qemu/qcow2-bitmaps.h"

#define AUTOCLEAR_AT 88

static void
add (OpenImage *image, const char *name)
{
  const char *const argv[] = {
    "qemu-img", "bitmap", "--add", "-g", "32768", image->path, name, NULL
  };

  g_free (image_fixture_run (argv));
}

static void
patch (OpenImage *image, guint64 offset, const void *bytes, gsize size)
{
  g_assert_cmpint (pwrite (image->fd, bytes, size, (off_t) offset), ==, (gssize) size);
}

static VckcQcow2Bitmaps *
load (OpenImage *image)
{
  VckcError *error = NULL;
  VckcQcow2Bitmaps *bitmaps = vckc_qcow2_bitmaps_read (image->fd, image->path, &error);

  g_assert_null (error);
  return bitmaps;
}

/* The names of all bitmaps; those in use with a '!', those that do not record with a '-'. */
static char *
describe (OpenImage *image)
{
  g_autoptr (VckcQcow2Bitmaps) bitmaps = load (image);
  GString *text = g_string_new (bitmaps->valid ? "" : "not valid: ");

  for (guint i = 0; i < bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (bitmaps->bitmaps, i);

      g_assert_cmpuint (bitmap->granularity_bits, ==, 15);
      g_string_append_printf (text, "%s%s%s ", bitmap->name, bitmap->in_use ? "!" : "",
                              bitmap->recording ? "" : "-");
    }
  return g_string_free (text, FALSE);
}

static void
assert_bitmaps (OpenImage *image, const char *expected)
{
  g_autofree char *text = describe (image);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_none (OpenImage *image, gconstpointer options)
{
  g_autoptr (VckcQcow2Bitmaps) bitmaps = load (image);

  g_assert_cmpuint (bitmaps->offset, ==, 0);
  g_assert_cmpuint (bitmaps->bitmaps->len, ==, 0);
}

/* Names of all lengths modulo 8, also longer than an entry's head. */
static void
test_names (OpenImage *image, gconstpointer options)
{
  g_autofree char *longest = g_strnfill (1023, 'n');
  g_autofree char *expected = g_strdup_printf ("a bb ccccccc dddddddd %s ", longest);

  add (image, "a");
  add (image, "bb");
  add (image, "ccccccc");
  add (image, "dddddddd");
  add (image, longest);
  assert_bitmaps (image, expected);
}

static void
test_in_use (OpenImage *image, gconstpointer options)
{
  add (image, "bad");
  image_fixture_abandon (image->path);
  add (image, "good");
  assert_bitmaps (image, "bad! good ");
}

static void
test_not_recording (OpenImage *image, gconstpointer options)
{
  const char *const argv[] = { "qemu-img", "bitmap", "--disable", image->path, "off", NULL };

  add (image, "off");
  add (image, "on");
  g_free (image_fixture_run (argv));
  assert_bitmaps (image, "off- on ");
}

/* A program that knows no bitmaps changed the image: whatever is left of them is void. */
static void
test_not_valid (OpenImage *image, gconstpointer options)
{
  add (image, "x");
  patch (image, AUTOCLEAR_AT, "\0\0\0\0\0\0\0\0", 8);
  assert_bitmaps (image, "not valid: ");
}

typedef struct
{
  const char *name;
  gint64 at; /* in the directory; before it, in the extension, if negative */
  const char *bytes;
  gsize size;
} Damage;

/* Offsets in the extension, from its end. */
static const Damage damages[] = {
  { "count-zero", -24, "\0\0\0\0", 4 },
  { "count-more", -24, "\0\0\0\3", 4 },
  { "count-less", -24, "\0\0\0\1", 4 },
  { "count-huge", -24, "\377\377\377\377", 4 },
  { "size-huge", -16, "\377\377\377\377\377\377\377\377", 8 },
  { "size-small", -9, "\10", 1 },
  { "size-zero", -16, "\0\0\0\0\0\0\0\0", 8 },
  { "offset-zero", -8, "\0\0\0\0\0\0\0\0", 8 },
  { "offset-huge", -8, "\177\377\377\377\377\377\377\377", 8 },
  { "offset-negative", -8, "\377\377\377\377\377\377\377\377", 8 },
  { "offset-beyond-the-end", -8, "\0\0\1\0\0\0\0\0", 8 },
  { "offset-unaligned", -1, "\10", 1 },
  { "extension-short", -28, "\0\0\0\20", 4 },
  { "extension-huge", -28, "\377\377\377\377", 4 },
  { "name-empty", 18, "\0\0", 2 },
  { "name-long", 18, "\4\0", 2 },
  { "name-beyond-the-end", 18, "\3\377", 2 },
  { "extra-beyond-the-end", 20, "\0\0\1\0", 4 },
  { "extra-huge", 20, "\377\377\377\377", 4 },
};

/* Where the data of the extension ends in the image. */
static guint64
find_extension_end (OpenImage *image)
{
  guint8 header[4096];

  g_assert_cmpint (pread (image->fd, header, sizeof header, 0), ==, sizeof header);
  for (gsize at = 104; at < sizeof header - 32; at += 8)
    if (vckc_be32 (header + at) == 0x23852875)
      return at + 32;
  g_assert_not_reached ();
}

static void
test_damaged (OpenImage *image, gconstpointer options)
{
  g_autoptr (VckcQcow2Bitmaps) before = NULL;
  guint64 extension_end;

  add (image, "x");
  add (image, "y");
  before = load (image);
  extension_end = find_extension_end (image);
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      const Damage *damage = &damages[i];
      guint64 at = (damage->at < 0 ? extension_end : before->offset) + (guint64) damage->at;
      VckcError *error = NULL;
      char saved[8];

      g_test_message ("%s", damage->name);
      g_assert_cmpint (pread (image->fd, saved, damage->size, (off_t) at), ==,
                       (gssize) damage->size);
      patch (image, at, damage->bytes, damage->size);
      g_assert_null (vckc_qcow2_bitmaps_read (image->fd, image->path, &error));
      assert_error (error, VCKC_ERROR_OPERATION_FAILED, "the list of bitmaps in the image '");
      patch (image, at, saved, damage->size);
    }
  assert_bitmaps (image, "x y ");
}

/* What cannot have bitmaps has none. */
static void
test_other_files (OpenImage *image, gconstpointer options)
{
  add (image, "x");
  patch (image, 4, "\0\0\0\2", 4);
  assert_bitmaps (image, "not valid: ");
  patch (image, 4, "\0\0\0\3", 4);
  patch (image, 20, "\377\377\377\377", 4);
  assert_bitmaps (image, "not valid: ");
  patch (image, 0, "text", 4);
  assert_bitmaps (image, "not valid: ");
  g_assert_cmpint (ftruncate (image->fd, 50), ==, 0);
  assert_bitmaps (image, "not valid: ");
}

typedef void (*TestFunc) (OpenImage *image, gconstpointer options);

static const struct
{
  const char *path;
  TestFunc func;
  const char *options;
} tests[] = {
  { "/vck/qcow2-bitmaps/none", test_none, NULL },
  { "/vck/qcow2-bitmaps/names", test_names, NULL },
  { "/vck/qcow2-bitmaps/small-clusters", test_names, "cluster_size=4096" },
  { "/vck/qcow2-bitmaps/in-use", test_in_use, NULL },
  { "/vck/qcow2-bitmaps/not-recording", test_not_recording, NULL },
  { "/vck/qcow2-bitmaps/not-valid", test_not_valid, NULL },
  { "/vck/qcow2-bitmaps/damaged", test_damaged, NULL },
  { "/vck/qcow2-bitmaps/other-files", test_other_files, NULL },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, OpenImage, tests[i].options, open_image_set_up, tests[i].func,
                open_image_tear_down);
  return g_test_run ();
}
