/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-backing.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu/backing-name.h"
#include "qemu/big-endian.h"
#include "qemu/qcow2-bitmap-describe.h"

/* The format, from QEMU's docs/interop/qcow2.txt. Version 2 has the first 72 bytes. */
enum
{
  HEADER_MAGIC = 0,
  HEADER_VERSION = 4,
  HEADER_BACKING_FILE = 8,
  HEADER_BACKING_SIZE = 16,
  HEADER_LENGTH = 100,
  SIZE_VERSION_2 = 72,
  SIZE_VERSION_3 = 104,
};

#define MAGIC 0x514649fbu /* "QFI\xfb" */
#define EXTENSION_HEAD 8
#define EXTENSION_BACKING_FORMAT 0xe2792acau
#define MAX_NAME 1023u
/* The name is in the first cluster, which is not larger. */
#define MAX_OFFSET (G_GUINT64_CONSTANT (2) * 1024 * 1024)
/* A longer chain is taken for one that does not end. */
#define MAX_DEPTH 200

/* An image, and what it says of the one below. */
typedef struct
{
  bool is_qcow2;
  char *file;   /* (nullable): as it is written there */
  char *format; /* (nullable) */
} Layer;

static void
qcow2_layer_clear (Layer *layer)
{
  g_free (layer->file);
  g_free (layer->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layer, qcow2_layer_clear)

/* Opens a file or block device; anything else could block or have an effect. */
static int
qcow2_backing_open (const char *path, VckcError **err)
{
  struct stat info;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s'", path);
      return -1;
    }
  if (fstat (fd, &info) == 0 && (S_ISREG (info.st_mode) || S_ISBLK (info.st_mode)))
    return fd;
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED, "'%s' is neither a file nor a block device",
                  path);
  close (fd);
  return -1;
}

/* Reads from the start; fewer bytes only if the file ends. */
static GByteArray *
qcow2_backing_load (int fd, const char *path, gsize size, VckcError **err)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  gsize done = 0;
  gssize n = 1;

  g_byte_array_set_size (data, (guint) size);
  while (done < size && n != 0)
    {
      n = pread (fd, data->data + done, size - done, (off_t) done);
      if (n < 0 && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
          return NULL;
        }
      done += (gsize) MAX (n, 0);
    }
  g_byte_array_set_size (data, (guint) done);
  return g_steal_pointer (&data);
}

/* The format of the backing file; NULL if the image does not say. */
static char *
qcow2_backing_find_format (const guint8 *header, gsize at, gsize end)
{
  while (at < end && end - at >= EXTENSION_HEAD)
    {
      guint32 type = vckc_be32 (header + at);
      gsize length = vckc_be32 (header + at + 4);

      at += EXTENSION_HEAD;
      if (type == 0 || length > end - at)
        return NULL;
      if (type == EXTENSION_BACKING_FORMAT)
        return g_strndup ((const char *) header + at, length);
      at += (length + 7) / 8 * 8;
    }
  return NULL;
}

static bool
qcow2_backing_read (int fd, const char *path, Layer *layer, VckcError **err)
{
  g_autoptr (GByteArray) head = qcow2_backing_load (fd, path, SIZE_VERSION_3, err);
  g_autoptr (GByteArray) all = NULL;
  guint64 offset;
  guint32 size;
  bool has_length;

  if (head == NULL)
    return false;
  layer->is_qcow2 = head->len >= SIZE_VERSION_2 && vckc_be32 (head->data + HEADER_MAGIC) == MAGIC;
  offset = layer->is_qcow2 ? vckc_be64 (head->data + HEADER_BACKING_FILE) : 0;
  if (offset == 0)
    return true;
  size = vckc_be32 (head->data + HEADER_BACKING_SIZE);
  if (size > 0 && size <= MAX_NAME && offset <= MAX_OFFSET
      && (all = qcow2_backing_load (fd, path, offset + size, err)) == NULL)
    return false;
  if (all == NULL || all->len < offset + size)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                      "the header of the qcow2 image '%s' is damaged: it does not say on what file "
                      "the image is based",
                      path);
      return false;
    }
  has_length = head->len == SIZE_VERSION_3 && vckc_be32 (head->data + HEADER_VERSION) >= 3;
  layer->file = g_strndup ((const char *) all->data + offset, size);
  layer->format = qcow2_backing_find_format (
      all->data, has_length ? vckc_be32 (head->data + HEADER_LENGTH) : SIZE_VERSION_2,
      (gsize) offset);
  return true;
}

static bool
qcow2_backing_add_bitmaps (int fd, const char *path, GPtrArray *bitmaps, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) stored = vckc_qcow2_bitmaps_read (fd, path, err);

  if (stored != NULL)
    vckc_backing_bitmaps_add (bitmaps, path, vckc_qcow2_bitmaps_describe (fd, path, stored));
  return stored != NULL;
}

/* Reads one file of the chain; `bitmaps` is NULL for the image itself. */
static bool
qcow2_backing_read_layer (const char *path, GPtrArray *bitmaps, Layer *layer, VckcError **err)
{
  int fd = qcow2_backing_open (path, err);
  bool read;

  if (fd < 0)
    return false;
  read = qcow2_backing_read (fd, path, layer, err)
         && (bitmaps == NULL || !layer->is_qcow2
             || qcow2_backing_add_bitmaps (fd, path, bitmaps, err));
  close (fd);
  return read;
}

/* The path of what the image at `path` calls `file`; NULL if that is not a file of this host. */
static char *
qcow2_backing_find_below (const char *path, const char *file, VckcError **err)
{
  char *below;

  if (!vckc_backing_name_resolve (file, path, &below, err))
    return NULL;
  if (below == NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the image '%s' is based on '%s', which is not a file of this host", path,
                    file);
  return below;
}

bool
vckc_qcow2_backing_list_bitmaps (const char *path, GPtrArray *bitmaps, VckcError **err)
{
  g_autofree char *at = g_strdup (path);

  for (guint depth = 0; depth < MAX_DEPTH; depth++)
    {
      g_auto (Layer) layer = { false };
      char *below;

      if (!qcow2_backing_read_layer (at, depth > 0 ? bitmaps : NULL, &layer, err))
        return false;
      if (layer.file == NULL || (layer.format != NULL && strcmp (layer.format, "qcow2") != 0))
        return true;
      below = qcow2_backing_find_below (at, layer.file, err);
      if (below == NULL)
        return false;
      g_free (at);
      at = below;
    }
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "the image '%s' is based on more than %d files", path, MAX_DEPTH - 1);
  return false;
}

bool
vckc_qcow2_backing_read (int fd,
                         const char *path,
                         char **ret_file,
                         char **ret_format,
                         VckcError **err)
{
  g_auto (Layer) layer = { false };

  if (!qcow2_backing_read (fd, path, &layer, err))
    return false;
  *ret_file = g_steal_pointer (&layer.file);
  *ret_format = g_steal_pointer (&layer.format);
  return true;
}
