/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps that are added and removed without QEMU are those that QEMU would make, and no image is
 * damaged, whichever write fails: QEMU checks the images. */

#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "qemu/big-endian.h"
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-format.h"

/* How many more writes go well; none counts if negative. */
static int n_writes_left = -1;

static bool
write_fails (void)
{
  errno = ENOSPC;
  return n_writes_left >= 0 && n_writes_left-- == 0 && (n_writes_left = 0, true);
}

/* These are called by what is tested. */
ssize_t
pwrite64 (int fd, const void *data, size_t size, off64_t offset)
{
  return write_fails () ? -1 : syscall (SYS_pwrite64, fd, data, size, offset);
}

int
fdatasync (int fd)
{
  return write_fails () ? -1 : (int) syscall (SYS_fdatasync, fd);
}

/* Fails the test if QEMU finds the image damaged, or clusters lost if `leaks_too`. */
static void
assert_sound (OpenImage *image, bool leaks_too)
{
  const char *const argv[] = { "qemu-img", "check", image->path, NULL };
  g_autofree char *output = NULL;
  g_autofree char *words = NULL;
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                               &words, &status, NULL));
  if (status != 0 && (leaks_too || status != 3 << 8))
    g_error ("%s%s", output, words);
}

/* Adds or removes one bitmap: "+name" or "-name". */
static bool
change (OpenImage *image, const char *what, VckcError **err)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  g_ptr_array_add (one, (gpointer) (what + 1));
  return vckc_qcow2_bitmaps_change (image->fd, image->path, what[0] == '+' ? one : none,
                                    what[0] == '+' ? none : one, err);
}

static void
change_well (OpenImage *image, const char *what)
{
  VckcError *error = NULL;

  assert_ok (change (image, what, &error), error);
}

/* The bitmaps as QEMU lists them: names, with '!' if there is a flag but "auto". */
static char *
list (OpenImage *image)
{
  const char *const argv[] = { "qemu-img", "info", image->path, NULL };
  g_autofree char *output = image_fixture_run (argv);
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  GString *names = g_string_new (NULL);
  bool odd = false;

  for (char **line = lines; *line != NULL; line++)
    {
      const char *text = g_strstrip (*line);

      odd = odd || g_str_equal (text, "[0]: in-use");
      if (!g_str_has_prefix (text, "name: "))
        continue;
      g_string_append_printf (names, "%s%s ", text + strlen ("name: "), odd ? "!" : "");
      odd = false;
    }
  return g_string_free (names, FALSE);
}

static void
assert_list (OpenImage *image, const char *expected)
{
  g_autofree char *names = list (image);

  g_assert_cmpstr (names, ==, expected);
}

static void
run_on (OpenImage *image,
        const char *tool,
        const char *command,
        const char *option,
        const char *name)
{
  const char *const argv[] = { tool, command, option, image->path, name, NULL };

  g_free (image_fixture_run (argv));
}

/* Changes by Vck and by QEMU alternate, with data written between them. */
static void
test_alternating (OpenImage *image, gconstpointer options)
{
  change_well (image, "+a");
  assert_sound (image, true);
  assert_list (image, "a ");
  image_fixture_write (image->path, 0, 3 << 20);
  change_well (image, "+b");
  run_on (image, "qemu-img", "bitmap", "--add", "qemu");
  assert_list (image, "a b qemu ");
  image_fixture_write (image->path, 2 << 20, 3 << 20);
  change_well (image, "-b");
  assert_sound (image, true);
  change_well (image, "-a");
  change_well (image, "+c");
  run_on (image, "qemu-img", "bitmap", "--remove", "c");
  change_well (image, "-qemu");
  assert_list (image, "");
  assert_sound (image, true);
}

/* So many that the directory has more than one cluster. */
static void
test_many (OpenImage *image, gconstpointer options)
{
  g_autoptr (GPtrArray) add = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  VckcError *error = NULL;

  for (int i = 0; i < 200; i++)
    g_ptr_array_add (add, g_strdup_printf ("%03d-%0*d", i, i, 0));
  change_well (image, "+kept");
  assert_ok (vckc_qcow2_bitmaps_change (image->fd, image->path, add, none, &error), error);
  assert_sound (image, true);
  assert_ok (vckc_qcow2_bitmaps_change (image->fd, image->path, none, add, &error), error);
  assert_list (image, "kept ");
  assert_sound (image, true);
}

/* The image grows by many times what its counts cover. */
static void
test_far (OpenImage *image, gconstpointer options)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  VckcError *error = NULL;

  image_fixture_write (image->path, 0, 20 << 20);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("+%u", i);

      change_well (image, name);
    }
  assert_sound (image, true);
  g_assert_false (change (image, "+7", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "already has the bitmap '7'");
  error = NULL;
  g_assert_false (change (image, "-x", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "does not have the bitmap 'x'");
}

/* A bitmap in use stays so, and can be removed. */
static void
test_in_use (OpenImage *image, gconstpointer options)
{
  change_well (image, "+a");
  image_fixture_abandon (image->path);
  change_well (image, "+b");
  assert_list (image, "a! b ");
  change_well (image, "-a");
  assert_list (image, "b ");
  assert_sound (image, true);
}

/* Bitmaps that a program without support for them has made void do not come back. */
static void
test_void (OpenImage *image, gconstpointer options)
{
  change_well (image, "+a");
  g_assert_cmpint (pwrite64 (image->fd, "\0\0\0\0\0\0\0\0", 8, 88), ==, 8);
  change_well (image, "+b");
  assert_list (image, "b ");
  assert_sound (image, false);
}

static guint64
get_autoclear (OpenImage *image)
{
  guint8 bytes[8];

  g_assert_cmpint (pread64 (image->fd, bytes, sizeof bytes, QCOW2_AUTOCLEAR), ==, sizeof bytes);
  return vckc_be64 (bytes);
}

static void
set_autoclear (OpenImage *image, guint64 bits)
{
  guint8 bytes[8];

  vckc_put_be64 (bytes, bits);
  g_assert_cmpint (pwrite64 (image->fd, bytes, sizeof bytes, QCOW2_AUTOCLEAR), ==, sizeof bytes);
}

/* Unknown autoclear bits stand for data of the image that a program which does not know them leaves
 * behind: every change clears them, and keeps the known ones. */
static void
test_autoclear (OpenImage *image, gconstpointer options)
{
  const guint64 unknown = (G_GUINT64_CONSTANT (1) << 63) | (G_GUINT64_CONSTANT (1) << 2);
  const guint64 raw = QCOW2_AUTOCLEAR_RAW_DATA_FILE;
  VckcError *error = NULL;

  set_autoclear (image, unknown | raw);
  change_well (image, "+a");
  g_assert_cmphex (get_autoclear (image), ==, QCOW2_AUTOCLEAR_BITMAPS | raw);
  set_autoclear (image, unknown | QCOW2_AUTOCLEAR_BITMAPS);
  change_well (image, "+b");
  assert_list (image, "a b ");
  g_assert_cmphex (get_autoclear (image), ==, QCOW2_AUTOCLEAR_BITMAPS);
  set_autoclear (image, unknown | QCOW2_AUTOCLEAR_BITMAPS | raw);
  assert_ok (vckc_qcow2_bitmaps_give_up (image->fd, image->path, &error), error);
  g_assert_cmphex (get_autoclear (image), ==, raw);
}

/* The first entries of a bitmap's table, as one number: what it holds has not changed if they
 * are the same, or none if the bitmap is no longer good. */
static guint64
measure (OpenImage *image, const char *name)
{
  g_autoptr (VckcQcow2Bitmaps) bitmaps = vckc_qcow2_bitmaps_read (image->fd, image->path, NULL);
  guint64 sum = 0;

  for (guint i = 0; i < bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (bitmaps->bitmaps, i);
      guint8 table[8];

      if (!g_str_equal (bitmap->name, name) || bitmap->in_use)
        continue;
      g_assert_cmpint (pread64 (image->fd, table, 8, (off64_t) bitmap->table_offset), ==, 8);
      for (gsize k = 0; k < sizeof table; k++)
        sum = sum << 8 | table[k];
    }
  return sum;
}

/* From the n-th on, all writes fail, and then there is room again. */
static void
test_failing_writes (OpenImage *image, gconstpointer options)
{
  static const char *const changes[] = { "+new", "-old" };
  static const char *const opposites[] = { "-new", "+old" };
  static const char *const results[] = { "kept old new ", "kept new " };
  guint64 content;

  change_well (image, "+kept");
  change_well (image, "+old");
  image_fixture_write (image->path, 0, 1 << 20);
  content = measure (image, "kept");
  g_assert_cmpuint (content, >, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      int n = 0;
      bool done;

      do
        {
          g_autofree char *before = list (image);
          g_autofree char *after = NULL;

          n_writes_left = n++;
          done = change (image, changes[i], NULL);
          n_writes_left = -1;
          assert_sound (image, false);
          g_assert_cmpuint (measure (image, "kept"), ==, content);
          after = list (image);
          /* Only waiting failed: the change is visible. */
          if (!done && g_strcmp0 (before, after) != 0)
            {
              assert_list (image, results[i]);
              change_well (image, opposites[i]);
            }
        }
      while (!done);
      g_assert_cmpint (n, >, 4);
    }
  assert_list (image, "kept new ");
}

static const struct
{
  const char *name;
  const char *options;
} kinds[] = {
  { "usual", NULL },
  { "one-bit", "refcount_bits=1" },
  { "64-bits", "refcount_bits=64,cluster_size=512" },
  { "smallest-clusters", "cluster_size=512" },
  { "small-clusters", "cluster_size=4096" },
  { "largest-clusters", "cluster_size=2M" },
  { "two-bits", "refcount_bits=2,cluster_size=4096" },
  { "eight-bits", "refcount_bits=8" },
  { "lazy", "lazy_refcounts=on" },
};

static const struct
{
  const char *name;
  void (*run) (OpenImage *image, gconstpointer options);
  gsize n_kinds; /* of how many of the kinds above */
} tests[] = {
  { "alternating", test_alternating, G_N_ELEMENTS (kinds) },
  { "many", test_many, G_N_ELEMENTS (kinds) },
  { "far", test_far, G_N_ELEMENTS (kinds) },
  { "in-use", test_in_use, 1 },
  { "void", test_void, 1 },
  { "autoclear", test_autoclear, 1 },
  { "failing-writes", test_failing_writes, 3 },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    for (gsize k = 0; k < tests[i].n_kinds; k++)
      {
        g_autofree char *path =
            g_strdup_printf ("/vck/qcow2-bitmap-change/%s/%s", tests[i].name, kinds[k].name);

        g_test_add (path, OpenImage, kinds[k].options, open_image_set_up, tests[i].run,
                    open_image_tear_down);
      }
  return g_test_run ();
}
