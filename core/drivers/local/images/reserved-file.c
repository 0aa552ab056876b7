/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* fallocate() */

#include "drivers/local/images/reserved-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void
reserved_file_set_no_space (const char *path, guint64 bytes, VckcError **err)
{
  g_autofree char *size = g_format_size (bytes);

  vckc_set_error (err, VCKC_ERROR_NO_SPACE,
                  "there is not the room of %s that the backup file '%s' may need; make room, or "
                  "name a file elsewhere",
                  size, path);
}

static bool
reserved_file_check_device (int fd, const char *path, guint64 bytes, VckcError **err)
{
  off_t size = lseek (fd, 0, SEEK_END);

  if (size < 0)
    vckc_set_error_errno (err, errno, "cannot find out the size of '%s'", path);
  else if ((guint64) size < bytes)
    reserved_file_set_no_space (path, bytes, err);
  return size >= 0 && (guint64) size >= bytes;
}

bool
vckc_reserved_file_extend (int fd,
                           const char *path,
                           guint64 bytes,
                           bool *ret_reserved,
                           VckcError **err)
{
  struct stat info;
  int result;

  *ret_reserved = true;
  if (fstat (fd, &info) == 0 && S_ISBLK (info.st_mode))
    return reserved_file_check_device (fd, path, bytes, err);
  do
    result = fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) bytes);
  while (result < 0 && errno == EINTR);
  if (result == 0)
    return true;
  *ret_reserved = false;
  if (errno == EOPNOTSUPP || errno == ENOSYS)
    return true;
  if (vckc_errno_is_no_space (errno))
    reserved_file_set_no_space (path, bytes, err);
  else
    vckc_set_error_errno (err, errno, "cannot reserve room for the backup file '%s'", path);
  return false;
}

void
vckc_reserved_file_cut (int fd, const char *path)
{
  struct stat info;

  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && ftruncate (fd, info.st_size) < 0)
    g_info ("'%s' keeps more room than it needs: %s", path, g_strerror (errno));
}
