/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-map.h"

#include <unistd.h>

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"
#include "qemu/qcow2-header.h"

/* Of the L1 table: what is in memory at a time. */
#define L1_PART_SIZE 4096u
/* Features with which the tables mean what they mean here. */
#define KNOWN_FEATURES                                                                             \
  (QCOW2_INCOMPATIBLE_DIRTY | QCOW2_INCOMPATIBLE_COMPRESSION | QCOW2_INCOMPATIBLE_EXTENDED_L2)
#define SUBCLUSTER_BITS 5u
#define SUBCLUSTERS (1u << SUBCLUSTER_BITS)

struct _VckcQcow2Map
{
  int fd;
  const char *path;
  bool readable; /* something can be certain at all */
  bool has_backing_file;
  guint64 virtual_size;
  guint64 cluster_size;
  guint cluster_bits;
  guint block_bits; /* of what an L2 entry, or a part of an extended one, is about */
  guint entry_bits; /* of the size of an L2 entry, in bytes */
  guint64 l1_offset;
  guint64 l1_size; /* entries */
  GByteArray *l1;  /* entries of the L1 table from number l1_start on */
  guint64 l1_start;
  GByteArray *l2; /* the L2 table of entry l2_index of the L1 table; empty if it has none */
  guint64 l2_index;
  bool l2_loaded;
  bool l2_sound; /* false: there should be a table, and there is not */
};

VckcQcow2Map *
vckc_qcow2_map_new (int fd, const char *path, const GByteArray *header)
{
  VckcQcow2Map *self = g_new0 (VckcQcow2Map, 1);
  const guint64 features = vckc_be64 (header->data + QCOW2_INCOMPATIBLE);
  const bool extended = (features & QCOW2_INCOMPATIBLE_EXTENDED_L2) != 0;

  self->fd = fd;
  self->path = path;
  self->has_backing_file = vckc_be64 (header->data + QCOW2_BACKING_FILE) != 0;
  self->virtual_size = vckc_be64 (header->data + QCOW2_DISK_SIZE);
  self->cluster_bits = vckc_be32 (header->data + QCOW2_CLUSTER_BITS);
  self->cluster_size = G_GUINT64_CONSTANT (1) << self->cluster_bits;
  self->entry_bits = extended ? 4 : 3;
  self->block_bits = extended ? self->cluster_bits - SUBCLUSTER_BITS : self->cluster_bits;
  self->l1_offset = vckc_be64 (header->data + QCOW2_L1_TABLE);
  self->l1_size = vckc_be32 (header->data + QCOW2_L1_SIZE);
  self->readable = (features & ~(guint64) KNOWN_FEATURES) == 0
                   && vckc_be32 (header->data + QCOW2_CRYPT_METHOD) == 0
                   && self->l1_offset % self->cluster_size == 0 && self->l1_offset != 0
                   && self->l1_offset <= G_MAXINT64 / 2 && self->l1_size <= QCOW2_MAX_L1_SIZE / 8
                   && self->virtual_size <= G_MAXINT64
                   && (!extended || self->cluster_size >= QCOW2_MIN_EXTENDED_L2_CLUSTER);
  self->l1 = g_byte_array_new ();
  self->l2 = g_byte_array_new ();
  return self;
}

VckcQcow2Map *
vckc_qcow2_map_open (int fd, const char *path, VckcError **err)
{
  g_autoptr (GByteArray) cluster = g_byte_array_new ();
  VckcQcow2Header header;
  ssize_t n;

  if (!vckc_qcow2_header_read_fd (fd, path, &header, err))
    return NULL;
  g_byte_array_set_size (cluster, header.cluster_size);
  do
    n = pread (fd, cluster->data, cluster->len, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
      return NULL;
    }
  g_byte_array_set_size (cluster, (guint) n);
  return vckc_qcow2_map_new (fd, path, cluster);
}

void
vckc_qcow2_map_free (VckcQcow2Map *self)
{
  if (self == NULL)
    return;
  g_byte_array_unref (self->l1);
  g_byte_array_unref (self->l2);
  g_free (self);
}

/* Entry number `index` of the L1 table, 0 behind its end; *ret_sound is false if it should be
 * there and is not. */
static bool
map_get_l1_entry (VckcQcow2Map *self,
                  guint64 index,
                  guint64 *ret_entry,
                  bool *ret_sound,
                  VckcError **err)
{
  const guint64 per_part = L1_PART_SIZE / 8;

  *ret_entry = 0;
  *ret_sound = true;
  if (index >= self->l1_size)
    return true;
  if (self->l1->len == 0 || index / per_part * per_part != self->l1_start)
    {
      self->l1_start = index / per_part * per_part;
      if (!vckc_image_read (self->fd, self->path, self->l1_offset + self->l1_start * 8,
                            L1_PART_SIZE, self->l1, err))
        return false;
    }
  *ret_sound = (index - self->l1_start) * 8 + 8 <= self->l1->len;
  if (*ret_sound)
    *ret_entry = vckc_be64 (self->l1->data + (index - self->l1_start) * 8);
  return true;
}

/* Makes self->l2 the table of that entry of the L1 table. */
static bool
map_load_l2 (VckcQcow2Map *self, guint64 index, VckcError **err)
{
  guint64 entry, offset;

  if (self->l2_loaded && self->l2_index == index)
    return true;
  self->l2_loaded = false;
  g_byte_array_set_size (self->l2, 0);
  if (!map_get_l1_entry (self, index, &entry, &self->l2_sound, err))
    return false;
  offset = entry & QCOW2_TABLE_OFFSET;
  if (offset % self->cluster_size != 0)
    self->l2_sound = false;
  if (self->l2_sound && offset != 0)
    {
      if (!vckc_image_read (self->fd, self->path, offset, (gsize) self->cluster_size, self->l2,
                            err))
        return false;
      self->l2_sound = self->l2->len == self->cluster_size;
    }
  self->l2_index = index;
  self->l2_loaded = true;
  return true;
}

static unsigned int
map_get_unallocated (const VckcQcow2Map *self)
{
  return self->has_backing_file ? 0 : VCKC_EXTENT_ZERO;
}

/* What is certain of subcluster number `i` of an entry. */
static unsigned int
map_get_subcluster (const VckcQcow2Map *self, guint64 entry, guint64 bits, guint i)
{
  const bool is_data = (bits >> i & 1) != 0;
  const bool is_zero = (bits >> (SUBCLUSTERS + i) & 1) != 0;
  const bool has_room = (entry & QCOW2_TABLE_OFFSET) != 0;

  if ((entry & (QCOW2_L2_COMPRESSED | QCOW2_L2_ZERO)) != 0 || (is_data && (is_zero || !has_room)))
    return 0;
  if (is_data)
    return VCKC_EXTENT_DATA;
  return is_zero ? VCKC_EXTENT_ZERO : map_get_unallocated (self);
}

static unsigned int
map_get_cluster (const VckcQcow2Map *self, guint64 entry)
{
  if ((entry & QCOW2_L2_COMPRESSED) != 0)
    return 0;
  if ((entry & QCOW2_L2_ZERO) != 0)
    return VCKC_EXTENT_ZERO;
  return (entry & QCOW2_TABLE_OFFSET) != 0 ? VCKC_EXTENT_DATA : map_get_unallocated (self);
}

/* What is certain of the block at `offset`, by the loaded L2 table. */
static unsigned int
map_get_block (const VckcQcow2Map *self, guint64 offset)
{
  const guint64 in_table = (G_GUINT64_CONSTANT (1) << (self->cluster_bits - self->entry_bits)) - 1;
  const guint8 *entry =
      self->l2->data + ((offset >> self->cluster_bits & in_table) << self->entry_bits);

  return self->block_bits == self->cluster_bits
             ? map_get_cluster (self, vckc_be64 (entry))
             : map_get_subcluster (self, vckc_be64 (entry), vckc_be64 (entry + 8),
                                   offset >> self->block_bits & (SUBCLUSTERS - 1));
}

static void
map_add (GArray *extents, guint64 offset, guint64 end, unsigned int flags)
{
  if (flags != 0)
    vckc_extents_add (extents, offset, end - offset, flags);
}

/* Adds a part of what the loaded L2 table covers, as it says. */
static void
map_add_of_table (const VckcQcow2Map *self,
                  guint64 offset,
                  guint64 end,
                  unsigned int flags,
                  GArray *extents)
{
  while (offset < end)
    {
      const guint64 next = MIN (end, ((offset >> self->block_bits) + 1) << self->block_bits);

      map_add (extents, offset, next, flags | map_get_block (self, offset));
      offset = next;
    }
}

bool
vckc_qcow2_map_add (VckcQcow2Map *self,
                    guint64 offset,
                    guint64 length,
                    unsigned int flags,
                    GArray *extents,
                    VckcError **err)
{
  /* Less than 2^38 bytes, whatever the header says. */
  const guint covered_bits = 2 * self->cluster_bits - self->entry_bits;
  const guint64 all = offset + length;
  const guint64 end = self->readable ? MIN (all, self->virtual_size) : 0;

  while (offset < end)
    {
      const guint64 index = offset >> covered_bits;
      const guint64 next = index < self->l1_size ? MIN (end, (index + 1) << covered_bits) : end;

      if (!map_load_l2 (self, index, err))
        return false;
      if (self->l2_sound && self->l2->len > 0)
        map_add_of_table (self, offset, next, flags, extents);
      else
        map_add (extents, offset, next, flags | (self->l2_sound ? map_get_unallocated (self) : 0));
      offset = next;
    }
  if (offset < all)
    map_add (extents, offset, all, flags);
  return true;
}
