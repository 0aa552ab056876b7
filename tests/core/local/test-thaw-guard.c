/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The process that thaws a guest when the program does not. */

#include <glib.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent-fixture.h"
#include "assert-error.h"
#include "drivers/local/machine/thaw-guard.h"
#include "forbidden-call.h"
#include "image-fixture.h"
#include "qmp-peer.h"

static const QmpPeerAnswer good_agent[] = { { "guest-fsfreeze-thaw", "1" }, { NULL, NULL } };

static VckcThawGuard *
new_guard (AgentFixture *fixture)
{
  VckcError *error = NULL;
  VckcThawGuard *guard = vckc_thaw_guard_new (fixture->socket, &error);

  assert_ok (guard != NULL, error);
  return guard;
}

/* The only child; 0 if there is none. */
static pid_t
get_child (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", getpid ());
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return (pid_t) g_ascii_strtoll (text, NULL, 10);
}

static void
test_not_needed (AgentFixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", good_agent);

  vckc_thaw_guard_free (new_guard (fixture));
  g_assert_cmpint (get_child (), ==, 0);
  qmp_peer_assert_commands (agent, "");
}

/* As when the program dies. */
static void
test_left_alone (AgentFixture *fixture, gconstpointer data)
{
  static const char stale[] = "{\"return\": 7}\nhalf a li";
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, stale, good_agent);

  vckc_thaw_guard_release (new_guard (fixture));
  image_fixture_await_children (0);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-thaw");
}

/* What the agent does not do at once it is asked for again. Then nothing of the guard is left. */
static void
test_tries_again (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { "guest-fsfreeze-thaw", "\"error\": {}" },
                                           { "guest-fsfreeze-thaw", "1" },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcThawGuard *guard = new_guard (fixture);

  vckc_thaw_guard_begin (guard);
  image_fixture_await_children (0);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-thaw guest-fsfreeze-thaw guest-fsfreeze-thaw");
  vckc_thaw_guard_free (guard);
}

/* It is waited for, too. */
static void
test_agent_comes_late (AgentFixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = NULL;

  vckc_thaw_guard_release (new_guard (fixture));
  g_usleep (G_USEC_PER_SEC / 4);
  g_assert_cmpint (get_child (), !=, 0);
  agent = qmp_peer_new_agent (fixture->socket, "", good_agent);
  image_fixture_await_children (0);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-thaw");
}

/* Something else has thawed the guest meanwhile. */
static void
test_dismissed_while_it_tries (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-sync-delimited", QMP_PEER_IS_SILENT },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  gint64 before = g_get_monotonic_time ();
  VckcThawGuard *guard = new_guard (fixture);

  vckc_thaw_guard_begin (guard);
  g_usleep (G_USEC_PER_SEC / 4);
  g_assert_cmpint (get_child (), !=, 0);
  vckc_thaw_guard_free (guard);
  g_assert_cmpint (get_child (), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - before, <, 5 * G_USEC_PER_SEC);
}

static gpointer
new_guard_without_cb (gpointer fixture)
{
  forbid_call (SYS_close_range);
  return new_guard (fixture);
}

/* Valgrind keeps files of its own, with numbers that it does not let the program have. */
static guint
count_files (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  struct rlimit own;
  const char *name;
  guint n = 0;

  g_assert_nonnull (folder);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &own), ==, 0);
  while ((name = g_dir_read_name (folder)) != NULL)
    if (g_ascii_strtoull (name, NULL, 10) < own.rlim_cur)
      n++;
  return n;
}

/* It keeps no lock and no socket of the program: only that at which it waits. */
static void
test_keeps_no_files (AgentFixture *fixture, gconstpointer without)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  int files[2];
  VckcThawGuard *guard;

  g_assert_cmpint (pipe (files), ==, 0);
  if (without != NULL)
    guard = g_thread_join (g_thread_new ("without", new_guard_without_cb, fixture));
  else
    guard = new_guard (fixture);
  while (count_files (get_child ()) > 1)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
  vckc_thaw_guard_free (guard);
  close (files[0]);
  close (files[1]);
}

static void
end_cb (int number)
{
  _exit (1);
}

/* What ends a service is sent to all of its processes; a handler is the program's own. */
static void
test_signals (AgentFixture *fixture, gconstpointer handled)
{
  static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", good_agent);
  VckcThawGuard *guard;
  sigset_t mask;

  for (gsize i = 0; handled != NULL && i < G_N_ELEMENTS (signals); i++)
    signal (signals[i], end_cb);
  guard = new_guard (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_assert_cmpint (kill (get_child (), signals[i]), ==, 0);
      g_usleep (1000);
    }
  for (gsize i = 0; handled != NULL && i < G_N_ELEMENTS (signals); i++)
    signal (signals[i], SIG_DFL);
  g_assert_cmpint (pthread_sigmask (SIG_SETMASK, NULL, &mask), ==, 0);
  g_assert_false (sigismember (&mask, SIGTERM));
  vckc_thaw_guard_release (guard);
  image_fixture_await_children (0);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-thaw");
}

static void
test_path_too_long (void)
{
  g_autofree char *path = g_strnfill (200, 'x');
  VckcError *error = NULL;

  g_assert_null (vckc_thaw_guard_new (path, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "too long for a socket");
}

#define ADD(name, data, function)                                                                  \
  g_test_add ("/vck/thaw-guard/" name, AgentFixture, data, agent_fixture_set_up, function,         \
              agent_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("not-needed", NULL, test_not_needed);
  ADD ("left-alone", NULL, test_left_alone);
  ADD ("tries-again", NULL, test_tries_again);
  ADD ("agent-comes-late", NULL, test_agent_comes_late);
  ADD ("dismissed-while-it-tries", NULL, test_dismissed_while_it_tries);
  ADD ("keeps-no-files", NULL, test_keeps_no_files);
  /* Without that, closefrom() of glibc goes on for ever if it cannot close a file, as one of
   * valgrind. */
  if (g_getenv ("VCK_TEST_VALGRIND") == NULL)
    ADD ("keeps-no-files-without-close-range", "", test_keeps_no_files);
  ADD ("signals", NULL, test_signals);
  ADD ("signals-with-handlers", "", test_signals);
  g_test_add_func ("/vck/thaw-guard/path-too-long", test_path_too_long);
  return g_test_run ();
}
