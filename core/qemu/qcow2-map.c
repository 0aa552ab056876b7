/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-map.h"

#include "qemu/big-endian.h"
#include "qemu/image-io.h"
#include "qemu/qcow2-format.h"

/* Of the L1 table: what is in memory at a time. */
#define L1_PART_SIZE 4096u
/* Features with which the tables mean what they mean here. */
#define KNOWN_FEATURES                                                                             \
  (QCOW2_INCOMPATIBLE_DIRTY | QCOW2_INCOMPATIBLE_COMPRESSION | QCOW2_INCOMPATIBLE_EXTENDED_L2)
#define SUBCLUSTERS 32u

struct _VckcQcow2Map
{
  int fd;
  const char *path;
  bool readable; /* something can be certain at all */
  bool has_backing_file;
  guint64 virtual_size;
  guint64 cluster_size;
  guint entry_size; /* of an L2 entry, in bytes */
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

  self->fd = fd;
  self->path = path;
  self->has_backing_file = vckc_be64 (header->data + QCOW2_BACKING_FILE) != 0;
  self->virtual_size = vckc_be64 (header->data + QCOW2_DISK_SIZE);
  self->cluster_size = G_GUINT64_CONSTANT (1) << vckc_be32 (header->data + QCOW2_CLUSTER_BITS);
  self->entry_size = (features & QCOW2_INCOMPATIBLE_EXTENDED_L2) != 0 ? 16 : 8;
  self->l1_offset = vckc_be64 (header->data + QCOW2_L1_TABLE);
  self->l1_size = vckc_be32 (header->data + QCOW2_L1_SIZE);
  self->readable =
      (features & ~(guint64) KNOWN_FEATURES) == 0
      && vckc_be32 (header->data + QCOW2_CRYPT_METHOD) == 0
      && self->l1_offset % self->cluster_size == 0 && self->l1_offset != 0
      && self->l1_offset <= G_MAXINT64 / 2 && self->l1_size <= QCOW2_MAX_L1_SIZE / 8
      && self->virtual_size <= G_MAXINT64
      && (self->entry_size == 8 || self->cluster_size >= QCOW2_MIN_EXTENDED_L2_CLUSTER);
  self->l1 = g_byte_array_new ();
  self->l2 = g_byte_array_new ();
  return self;
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

/* Adds the part from `offset` to `end` if something is certain of it. */
static void
map_add (GArray *extents, guint64 offset, guint64 end, unsigned int flags)
{
  if (flags != 0)
    vckc_extents_add (extents, offset, end - offset, flags);
}

/* Adds what the loaded L2 table says of a part of what it covers. */
static void
map_add_of_table (const VckcQcow2Map *self, guint64 offset, guint64 end, GArray *extents)
{
  const guint64 block_size =
      self->entry_size == 16 ? self->cluster_size / SUBCLUSTERS : self->cluster_size;
  const guint64 n_entries = self->cluster_size / self->entry_size;

  while (offset < end)
    {
      const guint64 next = MIN (end, (offset / block_size + 1) * block_size);
      const guint8 *entry =
          self->l2->data + offset / self->cluster_size % n_entries * self->entry_size;
      const guint64 value = vckc_be64 (entry);
      unsigned int flags;

      if (self->entry_size == 16)
        flags = map_get_subcluster (self, value, vckc_be64 (entry + 8),
                                    (guint) (offset % self->cluster_size / block_size));
      else
        flags = map_get_cluster (self, value);
      map_add (extents, offset, next, flags);
      offset = next;
    }
}

bool
vckc_qcow2_map_add (VckcQcow2Map *self,
                    guint64 offset,
                    guint64 length,
                    GArray *extents,
                    VckcError **err)
{
  /* Less than 2^38 bytes, whatever the header says. */
  const guint64 covered = self->cluster_size / self->entry_size * self->cluster_size;
  guint64 end;

  if (!self->readable || offset >= self->virtual_size)
    return true;
  end = offset + MIN (length, self->virtual_size - offset);
  while (offset < end)
    {
      const guint64 index = offset / covered;
      const guint64 next = index < self->l1_size ? MIN (end, (index + 1) * covered) : end;

      if (!map_load_l2 (self, index, err))
        return false;
      if (self->l2_sound && self->l2->len > 0)
        map_add_of_table (self, offset, next, extents);
      else if (self->l2_sound)
        map_add (extents, offset, next, map_get_unallocated (self));
      offset = next;
    }
  return true;
}
