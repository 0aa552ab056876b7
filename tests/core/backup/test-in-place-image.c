/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Room for the new images of a restore in place. */

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "assert-error.h"
#include "backup/in-place-image.h"
#include "image-fixture.h"

#define N_IMAGES 2

typedef struct
{
  char *folder;
  VckcInPlaceDisk disks[N_IMAGES];
  GPtrArray *images;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer raw)
{
  fixture->folder = image_fixture_new ();
  fixture->images = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_in_place_image_free);
  for (guint i = 0; i < N_IMAGES; i++)
    {
      VckcInPlaceImage *image = g_new0 (VckcInPlaceImage, 1);
      struct stat info;

      fixture->disks[i].target = g_strdup_printf ("vd%c", (int) ('a' + i));
      fixture->disks[i].path = g_build_filename (fixture->folder, fixture->disks[i].target, NULL);
      image->disk = &fixture->disks[i];
      image->temporary = g_strconcat (image->disk->path, ".new", NULL);
      image->raw = raw != NULL;
      image->fd = open (image->temporary, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      g_assert_cmpint (fstat (image->fd, &info), ==, 0);
      image->device = info.st_dev;
      g_ptr_array_add (fixture->images, image);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer raw)
{
  g_ptr_array_unref (fixture->images);
  for (guint i = 0; i < N_IMAGES; i++)
    {
      g_free (fixture->disks[i].target);
      g_free (fixture->disks[i].path);
    }
  image_fixture_remove (fixture->folder);
}

static bool
reserve (Fixture *fixture, guint i, guint64 room, VckcError **err)
{
  return vckc_in_place_image_reserve (g_ptr_array_index (fixture->images, i), fixture->images, room,
                                      err);
}

/* There is room for each, and not for both. */
static void
test_sum (Fixture *fixture, gconstpointer raw)
{
  VckcError *error = NULL;
  struct statvfs info;
  guint64 room;
  bool ok;

  g_assert_cmpint (statvfs (fixture->folder, &info), ==, 0);
  room = (guint64) info.f_bavail * info.f_frsize / 10 * 6;
  ok = reserve (fixture, 0, room, &error);
  assert_ok (ok, error);
  g_assert_false (reserve (fixture, 1, room, &error));
  assert_error (error, VCKC_ERROR_NO_SPACE, "there is no room");
  error = NULL;
  ok = reserve (fixture, 1, room / 10, &error);
  assert_ok (ok, error);
}

/* What is reserved is not counted once more. */
static void
test_reserved (Fixture *fixture, gconstpointer raw)
{
  VckcInPlaceImage *image = g_ptr_array_index (fixture->images, 0);
  const guint64 room = 1024 * 1024;
  VckcError *error = NULL;
  struct stat info;
  bool ok = reserve (fixture, 0, room, &error);

  assert_ok (ok, error);
  g_assert_cmpint (fstat (image->fd, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 0);
  g_assert_true ((guint64) info.st_blocks * 512 + image->unreserved >= room);
  g_assert_true (image->unreserved == 0 || image->unreserved == room);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/backup/in-place-image/sum", Fixture, "raw", set_up, test_sum, tear_down);
  g_test_add ("/vck/backup/in-place-image/reserved", Fixture, NULL, set_up, test_reserved,
              tear_down);
  return g_test_run ();
}
