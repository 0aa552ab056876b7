/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is marked in the bitmaps of a qcow2 image: of any file, extents are sorted and within the
 * disk, and they are as many bytes as are counted. */

#define _GNU_SOURCE /* memfd_create() */

#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz-image.h"
#include "qemu/big-endian.h"
#include "qemu/qcow2-bitmap-content.h"
#include "qemu/qcow2-format.h"

static const char *const seeds[] = { "", "QFI\xfb", NULL };

static const char *const words[] = {
  "QFI\xfb", "\x01", "\x02", "\x03", "\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x80", "\x0a", NULL,
};

const FuzzTarget fuzz_target = {
  .name = "bitmap-content",
  .seeds = seeds,
  .words = words,
  .add_seeds = fuzz_image_add,
};

/* Reads all parts; *ret_bytes in full granules. False if one could not be read. */
static bool
read_parts (VckcQcow2BitmapContent *content, guint64 size, guint64 granularity, guint64 *ret_bytes)
{
  guint64 last = 0;
  bool end = false;

  *ret_bytes = 0;
  while (!end)
    {
      g_autoptr (GArray) extents = vckc_extents_new ();
      g_autoptr (VckcError) error = NULL;

      if (!vckc_qcow2_bitmap_content_next (content, extents, &end, &error))
        {
          g_assert_nonnull (error);
          return false;
        }
      g_assert_cmpuint (extents->len, <=, 65536);
      for (guint i = 0; i < extents->len; i++)
        {
          const VckcExtent *extent = &g_array_index (extents, VckcExtent, i);

          g_assert_cmpuint (extent->offset, >=, last);
          g_assert_cmpuint (extent->offset % granularity, ==, 0);
          g_assert_cmpuint (extent->length, <=, size - extent->offset);
          g_assert_cmpuint (extent->flags, ==, VCKC_EXTENT_DIRTY);
          last = extent->offset + extent->length;
          *ret_bytes += (extent->length + granularity - 1) / granularity * granularity;
        }
    }
  return true;
}

static void
read_bitmap (int fd, const VckcQcow2Bitmaps *bitmaps, const VckcQcow2Bitmap *bitmap)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQcow2BitmapContent) content =
      vckc_qcow2_bitmap_content_new (fd, "image", bitmaps, bitmap, &error);
  g_autoptr (VckcQcow2BitmapContent) again =
      vckc_qcow2_bitmap_content_new (fd, "image", bitmaps, bitmap, NULL);
  guint64 bytes, counted;

  g_assert_true ((content == NULL) == (error != NULL));
  if (content != NULL
      && read_parts (content, vckc_be64 (bitmaps->header->data + QCOW2_DISK_SIZE),
                     G_GUINT64_CONSTANT (1) << bitmap->granularity_bits, &bytes))
    {
      g_assert_true (vckc_qcow2_bitmap_content_count (again, &counted, NULL));
      g_assert_cmpuint (bytes, ==, counted);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("image", MFD_CLOEXEC);
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  bitmaps = vckc_qcow2_bitmaps_read (fd, "image", NULL);
  for (guint i = 0; bitmaps != NULL && i < bitmaps->bitmaps->len && i < 4; i++)
    read_bitmap (fd, bitmaps, g_ptr_array_index (bitmaps->bitmaps, i));
  close (fd);
  return 0;
}
