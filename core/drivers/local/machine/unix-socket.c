/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/unix-socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Microseconds between two checks whether waiting for a busy listener was cancelled. */
#define SLICE (50 * G_GINT64_CONSTANT (1000))

static bool
is_readable (int fd)
{
  struct pollfd poll_fd = { fd, POLLIN, 0 };

  return fd >= 0 && poll (&poll_fd, 1, 0) > 0;
}

/* Connecting blocks while the listener's backlog is full: tries once, for no longer than a
 * slice. Returns 0 or an errno value, EAGAIN when the slice is over. */
static int
unix_socket_try_connect (int fd, const struct sockaddr_un *address, gint64 deadline)
{
  gint64 left = CLAMP (deadline - g_get_monotonic_time (), 1000, SLICE);
  struct timeval timeout = { .tv_usec = left };

  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  return connect (fd, (const struct sockaddr *) address, sizeof *address) == 0 ? 0 : errno;
}

static int
unix_socket_connect_until (int fd,
                           const struct sockaddr_un *address,
                           gint64 deadline,
                           int cancel_fd)
{
  int result;

  do
    result = is_readable (cancel_fd) ? ECANCELED : unix_socket_try_connect (fd, address, deadline);
  while (result == EINTR || (result == EAGAIN && g_get_monotonic_time () < deadline));
  return result;
}

bool
vckc_unix_socket_connect (const char *path,
                          gint64 deadline,
                          int cancel_fd,
                          int *ret_fd,
                          bool *ret_full,
                          VckcError **err)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd, result;

  if (g_strlcpy (address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "the path '%s' is too long for a socket", path);
      return false;
    }
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make a socket");
      return false;
    }
  result = unix_socket_connect_until (fd, &address, deadline, cancel_fd);
  *ret_full = result == EAGAIN;
  *ret_fd = result == 0 ? fd : -1;
  if (result != 0)
    close (fd);
  if (result == ECANCELED)
    vckc_set_error (err, VCKC_ERROR_CANCELLED,
                    "cancelled while connecting to '%s'; nothing was changed", path);
  else if (result != 0 && result != EAGAIN && result != ENOENT && result != ECONNREFUSED)
    vckc_set_error_errno (err, result, "cannot connect to the socket '%s'", path);
  else
    return true;
  return false;
}

VckcSocketEvent
vckc_unix_socket_await (int fd, gint64 deadline, int cancel_fd)
{
  struct pollfd fds[] = { { fd, POLLIN, 0 }, { cancel_fd, POLLIN, 0 } };
  char byte;
  int n;

  do
    {
      gint64 left = MAX (deadline - g_get_monotonic_time (), 0);

      n = poll (fds, G_N_ELEMENTS (fds), (int) MIN ((left + 999) / 1000, G_MAXINT));
    }
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return VCKC_SOCKET_TIMED_OUT;
  if (fds[1].revents != 0)
    return VCKC_SOCKET_CANCELLED;
  return recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0 ? VCKC_SOCKET_READABLE
                                                          : VCKC_SOCKET_CLOSED;
}
