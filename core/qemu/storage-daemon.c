/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* pipe2() */

#include "qemu/storage-daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "qemu-storage-daemon"
#define PROGRAM_VARIABLE "VCK_QEMU_STORAGE_DAEMON"
/* The number that the child's end of the QMP socket has in the child. */
#define CHILD_QMP_FD 3
/* How much of its stderr is kept, in bytes. */
#define MAX_STDERR 2000
/* Milliseconds between the end of a connection and the end of its process. */
#define EXPLAIN_TIMEOUT 1000
/* Milliseconds between two checks whether the child has ended, if nothing indicates it. */
#define LONGEST_PAUSE 100

struct _VckcStorageDaemon
{
  VckcStorageDaemonTimeouts timeouts;
  VckcQmpClient *qmp;   /* owned; NULL before the greeting */
  GPid pid;             /* 0 before it was started */
  int stderr_fd;        /* owned: the end to read of its stderr */
  GString *stderr_text; /* what was read from there */
  bool stderr_eof;      /* no process can write there any more */
  bool ended;           /* and reaped */
  bool has_status;      /* false if other code reaped it */
  bool serves;          /* NBD, at the first of its open files */
  siginfo_t status;
};

static const VckcStorageDaemonTimeouts default_timeouts = {
  .answer = 60 * 1000,
  .term = 10 * 1000,
};

char *
vckc_storage_daemon_find (VckcError **err)
{
  const char *name = g_getenv (PROGRAM_VARIABLE);
  char *path;

  if (name == NULL || name[0] == '\0')
    name = PROGRAM;
  path = g_find_program_in_path (name);
  if (path == NULL)
    vckc_set_error (
        err, VCKC_ERROR_SYSTEM_ERROR,
        "cannot find the program '%s', which works on the images of domains that are off; "
        "install the Debian package qemu-system-common, or name the program in " PROGRAM_VARIABLE,
        name);
  return path;
}

/* Runs in the child between fork and exec: async-signal-safe calls only. */
static void
storage_daemon_setup_cb (gpointer data)
{
  const pid_t *parent = data;
  struct rlimit files;
  sigset_t none;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGTERM, SIG_DFL);
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  /* Chains of images take a descriptor for each level. */
  if (getrlimit (RLIMIT_NOFILE, &files) == 0)
    {
      files.rlim_cur = files.rlim_max;
      setrlimit (RLIMIT_NOFILE, &files);
    }
  if (getppid () != *parent)
    _exit (1);
}

/* Open files that the child gets: the first is its end of the QMP socket. */
typedef struct
{
  int *fds;     /* here */
  int *targets; /* and their numbers in the child */
  guint n;
} ChildFiles;

static void
child_files_clear (ChildFiles *files)
{
  g_free (files->fds);
  g_free (files->targets);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChildFiles, child_files_clear)

static void
child_files_init (ChildFiles *files, int qmp_fd, const int *fds, guint n_fds)
{
  G_STATIC_ASSERT (VCKC_STORAGE_DAEMON_FIRST_FD == CHILD_QMP_FD + 1);

  files->n = n_fds + 1;
  files->fds = g_new (int, files->n);
  files->targets = g_new (int, files->n);
  for (guint i = 0; i < files->n; i++)
    {
      files->fds[i] = i == 0 ? qmp_fd : fds[i - 1];
      files->targets[i] = CHILD_QMP_FD + (int) i;
    }
}

/* Without the malloc variables a daemon that copies maps and unmaps a buffer for each request, and
 * spends most of its time on page faults. */
static char **
storage_daemon_make_environment (void)
{
  static const char *const variables[][2] = {
    { "LC_ALL", "C" },
    { "MALLOC_MMAP_THRESHOLD_", "33554432" },
    { "MALLOC_TRIM_THRESHOLD_", "268435456" },
    { "MALLOC_TOP_PAD_", "16777216" },
  };
  char **environment = g_get_environ ();

  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    environment = g_environ_setenv (environment, variables[i][0], variables[i][1], TRUE);
  return environment;
}

static bool
storage_daemon_spawn (VckcStorageDaemon *daemon,
                      const ChildFiles *files,
                      int stderr_fd,
                      VckcError **err)
{
  g_autofree char *program = vckc_storage_daemon_find (err);
  const char *const argv[] = { program,
                               "--chardev",
                               "socket,id=qmp,fd=" G_STRINGIFY (CHILD_QMP_FD),
                               "--monitor",
                               "chardev=qmp",
                               daemon->serves ? "--nbd-server" : NULL,
                               "addr.type=fd,addr.str=" G_STRINGIFY (
                                   VCKC_STORAGE_DAEMON_FIRST_FD) ",max-connections=100",
                               NULL };
  g_auto (GStrv) environment = storage_daemon_make_environment ();
  pid_t parent = getpid ();
  GError *gerror = NULL;

  if (program == NULL)
    return false;
  if (g_spawn_async_with_pipes_and_fds (
          NULL, argv, (const char *const *) environment,
          G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_CLOEXEC_PIPES,
          storage_daemon_setup_cb, &parent, -1, -1, stderr_fd, files->fds, files->targets, files->n,
          &daemon->pid, NULL, NULL, NULL, &gerror))
    return true;
  vckc_set_error_from_gerror (err, VCKC_ERROR_SYSTEM_ERROR, gerror, "cannot start '%s'", program);
  return false;
}

/* Starts the child; *ret_fd is the end of its QMP socket that stays here. */
static bool
storage_daemon_launch (VckcStorageDaemon *daemon,
                       const int *fds,
                       guint n_fds,
                       int *ret_fd,
                       VckcError **err)
{
  g_auto (ChildFiles) files = { NULL };
  int sockets[2];
  int pipe_fds[2];
  bool ok;

  /* Neither side ever waits for the other on the pipe: output that does not fit is lost. */
  if (pipe2 (pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make a pipe for '%s'", PROGRAM);
      return false;
    }
  daemon->stderr_fd = pipe_fds[0];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make a socket for '%s'", PROGRAM);
      close (pipe_fds[1]);
      return false;
    }
  child_files_init (&files, sockets[1], fds, n_fds);
  ok = storage_daemon_spawn (daemon, &files, pipe_fds[1], err);
  close (pipe_fds[1]);
  close (sockets[1]);
  if (!ok)
    close (sockets[0]);
  else
    *ret_fd = sockets[0];
  return ok;
}

static VckcStorageDaemon *
storage_daemon_start (const VckcStorageDaemonTimeouts *timeouts,
                      bool serves,
                      const int *fds,
                      guint n_fds,
                      VckcError **err)
{
  g_autoptr (VckcStorageDaemon) daemon = g_new0 (VckcStorageDaemon, 1);
  VckcQmpOptions options = { .peer = PROGRAM, .cancel_fd = -1 };
  int qmp_fd;

  daemon->timeouts = timeouts != NULL ? *timeouts : default_timeouts;
  daemon->serves = serves;
  daemon->stderr_fd = -1;
  daemon->stderr_text = g_string_new (NULL);
  if (!storage_daemon_launch (daemon, fds, n_fds, &qmp_fd, err))
    return NULL;
  options.timeout = daemon->timeouts.answer;
  daemon->qmp = vckc_qmp_client_new (qmp_fd, &options, err);
  if (daemon->qmp == NULL)
    {
      vckc_storage_daemon_explain (daemon, err);
      return NULL;
    }
  return g_steal_pointer (&daemon);
}

VckcStorageDaemon *
vckc_storage_daemon_start (const VckcStorageDaemonTimeouts *timeouts,
                           const int *fds,
                           guint n_fds,
                           VckcError **err)
{
  return storage_daemon_start (timeouts, false, fds, n_fds, err);
}

VckcStorageDaemon *
vckc_storage_daemon_start_server (const int *fds, guint n_fds, VckcError **err)
{
  return storage_daemon_start (NULL, true, fds, n_fds, err);
}

VckcQmpClient *
vckc_storage_daemon_get_qmp (VckcStorageDaemon *daemon)
{
  return daemon->qmp;
}

/* Reads what the child has written to stderr so far, up to MAX_STDERR bytes in all. */
static void
storage_daemon_read_stderr (VckcStorageDaemon *daemon)
{
  char chunk[512];
  gssize n = -1;

  while (daemon->stderr_text->len < MAX_STDERR
         && (n = read (daemon->stderr_fd, chunk,
                       MIN (sizeof chunk, MAX_STDERR - daemon->stderr_text->len)))
                > 0)
    g_string_append_len (daemon->stderr_text, chunk, n);
  daemon->stderr_eof = daemon->stderr_eof || n == 0;
}

/* Reaps the child if it has ended, or notes that other code has. */
static bool
storage_daemon_reap (VckcStorageDaemon *daemon)
{
  siginfo_t status = { 0 };
  int result = waitid (P_PID, (id_t) daemon->pid, &status, WEXITED | WNOHANG);

  if (result < 0 ? errno != ECHILD : status.si_pid == 0)
    return false;
  daemon->status = status;
  daemon->has_status = result == 0;
  daemon->ended = true;
  return true;
}

/* Waits for an indication of the child's end: the end of its stderr. A process that inherited
 * that may keep it open, so this is no proof. */
static void
storage_daemon_pause (VckcStorageDaemon *daemon, gint64 microseconds)
{
  struct pollfd fd = { daemon->stderr_fd, POLLIN, 0 };

  if (daemon->stderr_eof || daemon->stderr_text->len == MAX_STDERR)
    g_usleep ((gulong) MIN (microseconds, 1000));
  else if (poll (&fd, 1, (int) MIN (microseconds / 1000 + 1, LONGEST_PAUSE)) > 0)
    storage_daemon_read_stderr (daemon);
}

/* Waits for the child's end, at most so long, and reaps the child. */
static bool
storage_daemon_wait (VckcStorageDaemon *daemon, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * G_GINT64_CONSTANT (1000);

  while (!daemon->ended && !storage_daemon_reap (daemon))
    {
      gint64 left = deadline - g_get_monotonic_time ();

      if (left <= 0)
        return false;
      storage_daemon_pause (daemon, left);
    }
  return true;
}

/* Ends the child by signals: SIGTERM, then SIGKILL. */
static void
storage_daemon_kill (VckcStorageDaemon *daemon)
{
  if (daemon->pid == 0 || storage_daemon_wait (daemon, 0))
    return;
  kill (daemon->pid, SIGTERM);
  if (storage_daemon_wait (daemon, daemon->timeouts.term))
    return;
  kill (daemon->pid, SIGKILL);
  while (!storage_daemon_wait (daemon, daemon->timeouts.term))
    g_debug ("waiting for process %d to end", (int) daemon->pid);
}

/* The child's stderr as one line of UTF-8 without the name of the program,; NULL if nothing is
 * left. */
static char *
storage_daemon_format_stderr (VckcStorageDaemon *daemon)
{
  g_autofree char *valid = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) line_text = g_string_new (NULL);

  storage_daemon_read_stderr (daemon);
  valid = g_utf8_make_valid (daemon->stderr_text->str, (gssize) daemon->stderr_text->len);
  lines = g_strsplit (valid, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      const char *text =
          g_str_has_prefix (*line, PROGRAM ": ") ? *line + strlen (PROGRAM ": ") : *line;

      if (*text == '\0')
        continue;
      g_string_append_printf (line_text, "%s%s", line_text->len > 0 ? "; " : "", text);
    }
  return line_text->len > 0 ? g_string_free (g_steal_pointer (&line_text), FALSE) : NULL;
}

/* How the child ended, as part of a sentence; NULL if it ended well. */
static char *
storage_daemon_describe_end (VckcStorageDaemon *daemon)
{
  if (!daemon->has_status)
    return NULL;
  if (daemon->status.si_code != CLD_EXITED)
    return g_strdup_printf ("it was ended by signal %d (%s)", daemon->status.si_status,
                            g_strsignal (daemon->status.si_status));
  if (daemon->status.si_status != 0)
    return g_strdup_printf ("it ended with status %d", daemon->status.si_status);
  return NULL;
}

void
vckc_storage_daemon_explain (VckcStorageDaemon *daemon, VckcError **err)
{
  g_autofree char *end = NULL;
  g_autofree char *messages = NULL;
  g_autoptr (VckcError) error = NULL;

  if (err == NULL || *err == NULL)
    return;
  /* A connection that was closed by a dying process is closed a moment before its end. */
  if (storage_daemon_wait (daemon, EXPLAIN_TIMEOUT))
    end = storage_daemon_describe_end (daemon);
  messages = storage_daemon_format_stderr (daemon);
  if (end == NULL && messages == NULL)
    return;
  error = g_steal_pointer (err);
  vckc_set_error (err, vckc_error_get_code (error), "%s: %s%s%s", vckc_error_get_message (error),
                  end != NULL ? end : "it said", messages != NULL ? ": " : "",
                  messages != NULL ? messages : "");
}

bool
vckc_storage_daemon_check (VckcStorageDaemon *daemon, bool ok, VckcError **err)
{
  if (!ok && vckc_qmp_client_is_broken (daemon->qmp))
    vckc_storage_daemon_explain (daemon, err);
  return ok;
}

void
vckc_storage_daemon_free (VckcStorageDaemon *daemon)
{
  if (daemon == NULL)
    return;
  storage_daemon_kill (daemon);
  vckc_qmp_client_free (daemon->qmp);
  if (daemon->stderr_fd >= 0)
    close (daemon->stderr_fd);
  if (daemon->stderr_text != NULL)
    g_string_free (daemon->stderr_text, TRUE);
  g_free (daemon);
}
