/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "qemu/raw-image.h"

#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

bool
vckc_raw_image_examine (int fd,
                        const char *path,
                        guint64 *ret_size,
                        bool *ret_block_device,
                        VckcError **err)
{
  struct stat info;
  off_t size;

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
  size = lseek (fd, 0, SEEK_END);
  if (size < 0)
    {
      vckc_set_error_errno (err, errno, "cannot find out the size of the image '%s'", path);
      return false;
    }
  *ret_size = ((guint64) size + SECTOR - 1) / SECTOR * SECTOR;
  *ret_block_device = S_ISBLK (info.st_mode);
  return true;
}
