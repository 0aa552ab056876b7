/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* _Fork(), closefrom() */

#include "drivers/local/machine/thaw-guard.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In milliseconds: how long the guard tries to thaw, with which pauses, and how long the agent may
 * take to answer. */
#define LIMIT (60 * 1000)
#define PAUSE 100
#define ANSWER_TIMEOUT (10 * 1000)
/* What the guard is sent: that it is not needed any more, or that it is to thaw now. */
#define DISMISS 'd'
#define THAW 't'
/* Precedes the answer to guest-sync-delimited, and makes the agent forget what it has got of
 * another command. */
#define AGENT_MARK '\xff'

struct _VckcThawGuard
{
  pid_t pid;
  int fd;          /* owned: that the guard waits at */
  GThread *waiter; /* (nullable), owned: waits for its end */
  bool frozen;
};

/* What the process of the guard knows; made before the fork. */
typedef struct
{
  struct sockaddr_un address;
  char commands[160]; /* guest-sync-delimited and guest-fsfreeze-thaw */
  char number[16];    /* with which the agent answers the first one */
  int program;        /* the program that it guards; -1 once that is gone */
  bool begun;         /* it is to thaw */
} ThawTask;

/* What the agent has said. */
typedef struct
{
  char line[512]; /* the beginning of one that has not ended */
  size_t length;
  bool in_step; /* its next answer is that to guest-fsfreeze-thaw */
} ThawAnswers;

/* What the guard does between here and thaw_guard_run() is what is allowed after a fork. */

static long long
thaw_guard_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / (1000 * 1000);
}

/* Waits so many milliseconds until there is something to read; is there? Ends the process when it
 * is dismissed. */
static bool
thaw_guard_wait (ThawTask *task, int fd, int timeout)
{
  struct pollfd fds[] = { { .fd = task->program, .events = POLLIN },
                          { .fd = fd, .events = POLLIN } };
  char byte;
  ssize_t n;

  if (poll (fds, 2, timeout) <= 0)
    return false;
  if (fds[0].revents != 0)
    {
      n = read (task->program, &byte, 1);
      if (n > 0 && byte == DISMISS)
        _exit (0);
      if (n <= 0)
        task->program = -1;
      task->begun = true;
    }
  return fds[1].revents != 0;
}

/* Adds a byte. True at the end of the answer to guest-fsfreeze-thaw. */
static bool
thaw_guard_add_answer (ThawAnswers *self, const ThawTask *task, char byte, bool *ret_thawed)
{
  if (byte == AGENT_MARK)
    self->length = 0;
  if (byte != '\n')
    {
      if (self->length < sizeof self->line - 1)
        self->line[self->length++] = byte;
      return false;
    }
  self->line[self->length] = '\0';
  self->length = 0;
  if (!self->in_step)
    {
      self->in_step = self->line[0] == AGENT_MARK && strstr (self->line, task->number) != NULL;
      return false;
    }
  *ret_thawed = strstr (self->line, "\"return\"") != NULL;
  return *ret_thawed || strstr (self->line, "\"error\"") != NULL;
}

/* Reads until the agent has answered. What it was asked for by a program that is gone it answers
 * first. */
static bool
thaw_guard_read_answers (ThawTask *task, int fd)
{
  ThawAnswers answers = { .length = 0 };
  long long deadline = thaw_guard_now () + ANSWER_TIMEOUT;
  long long left;
  bool thawed = false;

  while ((left = deadline - thaw_guard_now ()) > 0)
    {
      char bytes[512];
      ssize_t n;

      if (!thaw_guard_wait (task, fd, (int) left))
        continue;
      n = read (fd, bytes, sizeof bytes);
      if (n <= 0)
        return false;
      for (ssize_t i = 0; i < n; i++)
        if (thaw_guard_add_answer (&answers, task, bytes[i], &thawed))
          return thawed;
    }
  return false;
}

/* Another program may be connected to the agent just now. */
static bool
thaw_guard_thaw (ThawTask *task)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool thawed = fd >= 0
                && connect (fd, (const struct sockaddr *) &task->address, sizeof task->address) == 0
                && send (fd, task->commands, strlen (task->commands), MSG_NOSIGNAL) > 0
                && thaw_guard_read_answers (task, fd);

  if (fd >= 0)
    close (fd);
  return thawed;
}

static void
thaw_guard_run (ThawTask *task)
{
  long long deadline;

  setsid ();
  dup2 (task->program, STDIN_FILENO);
  closefrom (STDIN_FILENO + 1);
  task->program = STDIN_FILENO;
  while (!task->begun)
    thaw_guard_wait (task, -1, -1);
  deadline = thaw_guard_now () + LIMIT;
  while (!thaw_guard_thaw (task) && thaw_guard_now () < deadline)
    thaw_guard_wait (task, -1, PAUSE);
  _exit (0);
}

/* All signals stay blocked in the new process: those that end a service reach all of its control
 * group, and handlers of this program are not for another one. */
static pid_t
thaw_guard_fork (ThawTask *task, int own_fd)
{
  sigset_t all, before;
  pid_t pid;
  int saved_errno;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  pid = _Fork ();
  if (pid == 0)
    {
      close (own_fd);
      thaw_guard_run (task);
    }
  saved_errno = errno;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = saved_errno;
  return pid;
}

static bool
thaw_guard_start (VckcThawGuard *guard, ThawTask *task, VckcError **err)
{
  guint number = (guint) g_random_int_range (1, G_MAXINT32);
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot guard the freezing of the guest's file systems");
      return false;
    }
  g_snprintf (task->number, sizeof task->number, "%u", number);
  g_snprintf (task->commands, sizeof task->commands,
              "%c{\"execute\": \"guest-sync-delimited\", \"arguments\": {\"id\": %u}}\n"
              "{\"execute\": \"guest-fsfreeze-thaw\"}\n",
              AGENT_MARK, number);
  task->program = fds[0];
  guard->pid = thaw_guard_fork (task, fds[1]);
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
  ThawTask task = { .address.sun_family = AF_UNIX };

  guard->fd = -1;
  if (g_strlcpy (task.address.sun_path, socket, sizeof task.address.sun_path)
      >= sizeof task.address.sun_path)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the path '%s' of the guest agent is too long for a socket; use a shorter one",
                    socket);
  else if (thaw_guard_start (guard, &task, err))
    return guard;
  vckc_thaw_guard_free (guard);
  return NULL;
}

void
vckc_thaw_guard_set_frozen (VckcThawGuard *guard, bool frozen)
{
  guard->frozen = frozen;
}

bool
vckc_thaw_guard_is_frozen (const VckcThawGuard *guard)
{
  return guard->frozen;
}

static void
thaw_guard_send (VckcThawGuard *guard, char order)
{
  if (guard->pid > 0 && send (guard->fd, &order, 1, MSG_NOSIGNAL) < 0)
    g_info ("the guard of the guest's file systems has ended: %s", g_strerror (errno));
}

static void
thaw_guard_await (pid_t pid)
{
  while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

static gpointer
thaw_guard_await_cb (gpointer data)
{
  thaw_guard_await (GPOINTER_TO_INT (data));
  return NULL;
}

/* It ends by itself then, which nothing else waits for. */
static void
thaw_guard_start_waiter (VckcThawGuard *guard)
{
  if (guard->waiter == NULL)
    guard->waiter = g_thread_try_new ("vck-thaw-guard", thaw_guard_await_cb,
                                      GINT_TO_POINTER (guard->pid), NULL);
}

void
vckc_thaw_guard_begin (VckcThawGuard *guard)
{
  thaw_guard_send (guard, THAW);
  thaw_guard_start_waiter (guard);
}

void
vckc_thaw_guard_free (VckcThawGuard *guard)
{
  if (guard == NULL)
    return;
  thaw_guard_send (guard, DISMISS);
  if (guard->fd >= 0)
    close (guard->fd);
  if (guard->waiter != NULL)
    g_thread_join (guard->waiter);
  else if (guard->pid > 0)
    thaw_guard_await (guard->pid);
  g_free (guard);
}

void
vckc_thaw_guard_release (VckcThawGuard *guard)
{
  close (guard->fd);
  thaw_guard_start_waiter (guard);
  g_clear_pointer (&guard->waiter, g_thread_unref);
  g_free (guard);
}
