/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <unistd.h>

#include "big-endian.h"
#include "qcow2-bitmaps.h"

/* The format, from QEMU's docs/interop/qcow2.txt. First the header of version 3. */
enum
{
  HEADER_MAGIC = 0,
  HEADER_VERSION = 4,
  HEADER_BACKING_FILE = 8,
  HEADER_CLUSTER_BITS = 20,
  HEADER_AUTOCLEAR = 88,
  HEADER_LENGTH = 100,
  HEADER_MIN_SIZE = 104,
};

#define MAGIC 0x514649fbu /* "QFI\xfb" */
#define AUTOCLEAR_BITMAPS (G_GUINT64_CONSTANT (1) << 0)
#define MAX_CLUSTER_BITS 21

/* Extensions follow the header: type, length, data, padding to 8 bytes. */
enum
{
  EXTENSION_HEAD = 8,
  EXTENSION_BITMAPS = 0x23852875,
  EXTENSION_BITMAPS_SIZE = 24,
};

/* A bitmap in the directory: this, extra data, the name, padding to 8 bytes. */
enum
{
  ENTRY_TABLE_OFFSET = 0,
  ENTRY_TABLE_SIZE = 8,
  ENTRY_FLAGS = 12,
  ENTRY_TYPE = 16,
  ENTRY_GRANULARITY_BITS = 17,
  ENTRY_NAME_SIZE = 18,
  ENTRY_EXTRA_SIZE = 20,
  ENTRY_HEAD = 24,
};

#define FLAG_IN_USE 1u
/* QEMU's own limits. */
#define MAX_BITMAPS 65535u
#define MAX_DIRECTORY (G_GUINT64_CONSTANT (1024) * MAX_BITMAPS)
#define MAX_NAME 1023u

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
  g_byte_array_unref (self->directory);
  g_ptr_array_unref (self->bitmaps);
  g_free (self);
}

/* Reads up to `size` bytes; fewer only at the end of the file. */
static bool
qcow2_bitmaps_load (int fd,
                    const char *path,
                    guint64 offset,
                    gsize size,
                    GByteArray *data,
                    VckcError **err)
{
  gsize done = 0;

  g_byte_array_set_size (data, (guint) size);
  while (done < size)
    {
      gssize n = pread (fd, data->data + done, size - done, (off_t) (offset + done));

      if (n == 0)
        break;
      if (n < 0 && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
          return false;
        }
      done += (gsize) MAX (n, 0);
    }
  g_byte_array_set_size (data, (guint) done);
  return true;
}

static bool
qcow2_bitmaps_fail (const char *path, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "the list of bitmaps in the image '%s' is damaged: check it with 'qemu-img check'",
                  path);
  return false;
}

/* Where the extensions end: at the name of the backing file, or with the first cluster. */
static gsize
qcow2_header_get_end (const GByteArray *header)
{
  guint64 backing_file = vckc_be64 (header->data + HEADER_BACKING_FILE);

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
  gsize at = vckc_be32 (header->data + HEADER_LENGTH);

  *ret_data = NULL;
  while (at <= end && end - at >= EXTENSION_HEAD)
    {
      guint32 type = vckc_be32 (header->data + at);
      gsize length = vckc_be32 (header->data + at + 4);

      at += EXTENSION_HEAD;
      if (type == 0)
        return true;
      if (length > end - at || (type == EXTENSION_BITMAPS && length != EXTENSION_BITMAPS_SIZE))
        return qcow2_bitmaps_fail (path, err);
      if (type == EXTENSION_BITMAPS)
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

  if (left < ENTRY_HEAD)
    return 0;
  name_size = vckc_be16 (entry + ENTRY_NAME_SIZE);
  extra_size = vckc_be32 (entry + ENTRY_EXTRA_SIZE);
  size = (ENTRY_HEAD + extra_size + name_size + 7) / 8 * 8;
  if (name_size == 0 || name_size > MAX_NAME || size > left)
    return 0;

  bitmap = g_new0 (VckcQcow2Bitmap, 1);
  bitmap->name = g_strndup ((const char *) entry + ENTRY_HEAD + extra_size, name_size);
  bitmap->table_offset = vckc_be64 (entry + ENTRY_TABLE_OFFSET);
  bitmap->table_size = vckc_be32 (entry + ENTRY_TABLE_SIZE);
  bitmap->type = entry[ENTRY_TYPE];
  bitmap->granularity_bits = entry[ENTRY_GRANULARITY_BITS];
  bitmap->in_use = (vckc_be32 (entry + ENTRY_FLAGS) & FLAG_IN_USE) != 0;
  bitmap->flags_at = at + ENTRY_FLAGS;
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
  guint64 cluster_size = G_GUINT64_CONSTANT (1) << vckc_be32 (header->data + HEADER_CLUSTER_BITS);
  guint32 count = vckc_be32 (extension);
  guint64 size = vckc_be64 (extension + 8);
  gsize at = 0;

  self->offset = vckc_be64 (extension + 16);
  if (count == 0 || count > MAX_BITMAPS || size < ENTRY_HEAD || size > MAX_DIRECTORY
      || self->offset == 0
      || self->offset % cluster_size != 0 || self->offset > G_MAXINT64 - MAX_DIRECTORY)
    return qcow2_bitmaps_fail (path, err);
  if (!qcow2_bitmaps_load (fd, path, self->offset, (gsize) size, self->directory, err))
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

  if (!qcow2_bitmaps_load (fd, path, 0, HEADER_MIN_SIZE, header, err))
    return false;
  cluster_bits = header->len == HEADER_MIN_SIZE ? vckc_be32 (header->data + HEADER_CLUSTER_BITS) : 0;
  if (cluster_bits < 9 || cluster_bits > MAX_CLUSTER_BITS
      || vckc_be32 (header->data + HEADER_MAGIC) != MAGIC
      || vckc_be32 (header->data + HEADER_VERSION) != 3)
    {
      g_byte_array_set_size (header, 0);
      return true;
    }
  return qcow2_bitmaps_load (fd, path, 0, (gsize) 1 << cluster_bits, header, err);
}

VckcQcow2Bitmaps *
vckc_qcow2_bitmaps_read (int fd, const char *path, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) self = g_new0 (VckcQcow2Bitmaps, 1);
  g_autoptr (GByteArray) header = g_byte_array_new ();
  const guint8 *extension = NULL;

  self->directory = g_byte_array_new ();
  self->bitmaps = g_ptr_array_new_with_free_func (qcow2_bitmap_free);
  if (!qcow2_bitmaps_load_header (fd, path, header, err))
    return NULL;
  if (header->len >= HEADER_MIN_SIZE)
    {
      self->valid = (vckc_be64 (header->data + HEADER_AUTOCLEAR) & AUTOCLEAR_BITMAPS) != 0;
      if (!qcow2_header_find_extension (header, path, &extension, err))
        return NULL;
    }
  if (extension != NULL && !qcow2_bitmaps_load_directory (self, fd, path, header, extension, err))
    return NULL;
  return g_steal_pointer (&self);
}

/* Writes, and waits until it is stored. */
static bool
qcow2_bitmaps_store (int fd,
                     const char *path,
                     guint64 offset,
                     const guint8 *data,
                     gsize size,
                     VckcError **err)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = pwrite (fd, data + done, size - done, (off_t) (offset + done));

      if (n < 0 && errno != EINTR)
        break;
      done += (gsize) MAX (n, 0);
    }
  if (done == size && fdatasync (fd) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot write the image '%s'", path);
  return false;
}

/* Is what is stored of it what was stored before? */
static bool
qcow2_bitmap_is_same (const VckcQcow2Bitmap *one, const VckcQcow2Bitmap *other)
{
  return one->table_offset == other->table_offset && one->table_size == other->table_size
         && one->type == other->type && one->granularity_bits == other->granularity_bits;
}

/* The bitmaps that are not in use, by name. */
static GHashTable *
qcow2_bitmaps_index_good (const VckcQcow2Bitmaps *self)
{
  GHashTable *good = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; self->valid && i < self->bitmaps->len; i++)
    {
      VckcQcow2Bitmap *bitmap = g_ptr_array_index (self->bitmaps, i);

      if (!bitmap->in_use)
        g_hash_table_insert (good, bitmap->name, bitmap);
    }
  return good;
}

/* Takes away the marks of bitmaps that were good before. */
static bool
qcow2_bitmaps_unmark (VckcQcow2Bitmaps *now,
                      int fd,
                      const char *path,
                      const VckcQcow2Bitmaps *before,
                      guint *ret_healed,
                      VckcError **err)
{
  g_autoptr (GHashTable) good = qcow2_bitmaps_index_good (before);

  for (guint i = 0; i < now->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (now->bitmaps, i);
      const VckcQcow2Bitmap *then = g_hash_table_lookup (good, bitmap->name);

      if (!bitmap->in_use || then == NULL || !qcow2_bitmap_is_same (bitmap, then))
        continue;
      now->directory->data[bitmap->flags_at + 3] &= (guint8) ~FLAG_IN_USE;
      ++*ret_healed;
    }
  return *ret_healed == 0
         || qcow2_bitmaps_store (fd, path, now->offset, now->directory->data, now->directory->len,
                                 err);
}

/* While QEMU sets the marks, the image says that its bitmaps are not valid. That is taken back once
 * the directory is what it was. */
static bool
qcow2_bitmaps_validate (int fd,
                        const char *path,
                        const VckcQcow2Bitmaps *before,
                        guint *ret_healed,
                        VckcError **err)
{
  guint8 autoclear[8];

  if (!qcow2_bitmaps_store (fd, path, before->offset, before->directory->data,
                            before->directory->len, err))
    return false;
  if (pread (fd, autoclear, sizeof autoclear, HEADER_AUTOCLEAR) != sizeof autoclear)
    {
      vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
      return false;
    }
  autoclear[7] |= (guint8) AUTOCLEAR_BITMAPS;
  *ret_healed = before->bitmaps->len;
  return qcow2_bitmaps_store (fd, path, HEADER_AUTOCLEAR, autoclear, sizeof autoclear, err);
}

bool
vckc_qcow2_bitmaps_heal (int fd,
                         const char *path,
                         const VckcQcow2Bitmaps *before,
                         guint *ret_healed,
                         VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) now = vckc_qcow2_bitmaps_read (fd, path, err);

  *ret_healed = 0;
  if (now == NULL)
    return false;
  if (now->valid)
    return qcow2_bitmaps_unmark (now, fd, path, before, ret_healed, err);
  if (before->valid && now->offset == before->offset
      && now->directory->len == before->directory->len && now->bitmaps->len > 0)
    return qcow2_bitmaps_validate (fd, path, before, ret_healed, err);
  return true;
}
