/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/image-data.h"

#include "qemu/qcow2-header.h"
#include "qemu/qcow2-map.h"

/* Bytes of the disk that are looked at at once. */
#define PART ((guint64) 1 << 29)

typedef struct
{
  VckcExtentReader reader; /* first */
  VckcQcow2Map *map;       /* owned */
  GArray *known;           /* owned: what the map says of a part */
  guint64 offset;
  guint64 size;
} ImageData;

static void
image_data_free (VckcExtentReader *reader)
{
  ImageData *self = (ImageData *) reader;

  vckc_qcow2_map_free (self->map);
  g_array_unref (self->known);
  g_free (self);
}

/* Reads the next part; its length, or 0 at the end. */
static bool
image_data_read_part (ImageData *self, GArray *extents, guint64 *ret_length, VckcError **err)
{
  *ret_length = MIN (PART, self->size - self->offset);
  return *ret_length == 0
         || vckc_qcow2_map_add (self->map, self->offset, *ret_length, 0, extents, err);
}

static bool
image_own_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  ImageData *self = (ImageData *) reader;
  guint64 length;

  if (!image_data_read_part (self, extents, &length, err))
    return false;
  self->offset += length;
  *ret_end = self->offset == self->size;
  return true;
}

static bool
image_data_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  ImageData *self = (ImageData *) reader;
  guint64 length, begin = self->offset;

  g_array_set_size (self->known, 0);
  if (!image_data_read_part (self, self->known, &length, err))
    return false;
  self->offset += length;
  for (guint i = 0; i < self->known->len; i++)
    {
      const VckcExtent *extent = &g_array_index (self->known, VckcExtent, i);

      if ((extent->flags & VCKC_EXTENT_ZERO) == 0)
        continue;
      vckc_extents_add (extents, begin, extent->offset - begin, VCKC_EXTENT_DATA);
      begin = extent->offset + extent->length;
    }
  vckc_extents_add (extents, begin, self->offset - begin, VCKC_EXTENT_DATA);
  *ret_end = self->offset == self->size;
  return true;
}

static const VckcExtentReaderClass image_data_class = { .next = image_data_next,
                                                        .free = image_data_free };
static const VckcExtentReaderClass image_own_class = { .next = image_own_next,
                                                       .free = image_data_free };

static VckcExtentReader *
image_data_open (const VckcExtentReaderClass *klass, int fd, const char *path, VckcError **err)
{
  VckcQcow2Header header;
  VckcQcow2Map *map = vckc_qcow2_header_read_fd (fd, path, &header, err)
                          ? vckc_qcow2_map_open (fd, path, err)
                          : NULL;
  ImageData *self;

  if (map == NULL)
    return NULL;
  self = g_new0 (ImageData, 1);
  self->reader.klass = klass;
  self->size = header.virtual_size;
  self->map = map;
  self->known = vckc_extents_new ();
  return &self->reader;
}

VckcExtentReader *
vckc_image_data_open (int fd, const char *path, VckcError **err)
{
  return image_data_open (&image_data_class, fd, path, err);
}

VckcExtentReader *
vckc_image_own_open (int fd, const char *path, VckcError **err)
{
  return image_data_open (&image_own_class, fd, path, err);
}
