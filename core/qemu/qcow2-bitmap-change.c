/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-bitmap-change.h"

#include "base/log.h"
#include "model/block-bitmap.h"
#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-clusters.h"
#include "qemu/qcow2-format.h"

#define MIN_GRANULARITY (G_GUINT64_CONSTANT (4) << 10)
#define MAX_GRANULARITY (G_GUINT64_CONSTANT (64) << 10)

G_STATIC_ASSERT (QCOW2_MAX_BITMAP_NAME == VCKC_BLOCK_BITMAP_NAME_MAX);

/* One change in progress. */
typedef struct
{
  int fd;                      /* borrowed */
  const char *path;            /* borrowed */
  VckcQcow2Bitmaps *before;    /* owned */
  VckcQcow2Clusters *clusters; /* owned */
  GByteArray *directory;       /* owned: the new one */
  guint32 n_bitmaps;           /* in the new directory */
} BitmapChange;

static void
bitmap_change_clear (BitmapChange *self)
{
  vckc_qcow2_bitmaps_free (self->before);
  vckc_qcow2_clusters_free (self->clusters);
  g_byte_array_unref (self->directory);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BitmapChange, bitmap_change_clear)

guint64
vckc_qcow2_bitmap_granularity (guint64 cluster_size)
{
  return CLAMP (cluster_size, MIN_GRANULARITY, MAX_GRANULARITY);
}

/* The clusters that a bitmap of the disk has; 0 for a disk of size 0. */
static guint64
bitmap_count_clusters (guint64 disk_size, guint64 cluster_size)
{
  guint64 granularity = vckc_qcow2_bitmap_granularity (cluster_size);
  guint64 n_bits = disk_size / granularity + (disk_size % granularity != 0);
  guint64 n_bytes = n_bits / 8 + (n_bits % 8 != 0);

  return n_bytes / cluster_size + (n_bytes % cluster_size != 0);
}

bool
vckc_qcow2_bitmap_check_disk (guint64 disk_size,
                              guint64 cluster_size,
                              const char *path,
                              VckcError **err)
{
  guint64 most = QCOW2_MAX_BITMAP_BYTES / cluster_size;

  if (disk_size == 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the disk in the image '%s' has the size 0, so there is nothing that could be "
                    "tracked; make it larger with 'qemu-img resize' first, or leave the disk out",
                    path);
  else if (bitmap_count_clusters (disk_size, cluster_size) > most)
    vckc_set_error (
        err, VCKC_ERROR_CONFIG_UNSUPPORTED,
        "the disk in the image '%s' is larger than %" G_GUINT64_FORMAT
        " TiB, for which QEMU can keep no bitmap; split it into several disks, or leave "
        "the disk out",
        path,
        (QCOW2_MAX_BITMAP_BYTES * 8 >> 20) * vckc_qcow2_bitmap_granularity (cluster_size) >> 20);
  else
    return true;
  return false;
}

static const VckcQcow2Bitmap *
bitmap_change_find (const BitmapChange *self, const char *name)
{
  for (guint i = 0; i < self->before->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (self->before->bitmaps, i);

      if (g_str_equal (bitmap->name, name))
        return bitmap;
    }
  return NULL;
}

static bool
bitmap_change_check_names (const BitmapChange *self,
                           const GPtrArray *names,
                           bool wanted,
                           VckcError **err)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      bool is_there = bitmap_change_find (self, name) != NULL;

      if (is_there == wanted && name[0] != '\0' && strlen (name) <= QCOW2_MAX_BITMAP_NAME)
        continue;
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "the image '%s' %s the bitmap '%s'",
                      self->path,
                      wanted     ? "does not have"
                      : is_there ? "already has"
                                 : "cannot have",
                      name);
      return false;
    }
  return true;
}

/* Only QEMU repairs an image that was not closed well or is damaged. */
static bool
bitmap_change_check_image (const BitmapChange *self, VckcError **err)
{
  const GByteArray *header = self->before->header;
  guint64 flags =
      header->len > 0 ? vckc_be64 (header->data + QCOW2_INCOMPATIBLE) : QCOW2_INCOMPATIBLE_CORRUPT;

  if (header->len > 0 && header->len == (gsize) 1 << vckc_be32 (header->data + QCOW2_CLUSTER_BITS)
      && vckc_be32 (header->data + QCOW2_HEADER_LENGTH) >= QCOW2_HEADER_MIN
      && vckc_be32 (header->data + QCOW2_HEADER_LENGTH) <= header->len
      && (flags & (QCOW2_INCOMPATIBLE_DIRTY | QCOW2_INCOMPATIBLE_CORRUPT)) == 0)
    return true;
  vckc_set_error (
      err, VCKC_ERROR_OPERATION_FAILED,
      "the image '%s' was not closed well, or is damaged; check it with 'qemu-img check'",
      self->path);
  return false;
}

static bool
is_among (const char *name, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    if (g_str_equal (g_ptr_array_index (names, i), name))
      return true;
  return false;
}

static void
bitmap_change_keep_others (BitmapChange *self, const GPtrArray *remove)
{
  for (guint i = 0; i < self->before->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (self->before->bitmaps, i);

      if (is_among (bitmap->name, remove))
        continue;
      g_byte_array_append (self->directory, self->before->directory->data + bitmap->entry_at,
                           (guint) bitmap->entry_size);
      self->n_bitmaps++;
    }
}

/* A table of zeros says that all bits are zero. */
static bool
bitmap_change_write_table (BitmapChange *self,
                           guint32 n_entries,
                           guint64 *ret_offset,
                           VckcError **err)
{
  gsize size = (gsize) n_entries * 8;
  g_autofree guint8 *zeros = g_malloc0 (size);

  *ret_offset = vckc_qcow2_clusters_allocate (self->clusters, size, err);
  return *ret_offset != 0 && vckc_image_write (self->fd, self->path, *ret_offset, zeros, size, err);
}

static bool
bitmap_change_add (BitmapChange *self, const char *name, VckcError **err)
{
  gsize cluster_size = vckc_qcow2_clusters_get_size (self->clusters);
  guint64 disk_size = vckc_be64 (self->before->header->data + QCOW2_DISK_SIZE);
  guint32 n_entries = (guint32) bitmap_count_clusters (disk_size, cluster_size);
  gsize name_size = strlen (name);
  gsize size = (QCOW2_ENTRY_HEAD + name_size + 7) / 8 * 8;
  g_autofree guint8 *entry = g_malloc0 (size);
  guint64 table;

  if (!vckc_qcow2_bitmap_check_disk (disk_size, cluster_size, self->path, err)
      || !bitmap_change_write_table (self, n_entries, &table, err))
    return false;
  vckc_put_be64 (entry + QCOW2_ENTRY_TABLE_OFFSET, table);
  vckc_put_be32 (entry + QCOW2_ENTRY_TABLE_SIZE, n_entries);
  vckc_put_be32 (entry + QCOW2_ENTRY_FLAGS, QCOW2_BITMAP_AUTO);
  entry[QCOW2_ENTRY_TYPE] = QCOW2_BITMAP_DIRTY_TRACKING;
  entry[QCOW2_ENTRY_GRANULARITY_BITS] =
      (guint8) g_bit_nth_lsf (vckc_qcow2_bitmap_granularity (cluster_size), -1);
  entry[QCOW2_ENTRY_NAME_SIZE] = (guint8) (name_size >> 8);
  entry[QCOW2_ENTRY_NAME_SIZE + 1] = (guint8) name_size;
  memcpy (entry + QCOW2_ENTRY_HEAD, name, name_size);
  g_byte_array_append (self->directory, entry, (guint) size);
  self->n_bitmaps++;
  return true;
}

static bool
bitmap_change_write_directory (BitmapChange *self, guint64 *ret_offset, VckcError **err)
{
  *ret_offset = 0;
  if (self->n_bitmaps == 0)
    return true;
  if (self->n_bitmaps > QCOW2_MAX_BITMAPS || self->directory->len > QCOW2_MAX_DIRECTORY)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "the image '%s' has as many bitmaps as it can keep; delete checkpoints first",
                      self->path);
      return false;
    }
  *ret_offset = vckc_qcow2_clusters_allocate (self->clusters, self->directory->len, err);
  return *ret_offset != 0
         && vckc_image_write (self->fd, self->path, *ret_offset, self->directory->data,
                              self->directory->len, err);
}

static void
header_add_extension (GByteArray *header, guint32 type, const guint8 *data, gsize size)
{
  static const guint8 zeros[8] = { 0 };
  guint8 head[QCOW2_EXTENSION_HEAD];

  vckc_put_be32 (head, type);
  vckc_put_be32 (head + 4, (guint32) size);
  g_byte_array_append (header, head, sizeof head);
  g_byte_array_append (header, data, (guint) size);
  g_byte_array_append (header, zeros, (guint) ((size + 7) / 8 * 8 - size));
}

/* Copies the extensions but for that of bitmaps, and the names of features unless `names`. */
static void
header_copy_extensions (GByteArray *header, const GByteArray *before, bool names)
{
  guint64 backing_file = vckc_be64 (before->data + QCOW2_BACKING_FILE);
  gsize end = backing_file > 0 && backing_file < before->len ? (gsize) backing_file : before->len;
  gsize at = vckc_be32 (before->data + QCOW2_HEADER_LENGTH);

  while (at <= end && end - at >= QCOW2_EXTENSION_HEAD)
    {
      guint32 type = vckc_be32 (before->data + at);
      gsize size = vckc_be32 (before->data + at + 4);

      at += QCOW2_EXTENSION_HEAD;
      if (type == 0 || size > end - at)
        return;
      if (type != QCOW2_EXTENSION_BITMAPS && (names || type != QCOW2_EXTENSION_FEATURE_NAMES))
        header_add_extension (header, type, before->data + at, size);
      at += (size + 7) / 8 * 8;
    }
}

/* Appends the name of the backing file, which stands behind the extensions. */
static bool
header_copy_backing_file (GByteArray *header, const GByteArray *before)
{
  guint64 offset = vckc_be64 (before->data + QCOW2_BACKING_FILE);
  guint32 size = vckc_be32 (before->data + QCOW2_BACKING_FILE_SIZE);

  if (offset == 0)
    return true;
  if (offset > before->len || size > before->len - offset)
    return false;
  vckc_put_be64 (header->data + QCOW2_BACKING_FILE, header->len);
  g_byte_array_append (header, before->data + offset, size);
  return true;
}

/* The first cluster with the new directory; NULL if there is no room in it. */
static GByteArray *
bitmap_change_make_header (const BitmapChange *self, guint64 offset, bool names)
{
  const GByteArray *before = self->before->header;
  g_autoptr (GByteArray) header = g_byte_array_new ();
  guint64 autoclear = vckc_be64 (before->data + QCOW2_AUTOCLEAR) & QCOW2_AUTOCLEAR_KNOWN;
  guint8 extension[QCOW2_BITMAPS_SIZE] = { 0 };
  guint8 *rest;

  g_byte_array_append (header, before->data, vckc_be32 (before->data + QCOW2_HEADER_LENGTH));
  header_copy_extensions (header, before, names);
  if (self->n_bitmaps > 0)
    {
      vckc_put_be32 (extension + QCOW2_DIRECTORY_COUNT, self->n_bitmaps);
      vckc_put_be64 (extension + QCOW2_DIRECTORY_SIZE, self->directory->len);
      vckc_put_be64 (extension + QCOW2_DIRECTORY_OFFSET, offset);
      header_add_extension (header, QCOW2_EXTENSION_BITMAPS, extension, sizeof extension);
    }
  header_add_extension (header, 0, NULL, 0);
  autoclear = self->n_bitmaps > 0 ? autoclear | QCOW2_AUTOCLEAR_BITMAPS
                                  : autoclear & ~QCOW2_AUTOCLEAR_BITMAPS;
  vckc_put_be64 (header->data + QCOW2_AUTOCLEAR, autoclear);
  if (!header_copy_backing_file (header, before) || header->len > before->len)
    return NULL;
  rest = g_malloc0 (before->len - header->len);
  g_byte_array_append (header, rest, before->len - header->len);
  g_free (rest);
  return g_steal_pointer (&header);
}

/* Makes the new directory valid. If waiting for that fails, it is undone as far as possible. */
static bool
bitmap_change_switch (BitmapChange *self, guint64 offset, VckcError **err)
{
  const GByteArray *before = self->before->header;
  g_autoptr (GByteArray) header = bitmap_change_make_header (self, offset, true);

  if (header == NULL)
    header = bitmap_change_make_header (self, offset, false);
  if (header == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "the header of the image '%s' has no room for bitmaps: its clusters are too "
                      "small",
                      self->path);
      return false;
    }
  if (vckc_image_write_changes (self->fd, self->path, 0, before->data, header->data, before->len,
                                err)
      && vckc_image_sync (self->fd, self->path, err))
    return true;
  if (!vckc_image_write_changes (self->fd, self->path, 0, header->data, before->data, before->len,
                                 NULL)
      || !vckc_image_sync (self->fd, self->path, NULL))
    g_info ("whether the bitmaps of the image '%s' were changed is not certain", self->path);
  return false;
}

/* Frees a bitmap's clusters, and those of its table. */
static bool
bitmap_change_release_bitmap (BitmapChange *self, const VckcQcow2Bitmap *bitmap, VckcError **err)
{
  gsize size = (gsize) bitmap->table_size * 8;
  gsize cluster_size = vckc_qcow2_clusters_get_size (self->clusters);
  g_autoptr (GByteArray) table = g_byte_array_new ();

  if (size > QCOW2_MAX_BITMAP_BYTES / cluster_size * 8 || bitmap->table_offset > G_MAXINT64 - size)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "the table of the bitmap makes no sense");
      return false;
    }
  if (!vckc_image_read (self->fd, self->path, bitmap->table_offset, size, table, err))
    return false;
  for (gsize at = 0; at + 8 <= table->len; at += 8)
    {
      guint64 offset = vckc_be64 (table->data + at) & QCOW2_BITMAP_CLUSTER;

      if (offset != 0 && !vckc_qcow2_clusters_release (self->clusters, offset, cluster_size, err))
        return false;
    }
  return vckc_qcow2_clusters_release (self->clusters, bitmap->table_offset, size, err);
}

static bool
bitmap_change_release_all (BitmapChange *self, const GPtrArray *remove, VckcError **err)
{
  for (guint i = 0; i < remove->len; i++)
    if (!bitmap_change_release_bitmap (
            self, bitmap_change_find (self, g_ptr_array_index (remove, i)), err))
      return false;
  return (self->before->offset == 0
          || vckc_qcow2_clusters_release (self->clusters, self->before->offset,
                                          self->before->directory->len, err))
         && vckc_qcow2_clusters_store (self->clusters, err);
}

/* Clusters that cannot be released remain as a leak, which is harmless. */
static void
bitmap_change_release (BitmapChange *self, const GPtrArray *remove)
{
  g_autoptr (VckcError) error = NULL;

  if (!bitmap_change_release_all (self, remove, &error))
    vckc_log_info (VCKC_ABOUT (.error = error),
                   "clusters in the image '%s' are no longer used, and were not released: %s",
                   self->path, vckc_error_get_message (error));
}

/* Do the clusters that are known to be used count as used? */
static bool
bitmap_change_check_counts (const BitmapChange *self, VckcError **err)
{
  const guint8 *header = self->before->header->data;
  guint64 l1_table = vckc_be64 (header + QCOW2_L1_TABLE);
  guint64 l1_size = (guint64) vckc_be32 (header + QCOW2_L1_SIZE) * 8;

  return vckc_qcow2_clusters_check_used (self->clusters, 0, 1, err)
         && (l1_size > QCOW2_MAX_L1_SIZE
             || vckc_qcow2_clusters_check_used (self->clusters, l1_table, l1_size, err))
         && vckc_qcow2_clusters_check_used (self->clusters, self->before->offset,
                                            self->before->directory->len, err);
}

static bool
bitmap_change_open (BitmapChange *self, VckcError **err)
{
  self->before = vckc_qcow2_bitmaps_read (self->fd, self->path, err);
  if (self->before == NULL || !bitmap_change_check_image (self, err))
    return false;
  self->clusters = vckc_qcow2_clusters_open (self->fd, self->path, self->before->header, err);
  return self->clusters != NULL && bitmap_change_check_counts (self, err);
}

bool
vckc_qcow2_bitmaps_change (int fd,
                           const char *path,
                           const GPtrArray *add,
                           const GPtrArray *remove,
                           VckcError **err)
{
  g_auto (BitmapChange) self = { .fd = fd, .path = path, .directory = g_byte_array_new () };
  guint64 offset;

  if (!bitmap_change_open (&self, err) || !bitmap_change_check_names (&self, add, false, err)
      || !bitmap_change_check_names (&self, remove, true, err))
    return false;
  bitmap_change_keep_others (&self, remove);
  for (guint i = 0; i < add->len; i++)
    if (!bitmap_change_add (&self, g_ptr_array_index (add, i), err))
      return false;
  if (!bitmap_change_write_directory (&self, &offset, err)
      || !vckc_qcow2_clusters_store (self.clusters, err)
      || !bitmap_change_switch (&self, offset, err))
    return false;
  bitmap_change_release (&self, remove);
  return true;
}
