/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* F_OFD_SETLK, renameat2() */

#include "backup/restore.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/restore-copy.h"
#include "base/cancel.h"
#include "base/dir-file.h"
#include "qemu/qcow2-writer.h"

/* Microseconds. */
#define LOCK_TIMEOUT (5 * G_USEC_PER_SEC)
#define LOCK_PAUSE (10 * 1000)

/* A new image. */
typedef struct
{
  const char *to; /* borrowed */
  char *name;     /* the last component */
  char *temporary;
  char *temporary_path;
  int dir_fd;
  int fd;    /* -1 before it was made; open while it has the temporary name */
  bool made; /* is there one of ours under the temporary name? */
} RestoreFile;

typedef struct
{
  const VckcRestoreDisk *disks;
  guint n_disks;
  bool raw;
  bool replace;
  VckcRestoreCopy *copy;
  RestoreFile *files;
} Restore;

static void
restore_file_clear (RestoreFile *file)
{
  if (file->made)
    unlinkat (file->dir_fd, file->temporary, 0);
  if (file->fd >= 0)
    close (file->fd);
  if (file->dir_fd >= 0)
    close (file->dir_fd);
  g_free (file->name);
  g_free (file->temporary);
  g_free (file->temporary_path);
}

static void
restore_clear (Restore *self)
{
  for (guint i = 0; i < self->n_disks; i++)
    restore_file_clear (&self->files[i]);
  g_free (self->files);
  vckc_restore_copy_free (self->copy);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Restore, restore_clear)

static bool
restore_file_init (RestoreFile *file, const char *to, bool replace, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (to);
  struct stat info;
  bool taken;

  file->to = to;
  file->name = g_path_get_basename (to);
  file->temporary = g_strconcat (file->name, VCKC_RESTORE_SUFFIX, NULL);
  file->temporary_path = g_strconcat (to, VCKC_RESTORE_SUFFIX, NULL);
  file->dir_fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file->dir_fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the folder '%s'", folder);
      return false;
    }
  taken = fstatat (file->dir_fd, file->name, &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (!taken && errno != ENOENT)
    vckc_set_error_errno (err, errno, "cannot examine '%s'", to);
  else if (taken && (!replace || !S_ISREG (info.st_mode)))
    vckc_set_error (
        err, VCKC_ERROR_OPERATION_FAILED, "cannot restore to '%s': there is %s of that name; %s",
        to, S_ISREG (info.st_mode) ? "a file" : "something else than a file",
        S_ISREG (info.st_mode) ? "name another one, or pass the flag REPLACE" : "name another one");
  else
    return true;
  return false;
}

/* QEMU locks bytes from 100 on. */
static bool
restore_lock (int fd)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

  return fcntl (fd, F_OFD_SETLK, &lock) == 0;
}

/* Waits a while: the daemon of a process that was killed has the lock as well, and is ending. */
static bool
restore_wait_for_lock (int fd, VckcError **err)
{
  gint64 deadline = g_get_monotonic_time () + LOCK_TIMEOUT;

  while (!restore_lock (fd))
    {
      if (g_get_monotonic_time () > deadline || vckc_cancel_check ("an earlier restore", err))
        return false;
      g_usleep (LOCK_PAUSE);
    }
  return true;
}

/* Removes what a restore has left that was interrupted: no process has locked it. */
static bool
restore_file_sweep (RestoreFile *file, VckcError **err)
{
  VckcDirFound found;
  int fd = vckc_dir_open_file (file->dir_fd, file->temporary, O_RDWR, &found);
  VckcError *error = NULL;
  bool locked;

  if (fd < 0)
    return true;
  locked = restore_wait_for_lock (fd, &error);
  if (locked)
    unlinkat (file->dir_fd, file->temporary, 0);
  close (fd);
  if (error != NULL)
    vckc_propagate_error (err, error);
  else if (!locked)
    vckc_set_error (err, VCKC_ERROR_BUSY, "another process is restoring to '%s'", file->to);
  return locked;
}

static int
restore_file_create_raw (RestoreFile *file, guint64 size, VckcError **err)
{
  int fd = openat (file->dir_fd, file->temporary,
                   O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd >= 0 && ftruncate (fd, (off_t) size) == 0)
    return fd;
  vckc_set_error_errno (err, errno, "cannot make the image '%s'", file->temporary_path);
  if (fd >= 0)
    {
      close (fd);
      unlinkat (file->dir_fd, file->temporary, 0);
    }
  return -1;
}

static bool
restore_file_create (RestoreFile *file, const VckcManifestDisk *disk, bool raw, VckcError **err)
{
  const VckcQcow2Options options = { .virtual_size = disk->virtual_size,
                                     .cluster_size = (guint32) disk->cluster_size };

  if (!restore_file_sweep (file, err))
    return false;
  file->fd =
      raw ? restore_file_create_raw (file, disk->virtual_size, err)
          : vckc_qcow2_create (file->dir_fd, file->temporary, file->temporary_path, &options, err);
  file->made = file->fd >= 0;
  if (file->made)
    restore_lock (file->fd);
  return file->made;
}

static bool
restore_make_files (Restore *self, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    {
      const VckcChainLevel *top = vckc_chain_get_top (vckc_restore_copy_get_chain (self->copy, i));

      if (!restore_file_init (&self->files[i], self->disks[i].to, self->replace, err)
          || !restore_file_create (&self->files[i], top->disk, self->raw, err))
        return false;
    }
  return true;
}

static bool
restore_copy (Restore *self, VckcError **err)
{
  g_autofree VckcRestoreTarget *targets = g_new0 (VckcRestoreTarget, self->n_disks);

  for (guint i = 0; i < self->n_disks; i++)
    {
      const VckcChainLevel *top = vckc_chain_get_top (vckc_restore_copy_get_chain (self->copy, i));

      targets[i] = (VckcRestoreTarget){ .fd = self->files[i].fd,
                                        .path = self->files[i].temporary_path,
                                        .raw = self->raw,
                                        .cluster_size = top->disk->cluster_size };
    }
  return vckc_restore_copy_run (self->copy, targets, err);
}

/* A file that has appeared meanwhile is not replaced, where the file system can do that. */
static bool
restore_file_rename (RestoreFile *file, bool replace, VckcError **err)
{
  int result = replace ? -1
                       : renameat2 (file->dir_fd, file->temporary, file->dir_fd, file->name,
                                    RENAME_NOREPLACE);

  if (replace || (result < 0 && (errno == EINVAL || errno == ENOSYS)))
    result = renameat (file->dir_fd, file->temporary, file->dir_fd, file->name);
  if (result < 0)
    {
      vckc_set_error_errno (err, errno, "cannot rename '%s' to '%s'", file->temporary_path,
                            file->name);
      return false;
    }
  file->made = false;
  return vckc_dir_sync (file->dir_fd, file->to, err);
}

static bool
restore_store (Restore *self, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    if (fsync (self->files[i].fd) < 0)
      {
        vckc_set_error_errno (err, errno, "cannot store '%s'", self->files[i].temporary_path);
        return false;
      }
  for (guint i = 0; i < self->n_disks; i++)
    if (!restore_file_rename (&self->files[i], self->replace, err))
      return false;
  return true;
}

bool
vckc_restore (VckcDomainFolder *folder,
              const VckcStoreRoot *root,
              const char *id,
              const VckcRestoreDisk *disks,
              guint n_disks,
              bool raw,
              bool replace,
              VckcError **err)
{
  g_auto (Restore) self = { disks, n_disks, raw, replace, NULL, NULL };
  g_autofree const char **targets = g_new (const char *, n_disks);

  self.files = g_new0 (RestoreFile, n_disks);
  for (guint i = 0; i < n_disks; i++)
    {
      self.files[i].dir_fd = self.files[i].fd = -1;
      targets[i] = disks[i].target;
    }
  self.copy = vckc_restore_copy_open (folder, root, id, targets, n_disks, err);
  return self.copy != NULL && restore_make_files (&self, err) && restore_copy (&self, err)
         && restore_store (&self, err);
}
