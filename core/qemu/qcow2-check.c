/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-check.h"

#include <sys/stat.h>

#include "base/cancel.h"
#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"
#include "qemu/qcow2-header.h"

#define ENTRY_OFFSET G_GUINT64_CONSTANT (0x00fffffffffffe00)
#define ENTRY_COMPRESSED (G_GUINT64_CONSTANT (1) << 62)
#define ENTRY_SIZE 8
#define SNAPSHOTS_AT 60
/* QEMU's own limit, in bytes. */
#define MAX_REFCOUNT_TABLE (8u << 20)
/* One bit each: 128 MiB. */
#define MAX_CLUSTERS (G_GUINT64_CONSTANT (1) << 30)

typedef struct
{
  int fd;
  const char *path;
  guint64 cluster_size;
  guint64 clusters; /* of the file */
  guint64 l2_entry_size;
  guint64 refcount_size; /* bytes */
  GByteArray *header;
  GByteArray *refcount_table;
  GByteArray *refcount_block; /* the one that was used last */
  guint64 refcount_block_at;  /* its offset; 0 for none */
  guint8 *used;               /* a bit for each cluster */
  char *fault;
} Check;

static void
check_clear (Check *self)
{
  g_byte_array_unref (self->header);
  g_byte_array_unref (self->refcount_table);
  g_byte_array_unref (self->refcount_block);
  g_free (self->used);
  g_free (self->fault);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static bool check_set_fault (Check *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Notes a fault, unless there is one; true, as the check itself has not failed. */
static bool
check_set_fault (Check *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  if (self->fault == NULL)
    self->fault = g_strdup_vprintf (format, args);
  va_end (args);
  return true;
}

/* Reads all of it, or notes that the file ends before. */
static bool
check_read (Check *self, guint64 offset, gsize size, GByteArray *data, VckcError **err)
{
  if (!vckc_image_read (self->fd, self->path, offset, size, data, err))
    return false;
  if (data->len < size)
    return check_set_fault (self, "a table at %" G_GUINT64_FORMAT " is cut short", offset);
  return true;
}

static guint64
check_get_refcount (const Check *self, guint64 index)
{
  const guint8 *at = self->refcount_block->data + index * self->refcount_size;
  guint64 count = 0;

  for (guint64 i = 0; i < self->refcount_size; i++)
    count = count << 8 | at[i];
  return count;
}

/* Does the cluster count as used? */
static bool
check_refcount (Check *self, guint64 cluster, VckcError **err)
{
  guint64 entries = self->cluster_size / self->refcount_size;
  guint64 index = cluster / entries;
  guint64 block = index < self->refcount_table->len / ENTRY_SIZE
                      ? vckc_be64 (self->refcount_table->data + index * ENTRY_SIZE) & ENTRY_OFFSET
                      : 0;

  if (block != 0 && block != self->refcount_block_at)
    {
      self->refcount_block_at = 0;
      if (!check_read (self, block, self->cluster_size, self->refcount_block, err))
        return false;
      if (self->fault != NULL)
        return true;
      self->refcount_block_at = block;
    }
  if (block == 0 || check_get_refcount (self, cluster % entries) == 0)
    return check_set_fault (self, "the cluster at %" G_GUINT64_FORMAT " is used and does not count",
                            cluster * self->cluster_size);
  return true;
}

/* Notes that a cluster is used, which must not be by anything else. */
static bool
check_use (Check *self, guint64 offset, VckcError **err)
{
  guint64 cluster = offset / self->cluster_size;

  if (offset % self->cluster_size != 0)
    return check_set_fault (self,
                            "a cluster is at %" G_GUINT64_FORMAT ", which is no multiple of "
                            "their size",
                            offset);
  if (cluster >= self->clusters)
    return check_set_fault (
        self, "a cluster at %" G_GUINT64_FORMAT " is behind the end of the file", offset);
  if (self->used[cluster / 8] & 1 << cluster % 8)
    return check_set_fault (self, "the cluster at %" G_GUINT64_FORMAT " is used twice", offset);
  self->used[cluster / 8] |= (guint8) (1 << cluster % 8);
  return check_refcount (self, cluster, err);
}

static bool
check_use_range (Check *self, guint64 offset, guint64 clusters, VckcError **err)
{
  for (guint64 i = 0; i < clusters && self->fault == NULL; i++)
    if (!check_use (self, offset + i * self->cluster_size, err))
      return false;
  return true;
}

/* How many bits of the entry of a compressed cluster are its offset. */
static guint
check_count_offset_bits (const Check *self)
{
  guint bits = 62;

  for (guint64 size = self->cluster_size; size > 256; size /= 2)
    bits--;
  return bits;
}

/* Compressed clusters share those of the file, so it is only seen that they are in it. */
static bool
check_l2_entry (Check *self, guint64 entry, VckcError **err)
{
  guint64 offset = entry & ENTRY_OFFSET;

  if ((entry & ENTRY_COMPRESSED) == 0)
    return offset == 0 || check_use (self, offset, err);
  offset = entry & ((G_GUINT64_CONSTANT (1) << check_count_offset_bits (self)) - 1);
  if (offset / self->cluster_size >= self->clusters)
    return check_set_fault (
        self, "a compressed cluster at %" G_GUINT64_FORMAT " is behind the end of the file",
        offset);
  return true;
}

static bool
check_l2_table (Check *self, guint64 offset, GByteArray *table, VckcError **err)
{
  if (!check_use (self, offset, err))
    return false;
  if (self->fault != NULL)
    return true;
  if (!check_read (self, offset, self->cluster_size, table, err))
    return false;
  for (guint64 at = 0; at < self->cluster_size && self->fault == NULL; at += self->l2_entry_size)
    if (!check_l2_entry (self, vckc_be64 (table->data + at), err))
      return false;
  return true;
}

static bool
check_l1_table (Check *self, VckcError **err)
{
  g_autoptr (GByteArray) l1 = g_byte_array_new ();
  g_autoptr (GByteArray) l2 = g_byte_array_new ();
  guint64 entries = vckc_be32 (self->header->data + QCOW2_L1_SIZE);
  guint64 offset = vckc_be64 (self->header->data + QCOW2_L1_TABLE);
  guint64 size = entries * ENTRY_SIZE;

  if (size > QCOW2_MAX_L1_SIZE)
    return check_set_fault (self, "its L1 table is too large");
  if (!check_use_range (self, offset, (size + self->cluster_size - 1) / self->cluster_size, err))
    return false;
  if (self->fault != NULL || size == 0)
    return true;
  if (!check_read (self, offset, size, l1, err))
    return false;
  for (guint64 i = 0; i < entries && self->fault == NULL; i++)
    {
      guint64 table = vckc_be64 (l1->data + i * ENTRY_SIZE) & ENTRY_OFFSET;

      if (vckc_cancel_check ("the check of an image", err)
          || (table != 0 && !check_l2_table (self, table, l2, err)))
        return false;
    }
  return true;
}

/* The refcount table is read whole; its blocks are clusters that are used, too. */
static bool
check_refcount_table (Check *self, VckcError **err)
{
  guint64 offset = vckc_be64 (self->header->data + QCOW2_REFCOUNT_TABLE);
  guint64 clusters = vckc_be32 (self->header->data + QCOW2_REFCOUNT_TABLE_CLUSTERS);
  guint64 size = clusters * self->cluster_size;

  if (size == 0 || size > MAX_REFCOUNT_TABLE)
    return check_set_fault (self, "its refcount table has an impossible size");
  if (!check_read (self, offset, size, self->refcount_table, err))
    return false;
  if (self->fault != NULL)
    return true;
  if (!check_use_range (self, offset, clusters, err))
    return false;
  for (guint64 at = 0; at < size && self->fault == NULL; at += ENTRY_SIZE)
    {
      guint64 block = vckc_be64 (self->refcount_table->data + at) & ENTRY_OFFSET;

      if (block != 0 && !check_use (self, block, err))
        return false;
    }
  return true;
}

/* Takes from the header what the check needs. */
static bool
check_init (Check *self, VckcError **err)
{
  VckcQcow2Header header;
  struct stat info;
  guint32 order = 4;

  if (!vckc_qcow2_header_read_fd (self->fd, self->path, &header, err)
      || !vckc_image_read (self->fd, self->path, 0, QCOW2_HEADER_MIN, self->header, err))
    return false;
  if (fstat (self->fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", self->path);
      return false;
    }
  if (self->header->len < QCOW2_HEADER_MIN || header.version < 3)
    return check_set_fault (self, "its header is too short");
  order = vckc_be32 (self->header->data + QCOW2_REFCOUNT_ORDER);
  if (order < 3 || order > 6)
    return check_set_fault (self, "its refcounts have an unusual size");
  if (vckc_be32 (self->header->data + SNAPSHOTS_AT) != 0)
    return check_set_fault (self, "it has internal snapshots");
  self->cluster_size = header.cluster_size;
  self->clusters = (guint64) info.st_size / self->cluster_size
                   + ((guint64) info.st_size % self->cluster_size != 0 ? 1 : 0);
  self->refcount_size = 1u << (order - 3);
  self->l2_entry_size =
      (vckc_be64 (self->header->data + QCOW2_INCOMPATIBLE) & QCOW2_INCOMPATIBLE_EXTENDED_L2) != 0
          ? 16
          : 8;
  if (self->clusters > MAX_CLUSTERS)
    return check_set_fault (self, "it has too many clusters to be checked");
  self->used = g_malloc0 (self->clusters / 8 + 1);
  return true;
}

bool
vckc_qcow2_check (int fd, const char *path, char **ret_fault, VckcError **err)
{
  g_auto (Check) self = { .fd = fd, .path = path };
  bool ok;

  self.header = g_byte_array_new ();
  self.refcount_table = g_byte_array_new ();
  self.refcount_block = g_byte_array_new ();
  ok = check_init (&self, err) && (self.fault != NULL || check_refcount_table (&self, err))
       && (self.fault != NULL || check_use (&self, 0, err))
       && (self.fault != NULL || check_l1_table (&self, err));
  *ret_fault = ok ? g_steal_pointer (&self.fault) : NULL;
  return ok;
}
