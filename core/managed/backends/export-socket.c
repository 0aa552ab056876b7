/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/export-socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
export_socket_set_error (const char *path, int error_number, VckcError **err)
{
  if (error_number == EADDRINUSE)
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                    "'%s', the socket that the backup is to be offered at, exists already; use "
                    "another path, or remove it",
                    path);
  else
    vckc_set_error_errno (err, error_number,
                          "cannot make the socket '%s' that the backup is to be offered at", path);
}

int
vckc_export_socket_make (const char *path, VckcError **err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd;

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "the path '%s' is too long for a socket; use a shorter one", path);
      return -1;
    }
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  /* What it is made as is what bind() makes: there is no moment at which others can connect. */
  if (fd >= 0 && fchmod (fd, 0600) == 0
      && bind (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  export_socket_set_error (path, errno, err);
  if (fd >= 0)
    close (fd);
  return -1;
}
