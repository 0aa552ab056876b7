/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/private-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct _VckcPrivateFolder
{
  char *path;
  int fd; /* holds the lock */
};

VckcPrivateFolder *
vckc_private_folder_new (const char *prefix, VckcError **err)
{
  g_autofree char *pattern = g_strconcat (g_get_tmp_dir (), "/", prefix, "XXXXXX", NULL);
  g_autoptr (VckcPrivateFolder) self = NULL;

  if (g_mkdtemp (pattern) == NULL)
    {
      vckc_set_error_errno (err, errno, "cannot make the folder '%s'", pattern);
      return NULL;
    }
  self = g_new0 (VckcPrivateFolder, 1);
  self->path = g_steal_pointer (&pattern);
  self->fd = open (self->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (self->fd >= 0 && flock (self->fd, LOCK_EX | LOCK_NB) == 0)
    return g_steal_pointer (&self);
  vckc_set_error_errno (err, errno, "cannot lock the folder '%s'", self->path);
  return NULL;
}

/* There are no folders in it. */
static void
private_folder_remove (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

void
vckc_private_folder_free (VckcPrivateFolder *self)
{
  if (self == NULL)
    return;
  private_folder_remove (self->path);
  vckc_private_folder_leave (self);
}

void
vckc_private_folder_leave (VckcPrivateFolder *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

const char *
vckc_private_folder_get_path (const VckcPrivateFolder *self)
{
  return self->path;
}

bool
vckc_private_folder_give_to (VckcPrivateFolder *self, guint uid, VckcError **err)
{
  if (fchown (self->fd, uid, (gid_t) -1) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot give the folder '%s' to the user %u", self->path, uid);
  return false;
}

guint64
vckc_private_folder_get_room (const VckcPrivateFolder *self)
{
  struct statvfs status;

  return fstatvfs (self->fd, &status) == 0 ? (guint64) status.f_bavail * status.f_frsize
                                           : G_MAXUINT64;
}

/* Opens and locks a folder that no process has locked; -1 if it is none. */
static int
private_folder_take (const char *path, const char *prefix)
{
  g_autofree char *name = g_path_get_basename (path);
  struct stat status;
  int fd = g_str_has_prefix (name, prefix)
               ? open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
               : -1;

  if (fd < 0)
    return -1;
  if (fstat (fd, &status) == 0 && (status.st_mode & 077) == 0
      && (status.st_uid == geteuid () || geteuid () == 0) && flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  close (fd);
  return -1;
}

bool
vckc_private_folder_is_abandoned (const char *path, const char *prefix)
{
  int fd = private_folder_take (path, prefix);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

void
vckc_private_folder_remove_abandoned (const char *path, const char *prefix)
{
  int fd = private_folder_take (path, prefix);

  if (fd < 0)
    return;
  private_folder_remove (path);
  close (fd);
}
