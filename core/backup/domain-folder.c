/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* F_OFD_SETLK */

#include "backup/domain-folder.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/dir-file.h"

/* Microseconds. The list is never locked for long. */
#define LOCK_TIMEOUT (10 * G_USEC_PER_SEC)
#define LOCK_PAUSE (10 * 1000)

void
vckc_domain_folder_free (VckcDomainFolder *folder)
{
  if (folder == NULL)
    return;
  if (folder->lock_fd >= 0)
    {
      /* A child of the program may have inherited the descriptor. */
      vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_LIST);
      vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_WRITER);
      close (folder->lock_fd);
    }
  if (folder->fd >= 0)
    close (folder->fd);
  g_free (folder->where);
  g_free (folder->uuid);
  g_free (folder);
}

static bool
domain_folder_open_lock (VckcDomainFolder *folder, bool create, VckcError **err)
{
  int flags = (folder->writable ? O_RDWR : O_RDONLY) | (create ? O_CREAT : 0);
  VckcDirFound found;

  folder->lock_fd = vckc_dir_open_file (folder->fd, VCKC_FOLDER_LOCK_FILE, flags, &found);
  if (folder->lock_fd >= 0 || (found == VCKC_DIR_MISSING && !folder->writable))
    return true;
  vckc_set_error_errno (err, errno, "cannot open the lock file '%s/%s'", folder->where,
                        VCKC_FOLDER_LOCK_FILE);
  return false;
}

VckcDomainFolder *
vckc_domain_folder_open (const VckcStoreRoot *root, const char *uuid, bool create, VckcError **err)
{
  g_autoptr (VckcDomainFolder) folder = g_new0 (VckcDomainFolder, 1);
  VckcDirFound found;

  folder->where = g_build_filename (root->path, uuid, NULL);
  folder->uuid = g_strdup (uuid);
  folder->writable = !root->read_only;
  folder->lock_fd = -1;
  folder->fd = vckc_dir_open (root->fd, folder->where, uuid, create, &found, err);
  if (folder->fd < 0 && found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_NO_BACKUP,
                    "the store '%s' has no backups of the domain with the UUID %s", root->path,
                    uuid);
  if (folder->fd < 0 || (create && !vckc_dir_sync (root->fd, root->path, err))
      || !domain_folder_open_lock (folder, folder->writable, err))
    return NULL;
  return g_steal_pointer (&folder);
}

static int
domain_folder_set_lock (VckcDomainFolder *folder, VckcFolderLock lock, short type)
{
  struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = lock, .l_len = 1 };

  return fcntl (folder->lock_fd, F_OFD_SETLK, &range);
}

bool
vckc_domain_folder_lock (VckcDomainFolder *folder,
                         VckcFolderLock lock,
                         bool exclusive,
                         VckcError **err)
{
  gint64 deadline = g_get_monotonic_time () + LOCK_TIMEOUT;

  if (folder->lock_fd < 0)
    return true;
  while (domain_folder_set_lock (folder, lock, exclusive ? F_WRLCK : F_RDLCK) < 0)
    {
      if (errno != EAGAIN && errno != EACCES && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot lock '%s'", folder->where);
          return false;
        }
      if (vckc_cancel_check ("the lock of the backups", err))
        return false;
      if (g_get_monotonic_time () > deadline)
        {
          vckc_set_error (err, VCKC_ERROR_BUSY,
                          "another process is changing the backups in '%s'; let it end first",
                          folder->where);
          return false;
        }
      g_usleep (LOCK_PAUSE);
    }
  return true;
}

bool
vckc_domain_folder_try_lock (VckcDomainFolder *folder, VckcFolderLock lock)
{
  return folder->lock_fd >= 0 && domain_folder_set_lock (folder, lock, F_WRLCK) == 0;
}

void
vckc_domain_folder_unlock (VckcDomainFolder *folder, VckcFolderLock lock)
{
  if (folder->lock_fd >= 0)
    domain_folder_set_lock (folder, lock, F_UNLCK);
}

int
vckc_domain_folder_open_backup (const VckcDomainFolder *folder, const char *id, VckcError **err)
{
  g_autofree char *where = g_build_filename (folder->where, id, NULL);
  VckcDirFound found;
  int fd = vckc_dir_open (folder->fd, where, id, false, &found, err);

  if (fd < 0 && found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "there is no folder '%s'", where);
  return fd;
}

static bool
domain_folder_remove_files (int fd, const char *where, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (fd, where, err);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!vckc_dir_remove (fd, where, g_ptr_array_index (names, i), err))
      return false;
  return names != NULL;
}

bool
vckc_domain_folder_remove_tree (const VckcDomainFolder *folder, const char *name, VckcError **err)
{
  g_autofree char *where = g_build_filename (folder->where, name, NULL);
  VckcDirFound found;
  int fd = vckc_dir_open (folder->fd, where, name, false, &found, err);
  bool ok;

  if (fd < 0)
    return found == VCKC_DIR_MISSING;
  ok = domain_folder_remove_files (fd, where, err);
  close (fd);
  if (!ok || unlinkat (folder->fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
    return ok;
  vckc_set_error_errno (err, errno, "cannot remove the folder '%s'", where);
  return false;
}
