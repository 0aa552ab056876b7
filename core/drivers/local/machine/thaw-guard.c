/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* _Fork(), close_range() */

#include "drivers/local/machine/thaw-guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often it is tried to connect to the agent, which another program may do just now, with pauses
 * in milliseconds. */
#define N_ATTEMPTS 500
#define PAUSE 20
/* How long the agent may take to answer, in milliseconds. */
#define ANSWER_TIMEOUT (10 * 1000)

struct _VckcThawGuard
{
  pid_t pid;
  int fd; /* owned: that the guard waits at */
};

/* The byte makes the agent forget what of another command it has got; what a dead program has asked
 * it is answered first. */
static const char thaw_command[] = "\xff\n{\"execute\": \"guest-fsfreeze-thaw\"}\n";

/* What the guard does between here and thaw_guard_run() is what is allowed after a fork. */

static void
thaw_guard_pause (void)
{
  const struct timespec pause = { .tv_nsec = PAUSE * 1000 * 1000 };

  nanosleep (&pause, NULL);
}

static int
thaw_guard_connect (const struct sockaddr_un *address)
{
  for (int i = 0; i < N_ATTEMPTS; i++)
    {
      int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

      if (fd >= 0 && connect (fd, (const struct sockaddr *) address, sizeof *address) == 0)
        return fd;
      if (fd >= 0)
        close (fd);
      thaw_guard_pause ();
    }
  return -1;
}

/* Waits until the agent has said something, so that the command is not lost with the connection. */
static void
thaw_guard_thaw (const struct sockaddr_un *address)
{
  int fd = thaw_guard_connect (address);
  struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
  char answer[512];

  if (fd < 0 || write (fd, thaw_command, sizeof thaw_command - 1) < 0)
    return;
  while (poll (&poll_fd, 1, ANSWER_TIMEOUT) > 0)
    {
      ssize_t n = read (fd, answer, sizeof answer - 1);

      if (n <= 0)
        return;
      answer[n] = '\0';
      if (strstr (answer, "\"return\"") != NULL)
        return;
    }
}

static void
thaw_guard_run (int fd, const struct sockaddr_un *address)
{
  char byte;
  ssize_t n;

  setsid ();
  signal (SIGPIPE, SIG_IGN);
  dup2 (fd, STDIN_FILENO);
  close_range (STDIN_FILENO + 1, ~0U, 0);
  do
    n = read (STDIN_FILENO, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    thaw_guard_thaw (address);
  _exit (0);
}

static bool
thaw_guard_start (VckcThawGuard *guard, const struct sockaddr_un *address, VckcError **err)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot guard the freezing of the guest's file systems");
      return false;
    }
  guard->pid = _Fork ();
  if (guard->pid == 0)
    {
      close (fds[1]);
      thaw_guard_run (fds[0], address);
    }
  if (guard->pid < 0)
    vckc_set_error_errno (err, errno, "cannot guard the freezing of the guest's file systems");
  close (fds[0]);
  guard->fd = fds[1];
  return guard->pid > 0;
}

VckcThawGuard *
vckc_thaw_guard_new (const char *socket, VckcError **err)
{
  VckcThawGuard *guard = g_new0 (VckcThawGuard, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  guard->fd = -1;
  if (g_strlcpy (address.sun_path, socket, sizeof address.sun_path) >= sizeof address.sun_path)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the path '%s' of the guest agent is too long for a socket; use a shorter one",
                    socket);
  else if (thaw_guard_start (guard, &address, err))
    return guard;
  vckc_thaw_guard_free (guard);
  return NULL;
}

void
vckc_thaw_guard_free (VckcThawGuard *guard)
{
  if (guard == NULL)
    return;
  if (guard->fd >= 0 && guard->pid > 0 && send (guard->fd, "", 1, MSG_NOSIGNAL) < 0)
    g_info ("the guard of the guest's file systems has ended: %s", g_strerror (errno));
  if (guard->fd >= 0)
    close (guard->fd);
  while (guard->pid > 0 && waitpid (guard->pid, NULL, 0) < 0 && errno == EINTR)
    ;
  g_free (guard);
}
