/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the L2 tables of a qcow2 image say: of any file, extents are sorted, within the part that
 * was asked for, and either zero or data; a part asked for alone is as it is among others; with
 * other flags the same is said, and the whole part is covered. */

#define _GNU_SOURCE /* memfd_create() */

#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz-image.h"
#include "qemu/big-endian.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-format.h"
#include "qemu/qcow2-map.h"

static const char *const seeds[] = { "", "QFI\xfb", NULL };

static const char *const words[] = {
  "QFI\xfb",          "\x01", "\x02", "\x04", "\x10", "\xff\xff\xff\xff",
  "\x7f\xff\xff\xff", "\x80", "\x0c", NULL,
};

const FuzzTarget fuzz_target = {
  .name = "map",
  .seeds = seeds,
  .words = words,
  .add_seeds = fuzz_image_add,
};

static GArray *
ask (VckcQcow2Map *map, guint64 offset, guint64 length)
{
  GArray *extents = vckc_extents_new ();

  g_assert_true (vckc_qcow2_map_add (map, offset, length, 0, extents, NULL));
  return extents;
}

static unsigned int
flags_at (const GArray *extents, guint64 offset)
{
  for (guint i = 0; i < extents->len; i++)
    {
      const VckcExtent *extent = &g_array_index (extents, VckcExtent, i);

      if (extent->offset <= offset && offset - extent->offset < extent->length)
        return extent->flags;
    }
  return 0;
}

static void
check_with_flags (VckcQcow2Map *map, guint64 offset, guint64 length, const GArray *certain)
{
  g_autoptr (GArray) all = vckc_extents_new ();
  guint64 at = offset;

  g_assert_true (vckc_qcow2_map_add (map, offset, length, VCKC_EXTENT_DIRTY, all, NULL));
  for (guint i = 0; i < all->len; i++)
    {
      const VckcExtent *extent = &g_array_index (all, VckcExtent, i);

      g_assert_cmpuint (extent->offset, ==, at);
      g_assert_cmpuint (extent->flags, ==, VCKC_EXTENT_DIRTY | flags_at (certain, at));
      at += extent->length;
    }
  g_assert_cmpuint (at, ==, offset + length);
}

static void
check_part (VckcQcow2Map *map, guint64 offset, guint64 length)
{
  g_autoptr (GArray) extents = ask (map, offset, length);
  guint64 last = offset;

  for (guint i = 0; i < extents->len; i++)
    {
      const VckcExtent *extent = &g_array_index (extents, VckcExtent, i);
      g_autoptr (GArray) alone = ask (map, extent->offset, 1);

      g_assert_cmpuint (extent->offset, >=, last);
      g_assert_cmpuint (extent->length, >, 0);
      g_assert_true (extent->flags == VCKC_EXTENT_ZERO || extent->flags == VCKC_EXTENT_DATA);
      g_assert_cmpuint (flags_at (alone, extent->offset), ==, extent->flags);
      last = extent->offset + extent->length;
    }
  g_assert_cmpuint (last - offset, <=, length);
  check_with_flags (map, offset, length, extents);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  int fd = memfd_create ("image", MFD_CLOEXEC);
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, (gssize) size);
  bitmaps = vckc_qcow2_bitmaps_read (fd, "image", NULL);
  if (bitmaps != NULL && bitmaps->header->len >= QCOW2_HEADER_MIN)
    {
      g_autoptr (VckcQcow2Map) map = vckc_qcow2_map_new (fd, "image", bitmaps->header);
      const guint64 end = vckc_be64 (bitmaps->header->data + QCOW2_DISK_SIZE);

      check_part (map, 0, 1 << 20);
      check_part (map, 700, 33000);
      check_part (map, end / 2, 1 << 20);
      check_part (map, end - MIN (end, 100000), 100000);
    }
  close (fd);
  return 0;
}
