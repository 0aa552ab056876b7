/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The life of the child process, with the real program and with scripts instead of it. */

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "assert-error.h"
#include "image-fixture.h"
#include "qemu/storage-daemon.h"

#define VARIABLE "VCK_QEMU_STORAGE_DAEMON"

typedef struct
{
  char *folder;
  guint n_files; /* open before the test */
} Fixture;

static const VckcStorageDaemonTimeouts short_timeouts = { .answer = 200, .term = 200 };

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = image_fixture_new ();
  fixture->n_files = image_fixture_count_files ();
}

/* No open file, child or folder of a test is left. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unsetenv (VARIABLE);
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  image_fixture_remove (fixture->folder);
}

/* Replaces the program by a script. */
static void
use_script (Fixture *fixture, const char *body)
{
  g_autofree char *script = image_fixture_make_script (fixture->folder, "daemon", body);

  g_setenv (VARIABLE, script, TRUE);
}

static VckcStorageDaemon *
start (void)
{
  VckcError *error = NULL;
  VckcStorageDaemon *daemon = vckc_storage_daemon_start (NULL, NULL, 0, &error);

  assert_ok (daemon != NULL, error);
  return daemon;
}

static void
assert_no_start (const VckcStorageDaemonTimeouts *timeouts, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;

  g_assert_null (vckc_storage_daemon_start (timeouts, NULL, 0, &error));
  assert_error (error, code, part);
}

/* Has the daemon quit by itself, as far as is known here, and reaps it. */
static void
quit (VckcStorageDaemon *daemon)
{
  VckcError *error = NULL;
  VckcQmpReply *reply =
      vckc_qmp_client_execute (vckc_storage_daemon_get_qmp (daemon), "quit", NULL, &error);

  assert_ok (reply != NULL, error);
  vckc_qmp_reply_free (reply);
  vckc_storage_daemon_free (daemon);
}

static void
test_start_and_quit (Fixture *fixture, gconstpointer data)
{
  VckcStorageDaemon *daemon = start ();

  g_assert_cmpint (image_fixture_get_child (), >, 0);
  quit (daemon);
}

static void
test_free (Fixture *fixture, gconstpointer data)
{
  vckc_storage_daemon_free (start ());
  vckc_storage_daemon_free (NULL);
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  g_setenv (VARIABLE, "vck-no-such-program", TRUE);
  assert_no_start (
      NULL, VCKC_ERROR_SYSTEM_ERROR,
      "cannot find the program 'vck-no-such-program', which works on the images of "
      "domains that are off; install the Debian package qemu-system-common, or name the "
      "program in VCK_QEMU_STORAGE_DAEMON");
}

/* Wherever file descriptors run out, starting fails, and nothing is left. */
static void
test_no_more_files (Fixture *fixture, gconstpointer data)
{
  VckcStorageDaemon *daemon = NULL;
  struct rlimit before;
  guint n_errors = 0;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  for (rlim_t limit = 3; daemon == NULL && limit < 100; limit++)
    {
      struct rlimit tight = { limit, before.rlim_max };
      VckcError *error = NULL;

      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &tight), ==, 0);
      daemon = vckc_storage_daemon_start (NULL, NULL, 0, &error);
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
      if (n_errors == 0)
        g_assert_cmpstr (vckc_error_get_message (error), ==,
                         "cannot make a pipe for 'qemu-storage-daemon': Too many open files");
      n_errors += error != NULL;
      vckc_error_free (error);
      if (daemon == NULL)
        {
          g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
          image_fixture_assert_no_child ();
        }
    }
  g_assert_cmpuint (n_errors, >, 2);
  g_assert_nonnull (daemon);
  vckc_storage_daemon_free (daemon);
}

static void
test_ends_at_once (Fixture *fixture, gconstpointer data)
{
  use_script (fixture, "echo qemu-storage-daemon: I cannot >&2\necho really >&2\nexit 3");
  assert_no_start (NULL, VCKC_ERROR_SYSTEM_ERROR, "it ended with status 3: I cannot; really");
}

static void
test_long_stderr (Fixture *fixture, gconstpointer data)
{
  use_script (fixture, "yes | head -c 200000 >&2\nexit 1");
  assert_no_start (NULL, VCKC_ERROR_SYSTEM_ERROR, "it ended with status 1: y; y; y");
}

static void
test_endless_stderr (Fixture *fixture, gconstpointer data)
{
  use_script (fixture, "while :; do echo y >&2; done");
  assert_no_start (&short_timeouts, VCKC_ERROR_SYSTEM_ERROR,
                   "did not answer the connection request within 200 ms: it said: y; y");
}

static void
test_not_qemu (Fixture *fixture, gconstpointer data)
{
  use_script (fixture, "echo HTTP/1.1 400 >&3\nexec sleep 1000");
  assert_no_start (NULL, VCKC_ERROR_INTERNAL,
                   "cannot understand the answer of qemu-storage-daemon");
}

static void
test_silent (Fixture *fixture, gconstpointer data)
{
  use_script (fixture, "exec sleep 1000");
  assert_no_start (&short_timeouts, VCKC_ERROR_SYSTEM_ERROR,
                   "did not answer the connection request");
}

static void
test_ignores_sigterm (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  VckcStorageDaemon *daemon;

  use_script (fixture, "trap '' TERM\n"
                       "echo '{\"QMP\": {}}' >&3\n"
                       "read -r line <&3\n"
                       "echo \"{\\\"return\\\": {}, \\\"id\\\": ${line##*:}\" >&3\n"
                       "exec sleep 1000");
  daemon = vckc_storage_daemon_start (&(VckcStorageDaemonTimeouts){ .answer = 60000, .term = 50 },
                                      NULL, 0, &error);
  assert_ok (daemon != NULL, error);
  vckc_storage_daemon_free (daemon);
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  VckcStorageDaemon *daemon = start ();
  VckcError *error = NULL;

  g_assert_cmpint (kill (image_fixture_get_child (), SIGKILL), ==, 0);
  g_assert_null (
      vckc_qmp_client_execute (vckc_storage_daemon_get_qmp (daemon), "query-status", NULL, &error));
  vckc_storage_daemon_explain (daemon, &error);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it was ended by signal 9 (Killed)");
  vckc_storage_daemon_free (daemon);
}

static void
test_sigchld_ignored (Fixture *fixture, gconstpointer data)
{
  signal (SIGCHLD, SIG_IGN);
  quit (start ());
  signal (SIGCHLD, SIG_DFL);
}

static void
reap_all_cb (int number)
{
  int saved_errno = errno;

  while (waitpid (-1, NULL, WNOHANG) > 0)
    continue;
  errno = saved_errno;
}

static void
test_reaped_by_others (Fixture *fixture, gconstpointer data)
{
  signal (SIGCHLD, reap_all_cb);
  quit (start ());
  vckc_storage_daemon_free (start ());
  signal (SIGCHLD, SIG_DFL);
}

/* The caller's blocked and ignored signals are not the child's. */
static void
test_signals_blocked (Fixture *fixture, gconstpointer data)
{
  sigset_t all;
  sigset_t before;
  VckcStorageDaemon *daemon;

  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, &before);
  signal (SIGTERM, SIG_IGN);
  daemon = start ();
  g_assert_cmpint (kill (image_fixture_get_child (), SIGTERM), ==, 0);
  while (waitid (P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) < 0)
    g_assert_cmpint (errno, ==, EINTR);
  vckc_storage_daemon_free (daemon);
  signal (SIGTERM, SIG_DFL);
  sigprocmask (SIG_SETMASK, &before, NULL);
}

/* The daemon ends well when the process that started it is killed. */
static void
test_orphan (Fixture *fixture, gconstpointer data)
{
  int fds[2];
  int status;
  pid_t child;
  int pid;

  /* So that this process can wait for it. */
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1), ==, 0);
  g_assert_cmpint (pipe (fds), ==, 0);
  child = fork ();
  if (child == 0)
    {
      start ();
      pid = image_fixture_get_child ();
      if (write (fds[1], &pid, sizeof pid) == sizeof pid)
        pause ();
      _exit (1);
    }
  g_assert_cmpint (read (fds[0], &pid, sizeof pid), ==, sizeof pid);
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 0), ==, 0);
  close (fds[0]);
  close (fds[1]);
}

/* The child inherits what it needs and nothing else. */
static void
test_inheritance (Fixture *fixture, gconstpointer data)
{
  int fds[2];
  VckcError *error = NULL;
  g_autofree char *list = g_build_filename (fixture->folder, "fds", NULL);
  g_autofree char *body = g_strdup_printf ("exec ls /proc/self/fd > '%s'", list);
  g_autofree char *found = NULL;

  /* Left open over exec. */
  g_assert_cmpint (pipe (fds), ==, 0);
  use_script (fixture, body);
  g_assert_null (vckc_storage_daemon_start (NULL, NULL, 0, &error));
  vckc_error_free (error);
  g_assert_true (g_file_get_contents (list, &found, NULL, NULL));
  /* The socket is 3, the folder being listed 4. */
  g_assert_cmpstr (found, ==, "0\n1\n2\n3\n4\n");
  close (fds[0]);
  close (fds[1]);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/storage-daemon/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("start-and-quit", test_start_and_quit);
  ADD ("free", test_free);
  ADD ("missing", test_missing);
  ADD ("no-more-files", test_no_more_files);
  ADD ("ends-at-once", test_ends_at_once);
  ADD ("long-stderr", test_long_stderr);
  ADD ("endless-stderr", test_endless_stderr);
  ADD ("not-qemu", test_not_qemu);
  ADD ("silent", test_silent);
  ADD ("ignores-sigterm", test_ignores_sigterm);
  ADD ("killed", test_killed);
  ADD ("sigchld-ignored", test_sigchld_ignored);
  ADD ("reaped-by-others", test_reaped_by_others);
  ADD ("signals-blocked", test_signals_blocked);
  ADD ("orphan", test_orphan);
  ADD ("inheritance", test_inheritance);
  return g_test_run ();
}
