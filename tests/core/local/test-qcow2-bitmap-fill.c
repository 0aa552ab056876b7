/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is marked in a bitmap without QEMU is what is read of it then, and QEMU finds no damage. */

#include <glib.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmap-content.h"
#include "qemu/qcow2-bitmap-fill.h"

/* Its bitmap takes many clusters: each marks 16 MiB. */
#define SMALL_CLUSTERS "cluster_size=512"
#define GRANULE 4096
#define GRANULES 16384 /* of 64 MiB */

static void
add_bitmap (OpenImage *image, const char *name)
{
  g_autoptr (GPtrArray) add = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  VckcError *error = NULL;
  bool added;

  g_ptr_array_add (add, (gpointer) name);
  added = vckc_qcow2_bitmaps_change (image->fd, image->path, add, none, &error);
  assert_ok (added, error);
}

static void
assert_sound (OpenImage *image)
{
  const char *const argv[] = { "qemu-img", "check", "-q", image->path, NULL };

  image_fixture_run_quietly (argv);
}

/* Are exactly these granules marked? */
static void
assert_marked (OpenImage *image, const char *name, const bool *marked)
{
  VckcError *error = NULL;
  g_autoptr (VckcQcow2Bitmaps) bitmaps = vckc_qcow2_bitmaps_read (image->fd, image->path, &error);
  g_autoptr (VckcQcow2BitmapContent) content = NULL;
  g_autoptr (GArray) extents = vckc_extents_new ();
  g_autofree bool *found = g_new0 (bool, GRANULES);
  bool end = false;

  assert_ok (bitmaps != NULL, error);
  for (guint i = 0; i < bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (bitmaps->bitmaps, i);

      if (g_str_equal (bitmap->name, name))
        content = vckc_qcow2_bitmap_content_new (image->fd, image->path, bitmaps, bitmap, &error);
    }
  assert_ok (content != NULL, error);
  while (!end)
    {
      bool ok = vckc_qcow2_bitmap_content_next (content, extents, &end, &error);

      assert_ok (ok, error);
    }
  for (guint i = 0; i < extents->len; i++)
    {
      const VckcExtent *extent = &g_array_index (extents, VckcExtent, i);

      for (guint64 at = extent->offset; at < extent->offset + extent->length; at += GRANULE)
        found[at / GRANULE] = true;
    }
  g_assert_cmpmem (found, GRANULES * sizeof (bool), marked, GRANULES * sizeof (bool));
}

static void
test_random (OpenImage *image, gconstpointer options)
{
  for (guint round = 0; round < 5; round++)
    {
      g_autofree char *name = g_strdup_printf ("b%u", round);
      g_autofree bool *marked = g_new0 (bool, GRANULES);
      g_autoptr (GArray) extents = vckc_extents_new ();
      VckcError *error = NULL;
      guint64 at = 0;
      bool filled;

      add_bitmap (image, name);
      for (;;)
        {
          guint64 length = (guint64) g_test_rand_int_range (1, 40 * GRANULE);

          at += (guint64) g_test_rand_int_range (1, 4000 * GRANULE);
          if (at + length > (guint64) GRANULES * GRANULE)
            break;
          vckc_extents_add (extents, at, length, VCKC_EXTENT_DIRTY);
          for (guint64 i = at / GRANULE; i <= (at + length - 1) / GRANULE; i++)
            marked[i] = true;
          at += length;
        }
      filled = vckc_qcow2_bitmap_fill (image->fd, image->path, name, extents, &error);
      assert_ok (filled, error);
      assert_sound (image);
      assert_marked (image, name, marked);
    }
}

static void
test_refused (OpenImage *image, gconstpointer options)
{
  g_autoptr (GArray) extents = vckc_extents_new ();
  VckcError *error = NULL;
  bool filled;

  vckc_extents_add (extents, 0, 1, VCKC_EXTENT_DIRTY);
  add_bitmap (image, "one");
  g_assert_false (vckc_qcow2_bitmap_fill (image->fd, image->path, "two", extents, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "has no bitmap 'two'");
  error = NULL;
  filled = vckc_qcow2_bitmap_fill (image->fd, image->path, "one", extents, &error);
  assert_ok (filled, error);
  g_assert_false (vckc_qcow2_bitmap_fill (image->fd, image->path, "one", extents, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "is not empty");
  error = NULL;
  add_bitmap (image, "behind");
  vckc_extents_add (extents, G_GUINT64_CONSTANT (1) << 40, 1, VCKC_EXTENT_DIRTY);
  g_assert_false (vckc_qcow2_bitmap_fill (image->fd, image->path, "behind", extents, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "ends before what is to be marked");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/qcow2-bitmap-fill/random", OpenImage, SMALL_CLUSTERS, open_image_set_up,
              test_random, open_image_tear_down);
  g_test_add ("/qcow2-bitmap-fill/refused", OpenImage, SMALL_CLUSTERS, open_image_set_up,
              test_refused, open_image_tear_down);
  return g_test_run ();
}
