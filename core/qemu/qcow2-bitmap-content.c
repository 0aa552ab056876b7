/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-bitmap-content.h"

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"

/* Of the bitmap, and of its table: what is in memory at a time. */
#define PART_SIZE 16384u
/* QEMU's own limits of a granularity. */
#define MIN_GRANULARITY_BITS 9
#define MAX_GRANULARITY_BITS 31

struct _VckcQcow2BitmapContent
{
  int fd;
  const char *path;
  char *name;
  guint64 virtual_size;
  guint granularity_bits;
  guint64 cluster_size;
  guint64 table_offset;
  guint64 n_granules;
  guint64 size;      /* of the bitmap, in bytes: a bit for each granule, in whole words */
  guint64 at;        /* the next byte of it */
  GByteArray *table; /* entries of the table from number table_start on */
  guint64 table_start;
  GByteArray *part;
};

static bool
content_fail (const char *name, const char *path, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                  "the bitmap '%s' in the image '%s' is damaged; check it with 'qemu-img check', "
                  "and make a full backup",
                  name, path);
  return false;
}

static guint64
content_divide (guint64 size, guint64 by)
{
  return size / by + (size % by != 0 ? 1 : 0);
}

/* Is the table where a table can be, and of the size that the disk asks for? */
static bool
is_sound (const VckcQcow2BitmapContent *self, const VckcQcow2Bitmap *bitmap)
{
  return bitmap->type == QCOW2_BITMAP_DIRTY_TRACKING && self->virtual_size <= G_MAXINT64
         && bitmap->granularity_bits >= MIN_GRANULARITY_BITS
         && bitmap->granularity_bits <= MAX_GRANULARITY_BITS && self->size <= QCOW2_MAX_BITMAP_BYTES
         && bitmap->table_offset % self->cluster_size == 0
         && (bitmap->table_offset != 0 || bitmap->table_size == 0)
         && bitmap->table_offset <= G_MAXINT64 / 2
         && bitmap->table_size == content_divide (self->size, self->cluster_size);
}

VckcQcow2BitmapContent *
vckc_qcow2_bitmap_content_new (int fd,
                               const char *path,
                               const VckcQcow2Bitmaps *bitmaps,
                               const VckcQcow2Bitmap *bitmap,
                               VckcError **err)
{
  g_autoptr (VckcQcow2BitmapContent) self = g_new0 (VckcQcow2BitmapContent, 1);

  self->fd = fd;
  self->path = path;
  self->name = g_strdup (bitmap->name);
  self->virtual_size = vckc_be64 (bitmaps->header->data + QCOW2_DISK_SIZE);
  self->granularity_bits = bitmap->granularity_bits;
  self->cluster_size = G_GUINT64_CONSTANT (1)
                       << vckc_be32 (bitmaps->header->data + QCOW2_CLUSTER_BITS);
  self->table_offset = bitmap->table_offset;
  self->table = g_byte_array_new ();
  self->part = g_byte_array_new ();
  if (self->granularity_bits <= MAX_GRANULARITY_BITS)
    self->n_granules =
        content_divide (self->virtual_size, G_GUINT64_CONSTANT (1) << self->granularity_bits);
  self->size = content_divide (self->n_granules, 64) * 8;
  if (is_sound (self, bitmap))
    return g_steal_pointer (&self);
  content_fail (self->name, path, err);
  return NULL;
}

void
vckc_qcow2_bitmap_content_free (VckcQcow2BitmapContent *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->table);
  g_byte_array_unref (self->part);
  g_free (self->name);
  g_free (self);
}

/* The entry of the table for cluster number `cluster` of the bitmap. */
static bool
content_get_entry (VckcQcow2BitmapContent *self,
                   guint64 cluster,
                   guint64 *ret_entry,
                   VckcError **err)
{
  const guint64 per_part = PART_SIZE / 8;
  guint64 entry;

  if (self->table->len == 0 || cluster / per_part * per_part != self->table_start)
    {
      self->table_start = cluster / per_part * per_part;
      if (!vckc_image_read (self->fd, self->path, self->table_offset + self->table_start * 8,
                            PART_SIZE, self->table, err))
        return false;
    }
  if ((cluster - self->table_start) * 8 + 8 > self->table->len)
    return content_fail (self->name, self->path, err);
  entry = vckc_be64 (self->table->data + (cluster - self->table_start) * 8);
  if ((entry & QCOW2_BITMAP_RESERVED) != 0
      || ((entry & QCOW2_BITMAP_CLUSTER) != 0
          && ((entry & QCOW2_BITMAP_ALL_ONES) != 0
              || (entry & QCOW2_BITMAP_CLUSTER) % self->cluster_size != 0)))
    return content_fail (self->name, self->path, err);
  *ret_entry = entry;
  return true;
}

/* Adds `n` granules from number `first` on. */
static void
content_add (const VckcQcow2BitmapContent *self, guint64 first, guint64 n, GArray *extents)
{
  const guint64 offset = first << self->granularity_bits;

  vckc_extents_add (extents, offset, MIN (n << self->granularity_bits, self->virtual_size - offset),
                    VCKC_EXTENT_DIRTY);
}

/* Adds the runs of ones of a word whose first bit is granule number `first`. */
static void
content_add_word (const VckcQcow2BitmapContent *self, guint64 first, guint64 word, GArray *extents)
{
  while (word != 0)
    {
      const guint start = (guint) __builtin_ctzll (word);
      const guint64 rest = ~(word >> start);
      const guint n = rest != 0 ? (guint) __builtin_ctzll (rest) : 64;

      content_add (self, first + start, n, extents);
      if (start + n >= 64)
        break;
      word &= ~G_GUINT64_CONSTANT (0) << (start + n);
    }
}

/* The next bytes of the bitmap, which all have the same entry: either `*ret_ones` or zeroes, if
 * the part is empty, or those in the part. */
static bool
content_load_part (VckcQcow2BitmapContent *self, guint64 *ret_size, bool *ret_ones, VckcError **err)
{
  const guint64 in_cluster = self->at % self->cluster_size;
  guint64 left = MIN (self->cluster_size - in_cluster, self->size - self->at);
  guint64 entry;

  g_byte_array_set_size (self->part, 0);
  if (!content_get_entry (self, self->at / self->cluster_size, &entry, err))
    return false;
  *ret_ones = (entry & QCOW2_BITMAP_ALL_ONES) != 0;
  *ret_size = left;
  if ((entry & QCOW2_BITMAP_CLUSTER) == 0)
    return true;
  *ret_size = MIN (left, PART_SIZE);
  if (!vckc_image_read (self->fd, self->path, (entry & QCOW2_BITMAP_CLUSTER) + in_cluster,
                        (gsize) *ret_size, self->part, err))
    return false;
  return self->part->len == *ret_size || content_fail (self->name, self->path, err);
}

/* Word number `i` of the part that begins with granule number `first`, without what is behind the
 * end of the disk. */
static guint64
content_get_word (const VckcQcow2BitmapContent *self, guint64 first, guint i)
{
  const guint64 left = self->n_granules - (first + i * G_GUINT64_CONSTANT (64));
  guint64 word;

  memcpy (&word, self->part->data + i * sizeof word, sizeof word);
  word = GUINT64_FROM_LE (word);
  return left >= 64 ? word : word & ((G_GUINT64_CONSTANT (1) << left) - 1);
}

bool
vckc_qcow2_bitmap_content_next (VckcQcow2BitmapContent *self,
                                GArray *extents,
                                bool *ret_end,
                                VckcError **err)
{
  const guint64 first = self->at * 8;
  guint64 size = 0;
  bool ones = false;

  if (self->at < self->size && !content_load_part (self, &size, &ones, err))
    return false;
  if (ones)
    content_add (self, first, MIN (size * 8, self->n_granules - first), extents);
  for (guint i = 0; i < self->part->len / 8; i++)
    content_add_word (self, first + i * G_GUINT64_CONSTANT (64), content_get_word (self, first, i),
                      extents);
  self->at += size;
  *ret_end = self->at >= self->size;
  return true;
}

bool
vckc_qcow2_bitmap_content_count (VckcQcow2BitmapContent *self, guint64 *ret_bytes, VckcError **err)
{
  guint64 n = 0;

  while (self->at < self->size)
    {
      const guint64 first = self->at * 8;
      guint64 size = 0;
      bool ones = false;

      if (!content_load_part (self, &size, &ones, err))
        return false;
      if (ones)
        n += MIN (size * 8, self->n_granules - first);
      for (guint i = 0; i < self->part->len / 8; i++)
        n += (guint64) __builtin_popcountll (content_get_word (self, first, i));
      self->at += size;
    }
  *ret_bytes = n << self->granularity_bits;
  return true;
}
