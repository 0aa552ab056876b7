/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-bitmap-fill.h"

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-clusters.h"
#include "qemu/qcow2-format.h"
#include "vckc-extent.h"

/* A bitmap that is filled, cluster by cluster. */
typedef struct
{
  int fd;                        /* borrowed */
  const char *path;              /* borrowed */
  VckcQcow2Bitmaps *bitmaps;     /* owned */
  const VckcQcow2Bitmap *bitmap; /* one of these */
  VckcQcow2Clusters *clusters;   /* owned */
  GByteArray *table;             /* owned: of the bitmap */
  guint8 *part;                  /* owned: a cluster of the bitmap */
  guint64 part_number;
  bool has_part;
} BitmapFill;

static void
bitmap_fill_clear (BitmapFill *self)
{
  vckc_qcow2_bitmaps_free (self->bitmaps);
  vckc_qcow2_clusters_free (self->clusters);
  g_byte_array_unref (self->table);
  g_free (self->part);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BitmapFill, bitmap_fill_clear)

static bool
bitmap_fill_find (BitmapFill *self, const char *name, VckcError **err)
{
  for (guint i = 0; self->bitmap == NULL && i < self->bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (self->bitmaps->bitmaps, i);

      if (g_str_equal (bitmap->name, name))
        self->bitmap = bitmap;
    }
  if (self->bitmap == NULL)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "the image '%s' has no bitmap '%s'",
                    self->path, name);
  return self->bitmap != NULL;
}

static bool
bitmap_fill_read_table (BitmapFill *self, VckcError **err)
{
  const gsize size = (gsize) self->bitmap->table_size * 8;
  bool empty = true;

  if (!vckc_image_read (self->fd, self->path, self->bitmap->table_offset, size, self->table, err))
    return false;
  for (gsize i = 0; i < self->table->len; i++)
    empty = empty && self->table->data[i] == 0;
  if (!empty || self->table->len != size)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "the bitmap '%s' in the image '%s' is not empty", self->bitmap->name,
                    self->path);
  return empty && self->table->len == size;
}

static bool
bitmap_fill_open (BitmapFill *self, const char *name, VckcError **err)
{
  self->bitmaps = vckc_qcow2_bitmaps_read (self->fd, self->path, err);
  if (self->bitmaps == NULL || !bitmap_fill_find (self, name, err)
      || !bitmap_fill_read_table (self, err))
    return false;
  self->clusters = vckc_qcow2_clusters_open (self->fd, self->path, self->bitmaps->header, err);
  if (self->clusters == NULL)
    return false;
  self->part = g_malloc0 (vckc_qcow2_clusters_get_size (self->clusters));
  return true;
}

/* Writes the cluster of the bitmap that was filled last. */
static bool
bitmap_fill_leave_part (BitmapFill *self, VckcError **err)
{
  const gsize size = vckc_qcow2_clusters_get_size (self->clusters);
  guint64 offset;

  if (!self->has_part)
    return true;
  offset = vckc_qcow2_clusters_allocate (self->clusters, size, err);
  if (offset == 0 || !vckc_image_write (self->fd, self->path, offset, self->part, size, err))
    return false;
  vckc_put_be64 (self->table->data + self->part_number * 8, offset);
  memset (self->part, 0, size);
  self->has_part = false;
  return true;
}

static bool
bitmap_fill_mark (BitmapFill *self, guint64 granule, VckcError **err)
{
  const gsize size = vckc_qcow2_clusters_get_size (self->clusters);
  const guint64 number = granule / 8 / size;

  if (number >= self->bitmap->table_size)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "the bitmap '%s' in the image '%s' ends before what is to be marked",
                      self->bitmap->name, self->path);
      return false;
    }
  if (number != self->part_number && !bitmap_fill_leave_part (self, err))
    return false;
  self->part_number = number;
  self->has_part = true;
  self->part[granule / 8 % size] |= (guint8) (1u << granule % 8);
  return true;
}

static bool
bitmap_fill_mark_all (BitmapFill *self, const GArray *extents, VckcError **err)
{
  const guint bits = self->bitmap->granularity_bits;

  for (guint i = 0; i < extents->len; i++)
    {
      const VckcExtent *extent = &g_array_index (extents, VckcExtent, i);

      for (guint64 at = extent->offset >> bits; at <= (extent->offset + extent->length - 1) >> bits;
           at++)
        if (!bitmap_fill_mark (self, at, err))
          return false;
    }
  return bitmap_fill_leave_part (self, err);
}

bool
vckc_qcow2_bitmap_fill (int fd,
                        const char *path,
                        const char *name,
                        const GArray *extents,
                        VckcError **err)
{
  g_auto (BitmapFill) self = { .fd = fd, .path = path, .table = g_byte_array_new () };

  return bitmap_fill_open (&self, name, err) && bitmap_fill_mark_all (&self, extents, err)
         && vckc_qcow2_clusters_store (self.clusters, err)
         && vckc_image_write (fd, path, self.bitmap->table_offset, self.table->data,
                              self.table->len, err);
}
