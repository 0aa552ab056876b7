/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-clusters.h"

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"

/* A table of the offsets of blocks, each a cluster of reference counts. A block that is not
 * there has none but zeros. */
#define OFFSET_MASK (~G_GUINT64_CONSTANT (0x1ff))
#define MAX_REFCOUNT_ORDER 6
/* QEMU's own limit, in bytes. */
#define MAX_TABLE (G_GUINT64_CONSTANT (8) << 20)

typedef struct
{
  guint64 offset;
  GByteArray *stored; /* as in the image; empty if it is not there */
  GByteArray *now;
} RefcountBlock;

struct _VckcQcow2Clusters
{
  int fd;           /* borrowed */
  const char *path; /* borrowed */
  guint cluster_bits;
  guint refcount_order; /* a count has 1 << this bits */
  guint64 table_offset;
  GByteArray *stored_table;
  GByteArray *table;
  GHashTable *blocks; /* number -> owned RefcountBlock */
  guint64 next;       /* no cluster before this one is free; the first is the header */
};

static void
refcount_block_free (gpointer data)
{
  RefcountBlock *block = data;

  g_byte_array_unref (block->stored);
  g_byte_array_unref (block->now);
  g_free (block);
}

void
vckc_qcow2_clusters_free (VckcQcow2Clusters *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->stored_table);
  g_byte_array_unref (self->table);
  g_hash_table_unref (self->blocks);
  g_free (self);
}

static bool
qcow2_clusters_fail (const VckcQcow2Clusters *self, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                  "the reference counts of the image '%s' are damaged; check it with 'qemu-img "
                  "check'",
                  self->path);
  return false;
}

gsize
vckc_qcow2_clusters_get_size (const VckcQcow2Clusters *self)
{
  return (gsize) 1 << self->cluster_bits;
}

VckcQcow2Clusters *
vckc_qcow2_clusters_open (int fd, const char *path, const GByteArray *header, VckcError **err)
{
  g_autoptr (VckcQcow2Clusters) self = g_new0 (VckcQcow2Clusters, 1);
  guint64 size;

  self->fd = fd;
  self->path = path;
  self->next = 1;
  self->stored_table = g_byte_array_new ();
  self->table = g_byte_array_new ();
  self->blocks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, refcount_block_free);
  self->cluster_bits = vckc_be32 (header->data + QCOW2_CLUSTER_BITS);
  self->refcount_order = vckc_be32 (header->data + QCOW2_REFCOUNT_ORDER);
  self->table_offset = vckc_be64 (header->data + QCOW2_REFCOUNT_TABLE);
  size = (guint64) vckc_be32 (header->data + QCOW2_REFCOUNT_TABLE_CLUSTERS) << self->cluster_bits;
  if (self->refcount_order > MAX_REFCOUNT_ORDER || size == 0 || size > MAX_TABLE
      || self->table_offset == 0 || self->table_offset % vckc_qcow2_clusters_get_size (self) != 0
      || self->table_offset > G_MAXINT64 - MAX_TABLE)
    {
      qcow2_clusters_fail (self, err);
      return NULL;
    }
  if (!vckc_image_read (fd, path, self->table_offset, (gsize) size, self->stored_table, err))
    return NULL;
  /* A file may end within its last cluster. */
  g_byte_array_append (self->table, self->stored_table->data, self->stored_table->len);
  g_byte_array_set_size (self->table, self->table->len / 8 * 8);
  return vckc_qcow2_clusters_check_used (self, self->table_offset, size, err)
             ? g_steal_pointer (&self)
             : NULL;
}

/* How many counts a block has, as a power of two. */
static guint
qcow2_clusters_get_block_bits (const VckcQcow2Clusters *self)
{
  return self->cluster_bits + 3 - self->refcount_order;
}

static RefcountBlock *
qcow2_clusters_keep (VckcQcow2Clusters *self, guint64 number, guint64 offset)
{
  RefcountBlock *block = g_new0 (RefcountBlock, 1);

  block->offset = offset;
  block->stored = g_byte_array_new ();
  block->now = g_byte_array_new ();
  g_hash_table_insert (self->blocks, g_memdup2 (&number, sizeof number), block);
  return block;
}

/* The block of that number, or NULL: with an error, or since it is not there. */
static RefcountBlock *
qcow2_clusters_get_block (VckcQcow2Clusters *self, guint64 number, VckcError **err)
{
  RefcountBlock *block = g_hash_table_lookup (self->blocks, &number);
  gsize size = vckc_qcow2_clusters_get_size (self);
  guint64 offset;

  if (block != NULL || number >= self->table->len / 8)
    return block;
  offset = vckc_be64 (self->table->data + number * 8) & OFFSET_MASK;
  if (offset == 0)
    return NULL;
  if (offset % size != 0 || offset > G_MAXINT64 - size)
    {
      qcow2_clusters_fail (self, err);
      return NULL;
    }
  block = qcow2_clusters_keep (self, number, offset);
  if (vckc_image_read (self->fd, self->path, offset, size, block->stored, err)
      && (block->stored->len == size || qcow2_clusters_fail (self, err)))
    {
      g_byte_array_append (block->now, block->stored->data, block->stored->len);
      return block;
    }
  g_hash_table_remove (self->blocks, &number);
  return NULL;
}

static guint64
refcount_block_get (const RefcountBlock *block, guint order, guint64 i)
{
  guint64 value = 0;

  if (order < 3)
    {
      guint per_byte = 8u >> order;

      return (block->now->data[i / per_byte] >> (i % per_byte << order))
             & ((1u << (1u << order)) - 1);
    }
  for (guint byte = 0; byte < 1u << (order - 3); byte++)
    value = value << 8 | block->now->data[(i << (order - 3)) + byte];
  return value;
}

static void
refcount_block_set (RefcountBlock *block, guint order, guint64 i, guint64 value)
{
  guint n_bytes = order < 3 ? 1 : 1u << (order - 3);

  if (order < 3)
    {
      guint per_byte = 8u >> order;
      guint shift = (guint) (i % per_byte << order);
      guint8 *byte = &block->now->data[i / per_byte];
      guint mask = ((1u << (1u << order)) - 1) << shift;

      *byte = (guint8) ((*byte & ~mask) | (guint) value << shift);
      return;
    }
  for (guint byte = n_bytes; byte > 0; byte--, value >>= 8)
    block->now->data[(i << (order - 3)) + byte - 1] = (guint8) value;
}

/* Makes a block where there is none; it is the first cluster that it counts. */
static RefcountBlock *
qcow2_clusters_add_block (VckcQcow2Clusters *self, guint64 number, VckcError **err)
{
  guint64 offset = number << qcow2_clusters_get_block_bits (self) << self->cluster_bits;
  RefcountBlock *block;

  if (number >= self->table->len / 8)
    {
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_FAILED,
          "the image '%s' has no room for another cluster: its table of reference "
          "counts is full; make it longer by writing to the disk, or copy the image with "
          "'qemu-img convert'",
          self->path);
      return NULL;
    }
  block = qcow2_clusters_keep (self, number, offset);
  g_byte_array_set_size (block->now, (guint) vckc_qcow2_clusters_get_size (self));
  memset (block->now->data, 0, block->now->len);
  refcount_block_set (block, self->refcount_order, 0, 1);
  vckc_put_be64 (self->table->data + number * 8, offset);
  return block;
}

/* Is this one of the blocks themselves? They are counted, unless the counts are damaged. */
static bool
qcow2_clusters_is_block (VckcQcow2Clusters *self, guint64 offset)
{
  GHashTableIter iter;
  gpointer block;

  g_hash_table_iter_init (&iter, self->blocks);
  while (g_hash_table_iter_next (&iter, NULL, &block))
    if (((RefcountBlock *) block)->offset == offset)
      return true;
  return false;
}

/* Is the cluster of that number free? Where nothing is counted, counting begins. */
static bool
qcow2_clusters_is_free (VckcQcow2Clusters *self, guint64 i, bool *ret_free, VckcError **err)
{
  guint bits = qcow2_clusters_get_block_bits (self);
  VckcError *error = NULL;
  RefcountBlock *block = qcow2_clusters_get_block (self, i >> bits, &error);

  if (block == NULL && error == NULL)
    block = qcow2_clusters_add_block (self, i >> bits, &error);
  if (block == NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  *ret_free =
      refcount_block_get (block, self->refcount_order, i & ((G_GUINT64_CONSTANT (1) << bits) - 1))
          == 0
      && !qcow2_clusters_is_block (self, i << self->cluster_bits);
  return true;
}

/* Counts some free clusters as used, all of which have a block. */
static void
qcow2_clusters_set_used (VckcQcow2Clusters *self, guint64 first, guint64 n)
{
  guint bits = qcow2_clusters_get_block_bits (self);

  for (guint64 i = first; i < first + n; i++)
    refcount_block_set (qcow2_clusters_get_block (self, i >> bits, NULL), self->refcount_order,
                        i & ((G_GUINT64_CONSTANT (1) << bits) - 1), 1);
}

guint64
vckc_qcow2_clusters_allocate (VckcQcow2Clusters *self, gsize size, VckcError **err)
{
  guint64 n = (size + vckc_qcow2_clusters_get_size (self) - 1) >> self->cluster_bits;
  guint64 found = 0;
  bool all_before_used = true;
  guint64 i = self->next;

  for (; found < n; i++)
    {
      bool is_free;

      if (!qcow2_clusters_is_free (self, i, &is_free, err))
        return 0;
      found = is_free ? found + 1 : 0;
      all_before_used = all_before_used && !is_free;
      if (all_before_used)
        self->next = i + 1;
    }
  qcow2_clusters_set_used (self, i - n, n);
  return (i - n) << self->cluster_bits;
}

bool
vckc_qcow2_clusters_check_used (VckcQcow2Clusters *self,
                                guint64 offset,
                                guint64 size,
                                VckcError **err)
{
  guint bits = qcow2_clusters_get_block_bits (self);
  guint64 end = (offset + size + vckc_qcow2_clusters_get_size (self) - 1) >> self->cluster_bits;

  for (guint64 i = offset >> self->cluster_bits; i < end; i++)
    {
      VckcError *error = NULL;
      RefcountBlock *block = qcow2_clusters_get_block (self, i >> bits, &error);

      if (block != NULL
          && refcount_block_get (block, self->refcount_order,
                                 i & ((G_GUINT64_CONSTANT (1) << bits) - 1))
                 > 0)
        continue;
      if (error == NULL)
        qcow2_clusters_fail (self, &error);
      vckc_propagate_error (err, error);
      return false;
    }
  return true;
}

bool
vckc_qcow2_clusters_release (VckcQcow2Clusters *self, guint64 offset, gsize size, VckcError **err)
{
  guint bits = qcow2_clusters_get_block_bits (self);
  guint64 first = offset >> self->cluster_bits;
  guint64 end = first + ((size + vckc_qcow2_clusters_get_size (self) - 1) >> self->cluster_bits);

  if (offset % vckc_qcow2_clusters_get_size (self) != 0)
    return qcow2_clusters_fail (self, err);
  for (guint64 i = first; i < end; i++)
    {
      guint64 at = i & ((G_GUINT64_CONSTANT (1) << bits) - 1);
      VckcError *error = NULL;
      RefcountBlock *block = qcow2_clusters_get_block (self, i >> bits, &error);
      guint64 count = block != NULL ? refcount_block_get (block, self->refcount_order, at) : 0;

      if (count > 0)
        refcount_block_set (block, self->refcount_order, at, count - 1);
      else if (error == NULL)
        qcow2_clusters_fail (self, &error);
      if (error != NULL)
        {
          vckc_propagate_error (err, error);
          return false;
        }
    }
  return true;
}

static bool
refcount_block_store (RefcountBlock *block, VckcQcow2Clusters *self, VckcError **err)
{
  bool is_new = block->stored->len == 0;

  if (!(is_new ? vckc_image_write (self->fd, self->path, block->offset, block->now->data,
                                   block->now->len, err)
               : vckc_image_write_changes (self->fd, self->path, block->offset, block->stored->data,
                                           block->now->data, block->now->len, err)))
    return false;
  g_byte_array_set_size (block->stored, 0);
  g_byte_array_append (block->stored, block->now->data, block->now->len);
  return true;
}

bool
vckc_qcow2_clusters_store (VckcQcow2Clusters *self, VckcError **err)
{
  bool has_new = false;
  GHashTableIter iter;
  gpointer block;

  g_hash_table_iter_init (&iter, self->blocks);
  while (g_hash_table_iter_next (&iter, NULL, &block))
    {
      has_new = has_new || ((RefcountBlock *) block)->stored->len == 0;
      if (!refcount_block_store (block, self, err))
        return false;
    }
  /* The table may name a block only once that is there. */
  if (has_new
      && (!vckc_image_sync (self->fd, self->path, err)
          || !vckc_image_write_changes (self->fd, self->path, self->table_offset,
                                        self->stored_table->data, self->table->data,
                                        self->table->len, err)))
    return false;
  return vckc_image_sync (self->fd, self->path, err);
}
