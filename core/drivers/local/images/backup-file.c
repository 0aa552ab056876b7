/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/backup-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/local/images/image-stat.h"
#include "qemu/qcow2-writer.h"

static int
backup_file_make_raw (int dir_fd,
                      const char *name,
                      const VckcBlockBackupFile *file,
                      VckcError **err)
{
  int fd = openat (dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make the backup file '%s'", file->path);
      return -1;
    }
  if (ftruncate (fd, (off_t) file->capacity) == 0)
    return fd;
  vckc_set_error_errno (err, errno, "cannot give the backup file '%s' its size", file->path);
  close (fd);
  unlinkat (dir_fd, name, 0);
  return -1;
}

static int
backup_file_make_at (int dir_fd, const char *name, const VckcBlockBackupFile *file, VckcError **err)
{
  const VckcQcow2Options options = { .virtual_size = file->capacity,
                                     .cluster_size = 65536,
                                     .backing_file = file->backing_file,
                                     .backing_format = file->backing_format };
  struct stat info;

  if (fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "the file '%s' for the backup of disk '%s' exists already; name another one, "
                      "or write to it as it is with the REUSE_EXTERNAL flag",
                      file->path, file->target);
      return -1;
    }
  return g_str_equal (file->format, "qcow2")
             ? vckc_qcow2_create (dir_fd, name, file->path, &options, err)
             : backup_file_make_raw (dir_fd, name, file, err);
}

int
vckc_backup_file_make (const VckcBlockBackupFile *file, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (file->path);
  g_autofree char *name = g_path_get_basename (file->path);
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd;

  if (dir_fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make the backup file '%s'", file->path);
      return -1;
    }
  fd = backup_file_make_at (dir_fd, name, file, err);
  close (dir_fd);
  return fd;
}

int
vckc_backup_file_open (const char *path, VckcError **err)
{
  int fd = open (path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;

  if (fd < 0 || fstat (fd, &info) < 0)
    vckc_set_error_errno (err, errno, "cannot open the backup file '%s'", path);
  else if (!S_ISREG (info.st_mode) && !S_ISBLK (info.st_mode))
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "'%s' is neither a file nor a block device", path);
  else
    return fd;
  if (fd >= 0)
    close (fd);
  return -1;
}

/* The number of a device is another one when the host has started again. */
static bool
is_same_file (const VckcBlockImage *one, const VckcBlockImage *other)
{
  if (one->number == 0 || one->number != other->number || one->birth != other->birth)
    return false;
  return one->birth != 0 || one->device == other->device;
}

bool
vckc_backup_file_remove (const char *path, const VckcBlockImage *made_as, VckcError **err)
{
  VckcBlockImage now = { 0 };
  struct stat info;

  if (lstat (path, &info) < 0 && errno == ENOENT)
    return true;
  if (!vckc_image_stat (path, &now) || !is_same_file (made_as, &now))
    {
      vckc_set_error (
          err, VCKC_ERROR_OPERATION_FAILED,
          "'%s' is left as it is: it may be another file than the one that was made for "
          "the backup",
          path);
      return false;
    }
  if (unlink (path) == 0 || errno == ENOENT)
    return true;
  vckc_set_error_errno (err, errno, "cannot remove the unfinished backup file '%s'", path);
  return false;
}
