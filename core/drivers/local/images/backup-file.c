/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* O_TMPFILE */

#include "drivers/local/images/backup-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "managed/backends/image-stat.h"
#include "managed/backends/made-file.h"
#include "qemu/qcow2-writer.h"

/* A new file without a name, or under `name` where the file system has no others. */
static int
backup_file_open_new (int dir_fd,
                      const char *name,
                      const VckcBlockBackupFile *file,
                      VckcError **err)
{
  int fd = openat (dir_fd, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT))
    fd = openat (dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    vckc_set_error_errno (err, errno, "cannot make the backup file '%s'", file->path);
  return fd;
}

static bool
backup_file_write_raw (int fd, const VckcBlockBackupFile *file, VckcError **err)
{
  if (ftruncate (fd, (off_t) file->capacity) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot give the backup file '%s' its size", file->path);
  return false;
}

static bool
backup_file_fill (int fd, const VckcBlockBackupFile *file, VckcError **err)
{
  const VckcQcow2Options options = { .virtual_size = file->capacity,
                                     .cluster_size = 65536,
                                     .backing_file = file->backing_file,
                                     .backing_format = file->backing_format };

  return g_str_equal (file->format, "qcow2")
             ? vckc_qcow2_write_empty (fd, file->path, &options, err)
             : backup_file_write_raw (fd, file, err);
}

static void
backup_file_set_exists (const VckcBlockBackupFile *file, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                  "the file '%s' for the backup of disk '%s' exists already; name another one, "
                  "or write to it as it is with the REUSE_EXTERNAL flag",
                  file->path, file->target);
}

/* Has the file no name yet? */
static bool
backup_file_is_nameless (int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && info.st_nlink == 0;
}

static int
backup_file_make_at (int dir_fd, const char *name, const VckcBlockBackupFile *file, VckcError **err)
{
  struct stat info;
  int fd;

  if (fstatat (dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    {
      backup_file_set_exists (file, err);
      return -1;
    }
  fd = backup_file_open_new (dir_fd, name, file, err);
  if (fd < 0 || backup_file_fill (fd, file, err))
    return fd;
  if (!backup_file_is_nameless (fd))
    unlinkat (dir_fd, name, 0);
  close (fd);
  return -1;
}

static int
backup_file_open_folder (const VckcBlockBackupFile *file, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (file->path);
  int dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (dir_fd < 0)
    vckc_set_error_errno (err, errno, "cannot make the backup file '%s'", file->path);
  return dir_fd;
}

int
vckc_backup_file_make (const VckcBlockBackupFile *file,
                       VckcBlockImage *ret_made_as,
                       VckcError **err)
{
  g_autofree char *name = g_path_get_basename (file->path);
  int dir_fd = backup_file_open_folder (file, err);
  int fd = dir_fd >= 0 ? backup_file_make_at (dir_fd, name, file, err) : -1;
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (dir_fd >= 0)
    close (dir_fd);
  if (fd >= 0 && !vckc_image_stat (link, ret_made_as))
    *ret_made_as = (VckcBlockImage){ 0 };
  return fd;
}

bool
vckc_backup_file_name (const VckcBlockBackupFile *file, int fd, VckcError **err)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);

  if (!backup_file_is_nameless (fd)
      || linkat (AT_FDCWD, link, AT_FDCWD, file->path, AT_SYMLINK_FOLLOW) == 0)
    return true;
  if (errno == EEXIST)
    backup_file_set_exists (file, err);
  else
    vckc_set_error_errno (err, errno, "cannot make the backup file '%s'", file->path);
  return false;
}

/* Nothing is known of a file whose folder is not there, which may be that of a file system that is
 * not mounted. */
static void
backup_file_set_open_error (const char *path, int saved_errno, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (saved_errno == ENOENT && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR,
                    "cannot open the backup file '%s': the folder '%s' is not there", path, folder);
  else
    vckc_set_error_errno (err, saved_errno, "cannot open the backup file '%s'", path);
}

/* What was made may not have been identified. */
static bool
backup_file_check_opened (int fd, const char *path, const VckcBlockImage *made_as, VckcError **err)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  VckcBlockImage now = { 0 };
  struct stat info;

  if (fstat (fd, &info) < 0)
    vckc_set_error_errno (err, errno, "cannot open the backup file '%s'", path);
  else if (!S_ISREG (info.st_mode) && !S_ISBLK (info.st_mode))
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "'%s' is neither a file nor a block device", path);
  else if (made_as != NULL && made_as->number != 0
           && (!vckc_image_stat (link, &now) || !vckc_made_file_is_same (made_as, &now)))
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "'%s' is another file than the one that was made for the backup; put that "
                    "back, or abort the backup",
                    path);
  else
    return true;
  return false;
}

int
vckc_backup_file_open (const char *path, const VckcBlockImage *made_as, VckcError **err)
{
  int fd = open (path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    backup_file_set_open_error (path, errno, err);
  if (fd < 0 || backup_file_check_opened (fd, path, made_as, err))
    return fd;
  close (fd);
  return -1;
}
