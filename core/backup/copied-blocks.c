/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/copied-blocks.h"

#include <unistd.h>

#include "backup/blocks-file.h"
#include "qemu/qcow2-header.h"
#include "qemu/qcow2-map.h"

/* Bytes of the disk that are looked at at once. */
#define PART ((guint64) 1 << 29)
/* QEMU copies no less at once. */
#define BLOCK_SIZE 65536u

typedef struct
{
  VckcExtentReader reader; /* first */
  VckcQcow2Map *map;
  guint64 offset;
  guint64 size;
} CopiedReader;

static bool
copied_reader_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  CopiedReader *self = (CopiedReader *) reader;
  guint64 length = MIN (PART, self->size - self->offset);

  if (length > 0 && !vckc_qcow2_map_add (self->map, self->offset, length, 0, extents, err))
    return false;
  self->offset += length;
  *ret_end = self->offset == self->size;
  return true;
}

static void
copied_reader_free (VckcExtentReader *reader)
{
  CopiedReader *self = (CopiedReader *) reader;

  vckc_qcow2_map_free (self->map);
  g_free (self);
}

static const VckcExtentReaderClass copied_reader_class = { .next = copied_reader_next,
                                                           .free = copied_reader_free };

static VckcExtentReader *
copied_reader_new (int fd, const char *path, const VckcQcow2Header *header, VckcError **err)
{
  g_autoptr (GByteArray) cluster = g_byte_array_new ();
  CopiedReader *self;
  ssize_t n;

  g_byte_array_set_size (cluster, header->cluster_size);
  do
    n = pread (fd, cluster->data, cluster->len, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
      return NULL;
    }
  g_byte_array_set_size (cluster, (guint) n);
  self = g_new0 (CopiedReader, 1);
  self->reader.klass = &copied_reader_class;
  self->size = header->virtual_size;
  self->map = vckc_qcow2_map_new (fd, path, cluster);
  return &self->reader;
}

bool
vckc_copied_blocks_write (int image_fd,
                          int dir_fd,
                          const char *where,
                          const char *image,
                          const char *name,
                          VckcError **err)
{
  g_autofree char *path = g_build_filename (where, image, NULL);
  g_autoptr (VckcExtentReader) reader = NULL;
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read_fd (image_fd, path, &header, err))
    return false;
  reader = copied_reader_new (image_fd, path, &header, err);
  return reader != NULL
         && vckc_blocks_file_write (dir_fd, where, name, header.virtual_size,
                                    MAX (BLOCK_SIZE, header.cluster_size), reader, err);
}
