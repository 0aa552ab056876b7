/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/qcow2-header.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu/big-endian.h"

/* The format, from QEMU's docs/interop/qcow2.txt: numbers are big-endian. Version 2 has
 * the first 72 bytes. */
enum
{
  OFFSET_MAGIC = 0,
  OFFSET_VERSION = 4,
  OFFSET_BACKING_FILE = 8,
  OFFSET_CLUSTER_BITS = 20,
  OFFSET_SIZE = 24,
  OFFSET_CRYPT_METHOD = 32,
  OFFSET_L1_TABLE = 40,
  OFFSET_REFCOUNT_TABLE = 48,
  OFFSET_N_SNAPSHOTS = 60,
  OFFSET_INCOMPATIBLE = 72,
  SIZE_VERSION_2 = 72,
  SIZE_READ = 80,
};

#define MAGIC 0x514649fbu /* "QFI\xfb" */
#define INCOMPATIBLE_DIRTY (G_GUINT64_CONSTANT (1) << 0)
#define INCOMPATIBLE_CORRUPT (G_GUINT64_CONSTANT (1) << 1)
#define INCOMPATIBLE_DATA_FILE (G_GUINT64_CONSTANT (1) << 2)
#define MIN_CLUSTER_BITS 9
#define MAX_CLUSTER_BITS 21

/* Reads up to `size` bytes from the start; returns how many, or -1. */
static gssize
qcow2_header_load (int fd, guint8 *data, gsize size, const char *path, VckcError **err)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = pread (fd, data + done, size - done, (off_t) done);

      if (n == 0)
        break;
      if (n < 0 && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
          return -1;
        }
      done += (gsize) MAX (n, 0);
    }
  return (gssize) done;
}

static bool
qcow2_header_parse (const guint8 *data,
                    gsize size,
                    guint64 file_size,
                    const char *path,
                    VckcQcow2Header *header,
                    VckcError **err)
{
  guint32 cluster_bits;

  if (size < 4 || vckc_be32 (data + OFFSET_MAGIC) != MAGIC)
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "the image '%s' is not in qcow2 format, whatever the definition says", path);
      return false;
    }
  header->version = size >= SIZE_VERSION_2 ? vckc_be32 (data + OFFSET_VERSION) : 0;
  cluster_bits = size >= SIZE_VERSION_2 ? vckc_be32 (data + OFFSET_CLUSTER_BITS) : 0;
  if (cluster_bits < MIN_CLUSTER_BITS || cluster_bits > MAX_CLUSTER_BITS
      || (header->version != 2 && (header->version != 3 || size < SIZE_READ)))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "the header of the qcow2 image '%s' is damaged, or of a later version", path);
      return false;
    }
  header->cluster_size = 1u << cluster_bits;
  header->virtual_size = vckc_be64 (data + OFFSET_SIZE);
  header->encrypted = vckc_be32 (data + OFFSET_CRYPT_METHOD) != 0;
  header->cut = vckc_be64 (data + OFFSET_L1_TABLE) >= file_size
                || vckc_be64 (data + OFFSET_REFCOUNT_TABLE) >= file_size;
  header->has_backing_file = vckc_be64 (data + OFFSET_BACKING_FILE) != 0;
  header->has_snapshots = vckc_be32 (data + OFFSET_N_SNAPSHOTS) != 0;
  if (header->version == 3)
    {
      guint64 incompatible = vckc_be64 (data + OFFSET_INCOMPATIBLE);

      header->dirty = (incompatible & INCOMPATIBLE_DIRTY) != 0;
      header->has_data_file = (incompatible & INCOMPATIBLE_DATA_FILE) != 0;
      header->corrupt = (incompatible & INCOMPATIBLE_CORRUPT) != 0;
    }
  return true;
}

bool
vckc_qcow2_header_read_fd (int fd, const char *path, VckcQcow2Header *ret_header, VckcError **err)
{
  VckcQcow2Header header = { 0 };
  guint8 data[SIZE_READ];
  struct stat info;
  off_t file_size;
  gssize size;

  if (fstat (fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", path);
      return false;
    }
  if (!S_ISREG (info.st_mode) && !S_ISBLK (info.st_mode))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "'%s' is neither a file nor a block device", path);
      return false;
    }
  header.block_device = S_ISBLK (info.st_mode);
  size = qcow2_header_load (fd, data, sizeof data, path, err);
  file_size = lseek (fd, 0, SEEK_END);
  if (size < 0
      || !qcow2_header_parse (data, (gsize) size, (guint64) MAX (file_size, 0), path, &header, err))
    return false;
  *ret_header = header;
  return true;
}

/* What is neither a file nor a block device could block or have an effect when it is opened. */
bool
vckc_qcow2_header_read (const char *path, VckcQcow2Header *ret_header, VckcError **err)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  bool ok;

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s'", path);
      return false;
    }
  ok = vckc_qcow2_header_read_fd (fd, path, ret_header, err);
  close (fd);
  return ok;
}

bool
vckc_qcow2_header_check_bitmaps (const VckcQcow2Header *header, const char *path, VckcError **err)
{
  if (header->version == 2)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the qcow2 image '%s' is of version 2, which keeps no bitmaps; upgrade it "
                    "with 'qemu-img amend -o compat=1.1'",
                    path);
  else if (header->encrypted)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the image '%s' is encrypted, and its key is not known here", path);
  else if (header->corrupt)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the image '%s' is marked as corrupt; repair it with 'qemu-img check -r all'",
                    path);
  else if (header->cut)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the image '%s' is cut short: its tables are missing", path);
  else
    return true;
  return false;
}
