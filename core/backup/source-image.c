/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/source-image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu/qcow2-header.h"
#include "qemu/raw-image.h"

/* Of st_blocks. */
#define STAT_BLOCK 512

static bool
source_image_examine_qcow2 (int fd,
                            const char *path,
                            VckcSourceImage *ret_image,
                            bool *ret_on_other,
                            VckcError **err)
{
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read_fd (fd, path, &header, err))
    return false;
  ret_image->virtual_size = header.virtual_size;
  ret_image->cluster_size = header.cluster_size;
  *ret_on_other = header.has_backing_file || header.has_data_file;
  return true;
}

static bool
source_image_examine_fd (int fd,
                         const char *path,
                         const char *format,
                         VckcSourceImage *ret_image,
                         VckcError **err)
{
  bool on_other = false;
  bool is_device = false;
  struct stat info;

  if (fstat (fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", path);
      return false;
    }
  if (g_str_equal (format, "raw")
          ? !vckc_raw_image_examine (fd, path, &ret_image->virtual_size, &is_device, err)
          : !source_image_examine_qcow2 (fd, path, ret_image, &on_other, err))
    return false;
  ret_image->allocated = ret_image->virtual_size;
  if (S_ISREG (info.st_mode) && !on_other)
    ret_image->allocated = MIN ((guint64) info.st_blocks * STAT_BLOCK, ret_image->virtual_size);
  return true;
}

bool
vckc_source_image_examine (const char *path,
                           const char *format,
                           VckcSourceImage *ret_image,
                           VckcError **err)
{
  bool ok;
  int fd;

  ret_image->cluster_size = 0;
  if (!g_str_equal (format, "raw") && !g_str_equal (format, "qcow2"))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "the image '%s' has the format '%s', and only qcow2 and raw can be backed up",
                      path, format);
      return false;
    }
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s'", path);
      return false;
    }
  ok = source_image_examine_fd (fd, path, format, ret_image, err);
  close (fd);
  return ok;
}

bool
vckc_source_images_are_simulated (const char *uri)
{
  g_autofree char *scheme = g_uri_parse_scheme (uri);

  return scheme != NULL && g_ascii_strcasecmp (scheme, "memory") == 0;
}
