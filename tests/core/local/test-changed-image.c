/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Changed blocks of an image that other programs use, change or replace, and of a damaged one. */

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "extents-fixture.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-format.h"

#define GRANULE 65536

typedef struct
{
  ExtentsFixture base;
  VckcDomainCheckpoint *checkpoint; /* since which granules 1 and 5 were written */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  extents_fixture_begin (&fixture->base);
  g_free (image_fixture_make_image (fixture->base.folder, "disk.qcow2", NULL));
  extents_fixture_define (&fixture->base);
  fixture->checkpoint = extents_fixture_create (&fixture->base, "k1");
  image_fixture_write (fixture->base.image, GRANULE, GRANULE);
  image_fixture_write (fixture->base.image, 5 * GRANULE, GRANULE);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  vckc_domain_checkpoint_unref (fixture->checkpoint, NULL);
  extents_fixture_end (&fixture->base);
}

static void
assert_listed (Fixture *fixture)
{
  VckcExtent *extents = NULL;
  VckcError *error = NULL;
  int count = vckc_domain_checkpoint_list_extents (fixture->checkpoint, "vda", &extents, 0, &error);

  assert_ok (count == 2, error);
  g_assert_cmpuint (extents[0].offset, ==, GRANULE);
  g_assert_cmpuint (extents[1].offset, ==, 5 * GRANULE);
  free (extents);
}

static void
assert_not_listed (Fixture *fixture, VckcErrorCode code, const char *part)
{
  VckcExtent *extents = NULL;
  VckcError *error = NULL;

  g_assert_cmpint (
      vckc_domain_checkpoint_list_extents (fixture->checkpoint, "vda", &extents, 0, &error), ==,
      -1);
  g_assert_null (extents);
  assert_error (error, code, part);
}

static VckcExtentCursor *
open_cursor (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcExtentCursor *cursor =
      vckc_domain_checkpoint_open_extents (fixture->checkpoint, "vda", 0, &error);

  assert_ok (cursor != NULL, error);
  return cursor;
}

/* Runs a program and returns whether it succeeded. */
static bool
run (const char *const *argv)
{
  int status;

  g_assert_true (
      g_spawn_sync (NULL, (char **) argv, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL));
  return g_spawn_check_wait_status (status, NULL);
}

/* While a program writes the image it cannot be read. */
static void
test_writer (Fixture *fixture, gconstpointer unused)
{
  ImageHolder holder;

  image_holder_start (&holder, fixture->base.image);
  assert_not_listed (fixture, VCKC_ERROR_BUSY, "held by another program");
  image_holder_stop (&holder);
  assert_listed (fixture);
}

/* While a cursor reads, other programs may read and none may write; no process was started. */
static void
test_cursor_holds (Fixture *fixture, gconstpointer unused)
{
  const char *const read[] = { "qemu-img", "info", fixture->base.image, NULL };
  const char *const write[] = { "qemu-io", "-c", "write 0 64k", fixture->base.image, NULL };
  VckcExtentCursor *cursor = open_cursor (fixture);
  VckcExtent *extents;

  image_fixture_assert_no_child ();
  assert_listed (fixture);
  g_assert_true (run (read));
  g_assert_false (run (write));
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &extents, 10, NULL), ==, 2);
  free (extents);
  /* All is read. */
  g_assert_true (run (write));
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &extents, 10, NULL), ==, 0);
  vckc_extent_cursor_unref (cursor, NULL);
}

/* A program without locks, as where the file system has none. */
static void
test_changed_meanwhile (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *options = g_strdup_printf (
      "driver=qcow2,file.driver=file,file.locking=off,file.filename=%s", fixture->base.image);
  const char *const write[] = { "qemu-io", "--image-opts", "-c", "write 9M 64k", options, NULL };
  VckcExtentCursor *cursor = open_cursor (fixture);
  VckcExtent *extents = NULL;
  VckcError *error = NULL;

  g_free (image_fixture_run (write));
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &extents, 10, &error), ==, -1);
  g_assert_null (extents);
  assert_error (error, VCKC_ERROR_BUSY, "opened or changed by another program");
  vckc_extent_cursor_unref (cursor, NULL);
}

static void
test_writer_died (Fixture *fixture, gconstpointer unused)
{
  image_fixture_abandon (fixture->base.image);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "in use when its writer died");
}

static void
test_switched_off (Fixture *fixture, gconstpointer unused)
{
  const char *const argv[] = { "qemu-img", "bitmap", "--disable", fixture->base.image, "k1", NULL };

  g_free (image_fixture_run (argv));
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "switched off");
}

/* Grown, the disk has all changes in its bitmap; smaller, it is not what a backup was made of. */
static void
test_resized (Fixture *fixture, gconstpointer unused)
{
  const char *const grow[] = { "qemu-img", "resize", "-q", fixture->base.image, "100M", NULL };
  const char *const shrink[] = { "qemu-img",          "resize", "-q", "--shrink",
                                 fixture->base.image, "32M",    NULL };

  g_free (image_fixture_run (grow));
  assert_listed (fixture);
  g_free (image_fixture_run (shrink));
  assert_not_listed (fixture, VCKC_ERROR_OPERATION_INVALID, "33554432 bytes, and had 67108864");
}

static void
test_replaced (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *copy = g_strconcat (fixture->base.image, ".new", NULL);
  const char *const argv[] = { "cp", fixture->base.image, copy, NULL };

  g_free (image_fixture_run (argv));
  g_assert_cmpint (rename (copy, fixture->base.image), ==, 0);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "not that of the checkpoint");
}

/* Behind an external snapshot the bitmap is in a file below. */
static void
test_snapshot (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *base = g_build_filename (fixture->base.folder, "base.qcow2", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q", "-f",    "qcow2",
                               "-b",       base,     "-F", "qcow2", fixture->base.image,
                               NULL };

  g_assert_cmpint (rename (fixture->base.image, base), ==, 0);
  g_free (image_fixture_run (argv));
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "not known");
}

static void
test_away (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (unlink (fixture->base.image), ==, 0);
  assert_not_listed (fixture, VCKC_ERROR_OPERATION_UNSUPPORTED, "cannot open the image");
}

/* Puts `size` bytes at the offset of something that the image has of its bitmap. */
static void
damage (Fixture *fixture, bool in_table, const void *bytes, gsize size, guint64 extra)
{
  int fd = open (fixture->base.image, O_RDWR | O_CLOEXEC);
  g_autoptr (VckcQcow2Bitmaps) bitmaps = vckc_qcow2_bitmaps_read (fd, "image", NULL);
  const VckcQcow2Bitmap *bitmap = g_ptr_array_index (bitmaps->bitmaps, 0);
  const guint64 at = in_table ? bitmap->table_offset : bitmaps->offset + bitmap->entry_at;

  g_assert_cmpint (pwrite (fd, bytes, size, (off_t) (at + extra)), ==, (gssize) size);
  close (fd);
}

static void
test_damaged (Fixture *fixture, gconstpointer unused)
{
  static const guint8 reserved[8] = { 0x80 };
  static const guint8 nowhere[8] = { 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0, 0 };
  static const guint8 askew[8] = { 0, 0, 0, 0, 0, 0, 0x12, 0 };
  static const guint8 too_long[4] = { 0, 0, 1, 0 };
  static const guint8 type = 7;
  const char *part = "is damaged";

  damage (fixture, true, reserved, sizeof reserved, 0);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
  damage (fixture, true, nowhere, sizeof nowhere, 0);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
  damage (fixture, true, askew, sizeof askew, 0);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
  damage (fixture, false, too_long, sizeof too_long, QCOW2_ENTRY_TABLE_SIZE);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
  damage (fixture, false, &type, sizeof type, QCOW2_ENTRY_TYPE);
  assert_not_listed (fixture, VCKC_ERROR_CHECKPOINT_INCONSISTENT, part);
}

/* Features by which the L2 tables may mean something else: nothing is certain then. */
static void
test_unknown_features (Fixture *fixture, gconstpointer unused)
{
  static const guint8 features[] = { 0x02, 0x04, 0x20 }; /* corrupt, data file, not known */

  for (gsize i = 0; i < G_N_ELEMENTS (features); i++)
    {
      int fd = open (fixture->base.image, O_RDWR | O_CLOEXEC);
      VckcExtent *extents = NULL;
      VckcError *error = NULL;
      int count;

      g_assert_cmpint (pwrite (fd, &features[i], 1, QCOW2_INCOMPATIBLE + 7), ==, 1);
      close (fd);
      count = vckc_domain_checkpoint_list_extents (fixture->checkpoint, "vda", &extents, 0, &error);
      if (error != NULL)
        {
          vckc_error_free (error);
          continue;
        }
      for (int k = 0; k < count; k++)
        g_assert_cmpuint (extents[k].flags, ==, VCKC_EXTENT_DIRTY);
      free (extents);
    }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/changed-image/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("writer", test_writer);
  ADD ("cursor-holds", test_cursor_holds);
  ADD ("changed-meanwhile", test_changed_meanwhile);
  ADD ("writer-died", test_writer_died);
  ADD ("switched-off", test_switched_off);
  ADD ("resized", test_resized);
  ADD ("replaced", test_replaced);
  ADD ("snapshot", test_snapshot);
  ADD ("away", test_away);
  ADD ("damaged", test_damaged);
  ADD ("unknown-features", test_unknown_features);
  return g_test_run ();
}
