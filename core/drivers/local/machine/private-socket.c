/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/private-socket.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/local/machine/unix-socket.h"

#define SOCKET_NAME "nbd"
/* What an NBD server says first. QEMU alone listens, so that connecting proves that it does. */
#define GREETING "NBDMAGIC"
/* How long it may take for that, in microseconds. */
#define GREETING_TIMEOUT G_TIME_SPAN_SECOND

struct _VckcPrivateSocket
{
  char *folder;
  char *name; /* of the folder */
  char *path; /* of the socket */
  int fd;
};

static bool
private_socket_bind (VckcPrivateSocket *self, VckcError **err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (g_strlcpy (address.sun_path, self->path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR,
                      "the path '%s' is too long for a socket; set TMPDIR to a shorter one",
                      self->path);
      return false;
    }
  self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (self->fd >= 0 && bind (self->fd, (struct sockaddr *) &address, sizeof address) == 0
      && chmod (self->path, 0600) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot make the socket '%s'", self->path);
  return false;
}

VckcPrivateSocket *
vckc_private_socket_new (const char *prefix, VckcError **err)
{
  g_autofree char *pattern = g_strconcat (g_get_tmp_dir (), "/", prefix, "XXXXXX", NULL);
  g_autoptr (VckcPrivateSocket) self = NULL;

  if (g_mkdtemp (pattern) == NULL)
    {
      vckc_set_error_errno (err, errno, "cannot make the folder '%s'", pattern);
      return NULL;
    }
  self = g_new0 (VckcPrivateSocket, 1);
  self->fd = -1;
  self->folder = g_steal_pointer (&pattern);
  self->name = g_path_get_basename (self->folder);
  self->path = g_build_filename (self->folder, SOCKET_NAME, NULL);
  return private_socket_bind (self, err) ? g_steal_pointer (&self) : NULL;
}

void
vckc_private_socket_free (VckcPrivateSocket *self)
{
  if (self == NULL)
    return;
  g_unlink (self->path);
  g_rmdir (self->folder);
  vckc_private_socket_leave (self);
}

void
vckc_private_socket_leave (VckcPrivateSocket *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->folder);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

const char *
vckc_private_socket_get_name (const VckcPrivateSocket *self)
{
  return self->name;
}

const char *
vckc_private_socket_get_path (const VckcPrivateSocket *self)
{
  return self->path;
}

int
vckc_private_socket_get_fd (const VckcPrivateSocket *self)
{
  return self->fd;
}

/* The folder of that name, if it is one that only this user can have made; NULL if not. */
static char *
private_socket_find_folder (const char *name)
{
  g_autofree char *folder = g_build_filename (g_get_tmp_dir (), name, NULL);
  struct stat status;

  return strchr (name, '/') == NULL && lstat (folder, &status) == 0 && S_ISDIR (status.st_mode)
                 && status.st_uid == geteuid () && (status.st_mode & 077) == 0
             ? g_steal_pointer (&folder)
             : NULL;
}

bool
vckc_private_socket_is_served (const char *name)
{
  const gint64 deadline = g_get_monotonic_time () + GREETING_TIMEOUT;
  g_autofree char *folder = private_socket_find_folder (name);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, SOCKET_NAME, NULL) : NULL;
  char greeting[sizeof GREETING - 1];
  bool full = false, served;
  int fd = -1;

  if (path == NULL || !vckc_unix_socket_connect (path, deadline, -1, &fd, &full, NULL) || fd < 0)
    return false;
  served = vckc_unix_socket_await (fd, deadline, -1) == VCKC_SOCKET_READABLE
           && recv (fd, greeting, sizeof greeting, MSG_DONTWAIT) == sizeof greeting
           && memcmp (greeting, GREETING, sizeof greeting) == 0;
  close (fd);
  return served;
}

void
vckc_private_socket_remove (const char *name)
{
  g_autofree char *folder = private_socket_find_folder (name);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, SOCKET_NAME, NULL) : NULL;

  if (path == NULL)
    return;
  g_unlink (path);
  g_rmdir (folder);
}
