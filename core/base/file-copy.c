/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* copy_file_range(), SEEK_DATA */

#include "base/file-copy.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"

#define CHUNK (4 * 1024 * 1024)

static bool
file_copy_fail (const char *from_path, const char *to_path, int number, VckcError **err)
{
  if (vckc_errno_is_no_space (number))
    vckc_set_error (err, VCKC_ERROR_NO_SPACE, "cannot copy '%s' to '%s': %s", from_path, to_path,
                    g_strerror (number));
  else
    vckc_set_error_errno (err, number, "cannot copy '%s' to '%s'", from_path, to_path);
  return false;
}

static gssize
file_copy_through_memory (int from_fd, int to_fd, off_t at, gsize length)
{
  g_autofree char *buffer = g_malloc (length);
  gssize n = pread (from_fd, buffer, length, at);

  return n > 0 ? pwrite (to_fd, buffer, (gsize) n, at) : n;
}

/* Copies from `at` on; -1 with errno, 0 at the end of the file. */
static gssize
file_copy_piece (int from_fd, int to_fd, off_t at, gsize length)
{
  off_t from = at;
  off_t to = at;
  gssize n = copy_file_range (from_fd, &from, to_fd, &to, length, 0);

  if (n < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
    return file_copy_through_memory (from_fd, to_fd, at, length);
  return n;
}

/* Copies data from `at` up to `end`. */
static bool
file_copy_data (int from_fd,
                const char *from_path,
                int to_fd,
                const char *to_path,
                off_t at,
                off_t end,
                VckcError **err)
{
  while (at < end)
    {
      gssize n;

      if (vckc_cancel_check ("a copy", err))
        return false;
      n = file_copy_piece (from_fd, to_fd, at, (gsize) MIN (end - at, CHUNK));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return file_copy_fail (from_path, to_path, n == 0 ? EIO : errno, err);
      at += n;
    }
  return true;
}

bool
vckc_file_copy (int from_fd, const char *from_path, int to_fd, const char *to_path, VckcError **err)
{
  struct stat info;
  off_t at = 0;

  if (ioctl (to_fd, FICLONE, from_fd) == 0)
    return true;
  if (fstat (from_fd, &info) < 0 || ftruncate (to_fd, info.st_size) < 0)
    return file_copy_fail (from_path, to_path, errno, err);
  while (at < info.st_size)
    {
      off_t data = lseek (from_fd, at, SEEK_DATA);
      off_t hole = data >= 0 ? lseek (from_fd, data, SEEK_HOLE) : -1;

      if (data < 0 && errno == ENXIO)
        return true;
      if (data < 0 || hole < 0)
        {
          data = at;
          hole = info.st_size;
        }
      if (!file_copy_data (from_fd, from_path, to_fd, to_path, data, MIN (hole, info.st_size), err))
        return false;
      at = hole;
    }
  return true;
}
