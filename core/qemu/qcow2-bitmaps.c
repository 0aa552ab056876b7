/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-bitmaps.h"

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"

static void
qcow2_bitmap_free (gpointer data)
{
  g_free (((VckcQcow2Bitmap *) data)->name);
  g_free (data);
}

void
vckc_qcow2_bitmaps_free (VckcQcow2Bitmaps *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->header);
  g_byte_array_unref (self->directory);
  g_ptr_array_unref (self->bitmaps);
  g_free (self);
}

static bool
qcow2_bitmaps_fail (const char *path, VckcError **err)
{
  vckc_set_error (
      err, VCKC_ERROR_OPERATION_FAILED,
      "the list of bitmaps in the image '%s' is damaged; check it with 'qemu-img check'", path);
  return false;
}

/* The end of the extensions: the name of the backing file, or the end of the first cluster. */
static gsize
qcow2_header_get_end (const GByteArray *header)
{
  guint64 backing_file = vckc_be64 (header->data + QCOW2_BACKING_FILE);

  return backing_file > 0 && backing_file < header->len ? (gsize) backing_file : header->len;
}

/* The data of the extension that says where the bitmaps are. *ret_data is NULL if there is none. */
static bool
qcow2_header_find_extension (const GByteArray *header,
                             const char *path,
                             const guint8 **ret_data,
                             VckcError **err)
{
  gsize end = qcow2_header_get_end (header);
  gsize at = vckc_be32 (header->data + QCOW2_HEADER_LENGTH);

  *ret_data = NULL;
  while (at <= end && end - at >= QCOW2_EXTENSION_HEAD)
    {
      guint32 type = vckc_be32 (header->data + at);
      gsize length = vckc_be32 (header->data + at + 4);

      at += QCOW2_EXTENSION_HEAD;
      if (type == 0)
        return true;
      if (length > end - at || (type == QCOW2_EXTENSION_BITMAPS && length != QCOW2_BITMAPS_SIZE))
        return qcow2_bitmaps_fail (path, err);
      if (type == QCOW2_EXTENSION_BITMAPS)
        {
          *ret_data = header->data + at;
          return true;
        }
      at += (length + 7) / 8 * 8;
    }
  return true;
}

/* Reads one entry; returns its size, 0 if it makes no sense. */
static gsize
qcow2_bitmaps_add_entry (VckcQcow2Bitmaps *self, gsize at)
{
  const guint8 *entry = self->directory->data + at;
  gsize left = self->directory->len - at;
  VckcQcow2Bitmap *bitmap;
  gsize name_size, extra_size, size;
  guint32 flags;

  if (left < QCOW2_ENTRY_HEAD)
    return 0;
  name_size = vckc_be16 (entry + QCOW2_ENTRY_NAME_SIZE);
  extra_size = vckc_be32 (entry + QCOW2_ENTRY_EXTRA_SIZE);
  size = (QCOW2_ENTRY_HEAD + extra_size + name_size + 7) / 8 * 8;
  if (name_size == 0 || name_size > QCOW2_MAX_BITMAP_NAME || size > left)
    return 0;

  flags = vckc_be32 (entry + QCOW2_ENTRY_FLAGS);
  bitmap = g_new0 (VckcQcow2Bitmap, 1);
  bitmap->name = g_strndup ((const char *) entry + QCOW2_ENTRY_HEAD + extra_size, name_size);
  bitmap->table_offset = vckc_be64 (entry + QCOW2_ENTRY_TABLE_OFFSET);
  bitmap->table_size = vckc_be32 (entry + QCOW2_ENTRY_TABLE_SIZE);
  bitmap->type = entry[QCOW2_ENTRY_TYPE];
  bitmap->granularity_bits = entry[QCOW2_ENTRY_GRANULARITY_BITS];
  bitmap->in_use = (flags & QCOW2_BITMAP_IN_USE) != 0;
  bitmap->recording = (flags & QCOW2_BITMAP_AUTO) != 0;
  bitmap->entry_at = at;
  bitmap->entry_size = size;
  g_ptr_array_add (self->bitmaps, bitmap);
  return size;
}

static bool
qcow2_bitmaps_load_directory (VckcQcow2Bitmaps *self,
                              int fd,
                              const char *path,
                              const GByteArray *header,
                              const guint8 *extension,
                              VckcError **err)
{
  guint64 cluster_size = G_GUINT64_CONSTANT (1) << vckc_be32 (header->data + QCOW2_CLUSTER_BITS);
  guint32 count = vckc_be32 (extension + QCOW2_DIRECTORY_COUNT);
  guint64 size = vckc_be64 (extension + QCOW2_DIRECTORY_SIZE);
  gsize at = 0;

  self->offset = vckc_be64 (extension + QCOW2_DIRECTORY_OFFSET);
  if (count == 0 || count > QCOW2_MAX_BITMAPS || size < QCOW2_ENTRY_HEAD
      || size > QCOW2_MAX_DIRECTORY || self->offset == 0 || self->offset % cluster_size != 0
      || self->offset > G_MAXINT64 - QCOW2_MAX_DIRECTORY)
    return qcow2_bitmaps_fail (path, err);
  if (!vckc_image_read (fd, path, self->offset, (gsize) size, self->directory, err))
    return false;
  for (guint32 i = 0; i < count; i++)
    {
      gsize entry_size = qcow2_bitmaps_add_entry (self, at);

      if (entry_size == 0)
        return qcow2_bitmaps_fail (path, err);
      at += entry_size;
    }
  return at == size || qcow2_bitmaps_fail (path, err);
}

/* The first cluster, which holds the header and its extensions; cut to nothing if there is none
 * that could have bitmaps. */
static bool
qcow2_bitmaps_load_header (int fd, const char *path, GByteArray *header, VckcError **err)
{
  guint cluster_bits;

  if (!vckc_image_read (fd, path, 0, QCOW2_HEADER_MIN, header, err))
    return false;
  cluster_bits =
      header->len == QCOW2_HEADER_MIN ? vckc_be32 (header->data + QCOW2_CLUSTER_BITS) : 0;
  if (cluster_bits < 9 || cluster_bits > QCOW2_MAX_CLUSTER_BITS
      || vckc_be32 (header->data + QCOW2_MAGIC) != QCOW2_MAGIC_NUMBER
      || vckc_be32 (header->data + QCOW2_VERSION) != 3)
    {
      g_byte_array_set_size (header, 0);
      return true;
    }
  return vckc_image_read (fd, path, 0, (gsize) 1 << cluster_bits, header, err);
}

VckcQcow2Bitmaps *
vckc_qcow2_bitmaps_read (int fd, const char *path, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) self = g_new0 (VckcQcow2Bitmaps, 1);
  const guint8 *extension = NULL;

  self->header = g_byte_array_new ();
  self->directory = g_byte_array_new ();
  self->bitmaps = g_ptr_array_new_with_free_func (qcow2_bitmap_free);
  if (!qcow2_bitmaps_load_header (fd, path, self->header, err))
    return NULL;
  if (self->header->len >= QCOW2_HEADER_MIN)
    {
      self->valid =
          (vckc_be64 (self->header->data + QCOW2_AUTOCLEAR) & QCOW2_AUTOCLEAR_BITMAPS) != 0;
      if (self->valid && !qcow2_header_find_extension (self->header, path, &extension, err))
        return NULL;
    }
  if (self->header->len >= QCOW2_HEADER_MIN && !self->valid)
    {
      qcow2_header_find_extension (self->header, path, &extension, NULL);
      self->is_void = extension != NULL;
    }
  else if (extension != NULL
           && !qcow2_bitmaps_load_directory (self, fd, path, self->header, extension, err))
    return NULL;
  return g_steal_pointer (&self);
}

bool
vckc_qcow2_bitmaps_give_up (int fd, const char *path, VckcError **err)
{
  g_autoptr (GByteArray) autoclear = g_byte_array_new ();

  if (!vckc_image_read (fd, path, QCOW2_AUTOCLEAR, 8, autoclear, err))
    return false;
  g_byte_array_set_size (autoclear, 8);
  vckc_put_be64 (autoclear->data,
                 vckc_be64 (autoclear->data) & QCOW2_AUTOCLEAR_KNOWN & ~QCOW2_AUTOCLEAR_BITMAPS);
  return vckc_image_write (fd, path, QCOW2_AUTOCLEAR, autoclear->data, 8, err)
         && vckc_image_sync (fd, path, err);
}
