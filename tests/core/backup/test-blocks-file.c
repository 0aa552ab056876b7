/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "assert-error.h"
#include "backup/blocks-file.h"
#include "model/extent-runs.h"
#include "nbd/assert-extents.h"

#define BLOCK 65536
#define NAME "vda.blocks"
#define SIZE (G_GUINT64_CONSTANT (10) * 1024 * 1024 * 1024 + 512)

typedef struct
{
  char *folder;
  int fd;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("vck-blocks-XXXXXX", NULL);
  fixture->fd = open (fixture->folder, O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fixture->fd, >=, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  unlinkat (fixture->fd, NAME, 0);
  close (fixture->fd);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static char *
make_path (Fixture *fixture)
{
  return g_build_filename (fixture->folder, NAME, NULL);
}

static void
write_blocks (Fixture *fixture, guint64 disk_size, VckcExtentRuns *runs /* (transfer full) */)
{
  g_autoptr (VckcExtentReader) reader = vckc_extent_runs_open (runs);
  VckcError *error = NULL;

  assert_ok (
      vckc_blocks_file_write (fixture->fd, fixture->folder, NAME, disk_size, BLOCK, reader, &error),
      error);
}

static void
assert_blocks (Fixture *fixture, guint64 disk_size, const GArray *expected)
{
  guint32 block_size = 0;
  VckcError *error = NULL;
  g_autoptr (VckcExtentReader) reader =
      vckc_blocks_file_open (fixture->fd, fixture->folder, NAME, disk_size, &block_size, &error);
  g_autoptr (GArray) extents = NULL;

  assert_ok (reader != NULL, error);
  g_assert_cmpuint (block_size, ==, BLOCK);
  extents = read_extents (reader);
  assert_extents (extents, expected);
}

/* Extents of all kinds come back as the blocks that they touch, cut at the end of the disk. */
static void
test_same (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  g_autoptr (VckcExtentRuns) runs = vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX);
  g_autoptr (GArray) expected = vckc_extents_new ();
  guint64 offset = 0, covered = 0;

  while (offset < SIZE)
    {
      guint64 length = 512 * (guint64) g_rand_int_range (random, 1, 1000);
      const VckcExtent extent = { offset, MIN (length, SIZE - offset),
                                  (guint) g_rand_int_range (random, 1, 8) };
      guint64 begin = MAX (offset / BLOCK * BLOCK, covered);
      VckcError *error = NULL;

      covered = MIN ((offset + extent.length + BLOCK - 1) / BLOCK * BLOCK, SIZE);
      assert_ok (vckc_extent_runs_add (runs, &extent, &error), error);
      if (covered > begin)
        vckc_extents_add (expected, begin, covered - begin, VCKC_EXTENT_DIRTY);
      offset += length + 512 * (guint64) g_rand_int_range (random, 0, 2000);
    }
  g_assert_cmpuint (expected->len, >, 5000);
  write_blocks (fixture, SIZE, g_steal_pointer (&runs));
  assert_blocks (fixture, SIZE, expected);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) expected = vckc_extents_new ();

  write_blocks (fixture, 0, vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX));
  assert_blocks (fixture, 0, expected);
}

/* One block of 1 MiB at its offset 1 MiB, of a disk of 4 MiB. */
static void
write_small (Fixture *fixture)
{
  VckcExtentRuns *runs = vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX);
  const VckcExtent extent = { 1024 * 1024, 1024 * 1024, VCKC_EXTENT_DIRTY };
  VckcError *error = NULL;

  assert_ok (vckc_extent_runs_add (runs, &extent, &error), error);
  write_blocks (fixture, 4 * 1024 * 1024, runs);
}

/* Reads what may be damaged; the error, or NULL. */
static VckcError *
read_small (Fixture *fixture, GArray *extents)
{
  guint32 block_size;
  VckcError *error = NULL;
  g_autoptr (VckcExtentReader) reader = vckc_blocks_file_open (
      fixture->fd, fixture->folder, NAME, 4 * 1024 * 1024, &block_size, &error);
  bool end = false;

  while (reader != NULL && !end && vckc_extent_reader_next (reader, extents, &end, &error))
    ;
  return error;
}

/* Without the time that storing takes. */
static void
set_bytes (Fixture *fixture, const char *bytes, gsize length)
{
  int fd = openat (fixture->fd, NAME, O_WRONLY | O_TRUNC | O_CLOEXEC);

  g_assert_cmpint (write (fd, bytes, length), ==, (gssize) length);
  g_assert_cmpint (close (fd), ==, 0);
}

/* An existing file is left alone. */
static void
test_exists (Fixture *fixture, gconstpointer data)
{
  g_autoptr (VckcExtentReader) reader =
      vckc_extent_runs_open (vckc_extent_runs_new (VCKC_EXTENT_RUNS_MAX));
  g_autoptr (GArray) extents = vckc_extents_new ();
  VckcError *error = NULL;

  write_small (fixture);
  g_assert_false (
      vckc_blocks_file_write (fixture->fd, fixture->folder, NAME, 512, BLOCK, reader, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "File exists");
  g_assert_null (read_small (fixture, extents));
  g_assert_cmpuint (extents->len, ==, 1);
}

/* Cut anywhere, or with more behind it. */
static void
test_cut (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = make_path (fixture);
  g_autofree char *text = NULL;
  gsize length;

  write_small (fixture);
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (gsize n = 0; n <= length + 1; n++)
    {
      g_autoptr (GArray) extents = vckc_extents_new ();

      /* g_file_get_contents() has put a NUL behind it */
      set_bytes (fixture, text, n);
      if (n == length)
        g_assert_null (read_small (fixture, extents));
      else
        assert_error (read_small (fixture, extents), VCKC_ERROR_BACKUP_INCONSISTENT,
                      "is damaged: ");
    }
}

/* Whatever the bytes are, no extent is outside of the disk. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20261127);
  g_autofree char *path = make_path (fixture);
  g_autofree char *text = NULL;
  gsize length;
  guint n_refused = 0;

  write_small (fixture);
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GArray) extents = vckc_extents_new ();
      g_autofree char *bad = g_memdup2 (text, length);
      VckcError *error;

      for (guint i = 0; i < 1 + round % 3; i++)
        bad[g_rand_int_range (random, 0, (gint32) length)] = (char) g_rand_int (random);
      set_bytes (fixture, bad, length);
      error = read_small (fixture, extents);
      for (guint i = 0; i < extents->len; i++)
        {
          const VckcExtent *extent = &g_array_index (extents, VckcExtent, i);

          g_assert_cmpuint (extent->offset, <, 4 * 1024 * 1024);
          g_assert_cmpuint (extent->length, <=, 4 * 1024 * 1024 - extent->offset);
        }
      if (error != NULL)
        {
          assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "is damaged: ");
          n_refused++;
        }
    }
  g_assert_cmpuint (n_refused, >, 1000);
}

/* Nothing, and a link. */
static void
test_no_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) extents = vckc_extents_new ();

  assert_error (read_small (fixture, extents), VCKC_ERROR_BACKUP_INCONSISTENT, "it is missing");
  g_assert_cmpint (symlinkat ("/dev/zero", fixture->fd, NAME), ==, 0);
  assert_error (read_small (fixture, extents), VCKC_ERROR_BACKUP_INCONSISTENT,
                "it is not a regular file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/blocks-file/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("same", test_same);
  ADD ("empty", test_empty);
  ADD ("exists", test_exists);
  ADD ("cut", test_cut);
  ADD ("damaged", test_damaged);
  ADD ("no-file", test_no_file);
  return g_test_run ();
}
