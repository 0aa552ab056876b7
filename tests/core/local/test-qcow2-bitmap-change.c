/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps that are added and removed without QEMU are those that QEMU would make, and no image is
 * damaged, whichever write fails. QEMU judges. */

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
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmaps.h"

typedef struct
{
  char *folder;
  char *image;
  int fd;
} Fixture;

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

static void
set_up (Fixture *fixture, gconstpointer options)
{
  fixture->folder = image_fixture_new ();
  fixture->image = image_fixture_make_image (fixture->folder, "disk.qcow2", options);
  fixture->fd = open64 (fixture->image, O_RDWR | O_CLOEXEC);
}

static void
tear_down (Fixture *fixture, gconstpointer options)
{
  close (fixture->fd);
  g_free (fixture->image);
  image_fixture_remove (fixture->folder);
}

/* Fails the test if QEMU finds the image damaged, or clusters lost if `leaks_too`. */
static void
assert_sound (Fixture *fixture, bool leaks_too)
{
  const char *const argv[] = { "qemu-img", "check", fixture->image, NULL };
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
change (Fixture *fixture, const char *what, VckcError **err)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  g_ptr_array_add (one, (gpointer) (what + 1));
  return vckc_qcow2_bitmaps_change (fixture->fd, fixture->image, what[0] == '+' ? one : none,
                                    what[0] == '+' ? none : one, err);
}

static void
change_well (Fixture *fixture, const char *what)
{
  VckcError *error = NULL;

  assert_ok (change (fixture, what, &error), error);
}

/* The bitmaps as QEMU lists them: names, with '!' if there is a flag but "auto". */
static char *
list (Fixture *fixture)
{
  const char *const argv[] = { "qemu-img", "info", fixture->image, NULL };
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
assert_list (Fixture *fixture, const char *expected)
{
  g_autofree char *names = list (fixture);

  g_assert_cmpstr (names, ==, expected);
}

static void
run_on (Fixture *fixture,
        const char *tool,
        const char *command,
        const char *option,
        const char *name)
{
  const char *const argv[] = { tool, command, option, fixture->image, name, NULL };

  g_free (image_fixture_run (argv));
}

/* Ours and QEMU's by turns, with data between. */
static void
test_by_turns (Fixture *fixture, gconstpointer options)
{
  change_well (fixture, "+a");
  assert_sound (fixture, true);
  assert_list (fixture, "a ");
  image_fixture_write (fixture->image, 0, 3 << 20);
  change_well (fixture, "+b");
  run_on (fixture, "qemu-img", "bitmap", "--add", "qemu");
  assert_list (fixture, "a b qemu ");
  image_fixture_write (fixture->image, 2 << 20, 3 << 20);
  change_well (fixture, "-b");
  assert_sound (fixture, true);
  change_well (fixture, "-a");
  change_well (fixture, "+c");
  run_on (fixture, "qemu-img", "bitmap", "--remove", "c");
  change_well (fixture, "-qemu");
  assert_list (fixture, "");
  assert_sound (fixture, true);
}

/* So many that the directory has more than one cluster. */
static void
test_many (Fixture *fixture, gconstpointer options)
{
  g_autoptr (GPtrArray) add = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  VckcError *error = NULL;

  for (int i = 0; i < 200; i++)
    g_ptr_array_add (add, g_strdup_printf ("%03d-%0*d", i, i, 0));
  change_well (fixture, "+kept");
  assert_ok (vckc_qcow2_bitmaps_change (fixture->fd, fixture->image, add, none, &error), error);
  assert_sound (fixture, true);
  assert_ok (vckc_qcow2_bitmaps_change (fixture->fd, fixture->image, none, add, &error), error);
  assert_list (fixture, "kept ");
  assert_sound (fixture, true);
}

/* The image grows by many times what its counts cover. */
static void
test_far (Fixture *fixture, gconstpointer options)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  VckcError *error = NULL;

  image_fixture_write (fixture->image, 0, 20 << 20);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("+%u", i);

      change_well (fixture, name);
    }
  assert_sound (fixture, true);
  g_assert_false (change (fixture, "+7", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "already has the bitmap '7'");
  error = NULL;
  g_assert_false (change (fixture, "-x", &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "has not got the bitmap 'x'");
}

/* A bitmap in use stays so, and can be removed. */
static void
test_in_use (Fixture *fixture, gconstpointer options)
{
  change_well (fixture, "+a");
  image_fixture_abandon (fixture->image);
  change_well (fixture, "+b");
  assert_list (fixture, "a! b ");
  change_well (fixture, "-a");
  assert_list (fixture, "b ");
  assert_sound (fixture, true);
}

/* What a program left that knows no bitmaps does not come back. */
static void
test_void (Fixture *fixture, gconstpointer options)
{
  change_well (fixture, "+a");
  g_assert_cmpint (pwrite64 (fixture->fd, "\0\0\0\0\0\0\0\0", 8, 88), ==, 8);
  change_well (fixture, "+b");
  assert_list (fixture, "b ");
  assert_sound (fixture, false);
}

/* The first entries of a bitmap's table, as one number: what it holds has not changed if they are the
 * same, or none if the bitmap is no longer good. */
static guint64
measure (Fixture *fixture, const char *name)
{
  g_autoptr (VckcQcow2Bitmaps) bitmaps =
      vckc_qcow2_bitmaps_read (fixture->fd, fixture->image, NULL);
  guint64 sum = 0;

  for (guint i = 0; i < bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (bitmaps->bitmaps, i);
      guint8 table[8];

      if (!g_str_equal (bitmap->name, name) || bitmap->in_use)
        continue;
      g_assert_cmpint (pread64 (fixture->fd, table, 8, (off64_t) bitmap->table_offset), ==, 8);
      for (gsize k = 0; k < sizeof table; k++)
        sum = sum << 8 | table[k];
    }
  return sum;
}

/* From the n-th on, all writes fail, and then there is room again. */
static void
test_failing_writes (Fixture *fixture, gconstpointer options)
{
  static const char *const changes[] = { "+new", "-old" };
  static const char *const opposites[] = { "-new", "+old" };
  static const char *const results[] = { "kept old new ", "kept new " };
  guint64 content;

  change_well (fixture, "+kept");
  change_well (fixture, "+old");
  image_fixture_write (fixture->image, 0, 1 << 20);
  content = measure (fixture, "kept");
  g_assert_cmpuint (content, >, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      int n = 0;
      bool done;

      do
        {
          g_autofree char *before = list (fixture);
          g_autofree char *after = NULL;

          n_writes_left = n++;
          done = change (fixture, changes[i], NULL);
          n_writes_left = -1;
          assert_sound (fixture, false);
          g_assert_cmpuint (measure (fixture, "kept"), ==, content);
          after = list (fixture);
          /* Only waiting failed: whoever looks sees it. */
          if (!done && g_strcmp0 (before, after) != 0)
            {
              assert_list (fixture, results[i]);
              change_well (fixture, opposites[i]);
            }
        }
      while (!done);
      g_assert_cmpint (n, >, 4);
    }
  assert_list (fixture, "kept new ");
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
  void (*run) (Fixture *fixture, gconstpointer options);
  gsize n_kinds; /* of how many of the kinds above */
} tests[] = {
  { "by-turns", test_by_turns, G_N_ELEMENTS (kinds) },
  { "many", test_many, G_N_ELEMENTS (kinds) },
  { "far", test_far, G_N_ELEMENTS (kinds) },
  { "in-use", test_in_use, 1 },
  { "void", test_void, 1 },
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

        g_test_add (path, Fixture, kinds[k].options, set_up, tests[i].run, tear_down);
      }
  return g_test_run ();
}
