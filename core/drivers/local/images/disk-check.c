/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/disk-check.h"

#include <string.h>
#include <unistd.h>

#include "drivers/local/machine/unix-socket.h"
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-header.h"

bool
vckc_disk_check_definition (const VckcBlockDisk *disk, VckcError **err)
{
  const bool is_qcow2 = g_strcmp0 (disk->format, "qcow2") == 0;

  if (disk->path == NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the disk is empty, or is neither a file nor a block device of this host");
  else if (!g_path_is_absolute (disk->path))
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the path of the image, '%s', does not start with '/'", disk->path);
  else if (!g_utf8_validate (disk->path, -1, NULL))
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED, "the path of the image is not UTF-8");
  else if (disk->is_copied && !is_qcow2 && g_strcmp0 (disk->format, "raw") != 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "disks in the formats 'qcow2' and 'raw' can be backed up, and the disk is '%s'",
                    disk->format != NULL ? disk->format : "raw");
  else if (!disk->is_copied && !is_qcow2)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "bitmaps can only be kept in the format 'qcow2', and the disk is '%s'",
                    disk->format != NULL ? disk->format : "raw");
  else
    return true;
  return false;
}

/* Does a QEMU listen? It is not talked to. */
static bool
disk_check_is_running (const char *qmp_socket)
{
  bool full;
  int fd;

  if (qmp_socket == NULL
      || !vckc_unix_socket_connect (qmp_socket, g_get_monotonic_time (), -1, &fd, &full, NULL))
    return false;
  if (fd >= 0)
    close (fd);
  return fd >= 0 || full;
}

/* Can bitmaps be stored in the image? A running QEMU has the key of an encrypted one. */
static bool
disk_check_image (const VckcQcow2Header *header,
                  const char *path,
                  const char *qmp_socket,
                  VckcError **err)
{
  return ((header->encrypted && disk_check_is_running (qmp_socket))
          || vckc_qcow2_header_check_bitmaps (header, path, err))
         && vckc_qcow2_bitmap_check_disk (header->virtual_size, header->cluster_size, path, err);
}

bool
vckc_disk_check (const char *qmp_socket, const VckcBlockDisk *disk, VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcQcow2Header header;

  if (!vckc_disk_check_definition (disk, err))
    return false;
  if (vckc_qcow2_header_read (disk->path, &header, &error))
    return disk_check_image (&header, disk->path, qmp_socket, err);
  /* A running QEMU may read an image that Vck cannot: it may have the right to, or the file may not
   * begin with the image. */
  if (!vckc_error_is_exhaustion (error) && disk_check_is_running (qmp_socket))
    return true;
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}
