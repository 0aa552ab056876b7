/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `local:` with peers that do what QEMU never would, and calls that are cancelled. */

#include <gio/gio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/local/machine/machine-qmp.h"
#include "qmp-peer.h"
#include "running-fixture.h"

typedef struct
{
  const char *name;
  const char *greeting;
  QmpPeerAnswer answers[2];
  int code;
  const char *message;
} OddPeer;

static const OddPeer odd_peers[] = {
  { "no-greeting",
    "{\"hello\": 1}\n",
    { { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "does not speak QMP" },
  { "garbage",
    "\x01\x02{{{\n",
    { { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "cannot understand the answer of QEMU at" },
  { "no-nodes",
    QMP_PEER_GREETING,
    { { "query-named-block-nodes", "7" }, { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "is not a list" },
  { "odd-nodes",
    QMP_PEER_GREETING,
    { { "query-named-block-nodes", "[7]" }, { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "lacks the member 'drv'" },
  { "nameless-node",
    QMP_PEER_GREETING,
    { { "query-named-block-nodes", "[{\"drv\": \"qcow2\"}]" }, { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "lacks the member 'node-name'" },
  { "no-image",
    QMP_PEER_GREETING,
    { { "query-named-block-nodes", "[{\"drv\": \"qcow2\", \"node-name\": \"a\"}]" },
      { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "has no object 'image'" },
  { "refuses",
    QMP_PEER_GREETING,
    { { "query-named-block-nodes", "\"error\": {\"desc\": \"not today\"}" }, { NULL, NULL } },
    VCKC_ERROR_INTERNAL,
    "not today" },
};

static void
test_odd_peer (RunningFixture *fixture, gconstpointer data)
{
  const OddPeer *odd = data;
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  running_set_up (fixture, NULL);
  running_create (fixture, "first");
  peer = qmp_peer_new (fixture->qmp, odd->greeting, odd->answers);
  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, odd->code, odd->message);
  error = NULL;
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error), ==, -1);
  assert_error (error, odd->code, odd->message);
  g_clear_pointer (&peer, qmp_peer_free);
  g_assert_cmpint (running_count (fixture), ==, 1);
  running_assert_findings (fixture, "");
  running_tear_down (fixture, NULL);
}

/* Another program has the socket for itself. */
static void
test_socket_taken (RunningFixture *fixture, gconstpointer data)
{
  const VckcMachineOptions options = vckc_machine_options (0, 60 * 1000, -1);
  g_autoptr (VckcQmpClient) other = NULL;
  VckcDomainState state;
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  running_set_timeout (fixture, 50);
  assert_ok (vckc_machine_connect (fixture->qmp, &options, &other, &error), error);
  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "keeps that socket for itself");
  error = NULL;
  g_assert_cmpint (vckc_domain_get_state (fixture->domain, &state, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, "cannot find out what domain 'vm' is doing");
  g_assert_cmpint (running_count (fixture), ==, 0);
}

/* A peer that does not answer in time is not asked again. */
static void
test_silent (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "query-status", QMP_PEER_IS_SILENT }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcDomainState state;
  VckcError *error = NULL;

  running_set_timeout (fixture, 50);
  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'query-status' within 50 ms");
  qmp_peer_assert_commands (peer, "query-status");
  error = NULL;
  g_assert_cmpint (vckc_domain_get_state (fixture->domain, &state, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'query-status' within 50 ms");
  qmp_peer_assert_commands (peer, "query-status query-status");
}

/* Cancels as soon as the peer has heard these commands. */
typedef struct
{
  QmpPeer *peer;
  const char *commands;
  GCancellable *cancellable;
} Canceller;

static gpointer
cancel_cb (gpointer data)
{
  Canceller *canceller = data;

  qmp_peer_assert_commands (canceller->peer, canceller->commands);
  g_cancellable_cancel (canceller->cancellable);
  return NULL;
}

/* Fails, with that error. */
static void
create_cancelled (RunningFixture *fixture,
                  QmpPeer *peer,
                  const char *commands,
                  int code,
                  const char *part)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Canceller canceller = { peer, commands, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_cb, &canceller);
  VckcError *error = NULL;

  g_cancellable_push_current (cancellable);
  g_assert_false (running_try_create (fixture, "a", 0, &error));
  g_cancellable_pop_current (cancellable);
  g_thread_join (thread);
  assert_error (error, code, part);
  g_assert_cmpint (running_count (fixture), ==, 0);
}

/* Until something is changed, waiting can be cancelled. */
static void
test_cancel_query (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "query-status", QMP_PEER_IS_SILENT }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  create_cancelled (fixture, peer, "query-status", VCKC_ERROR_CANCELLED, "nothing was changed");
}

/* But what was sent is waited for. */
static void
test_cancel_too_late (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_IS_SILENT },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  running_set_timeout (fixture, 500);
  create_cancelled (fixture, peer,
                    "query-status query-migrate query-named-block-nodes query-blockstats "
                    "transaction",
                    VCKC_ERROR_SYSTEM_ERROR, "did not answer 'transaction'");
}

/* Cancels when a client connects, which gets no greeting. */
static gpointer
accept_cb (gpointer data)
{
  Canceller *canceller = data;
  int fd = accept (GPOINTER_TO_INT (canceller->peer), NULL, NULL);

  g_assert_cmpint (fd, >=, 0);
  g_cancellable_cancel (canceller->cancellable);
  return GINT_TO_POINTER (fd);
}

static void
test_cancel_greeting (RunningFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Canceller canceller = { GINT_TO_POINTER (fd), NULL, cancellable };
  VckcDomainState state;
  VckcError *error = NULL;
  GThread *thread;

  g_strlcpy (address.sun_path, fixture->qmp, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  thread = g_thread_new ("accept", accept_cb, &canceller);
  g_cancellable_push_current (cancellable);
  g_assert_cmpint (vckc_domain_get_state (fixture->domain, &state, &error), ==, -1);
  g_cancellable_pop_current (cancellable);
  assert_error (error, VCKC_ERROR_CANCELLED, "cancelled while waiting for QEMU at");
  close (GPOINTER_TO_INT (g_thread_join (thread)));
  close (fd);
  unlink (fixture->qmp);
}

/* After a change without an answer, QEMU is not waited for again: the next call completes or
 * undoes it. */
static void
test_silent_change (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_STALLS },
                                    { NULL, NULL } };
  g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  gint64 begin = g_get_monotonic_time ();
  VckcError *error = NULL;

  running_set_timeout (fixture, 3000);
  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'transaction'");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5500 * 1000);
  g_assert_cmpint (running_count (fixture), ==, 0);
  g_clear_pointer (&peer, qmp_peer_free);
  running_create (fixture, "a");
  running_assert_findings (fixture, "");
}

static void
add_odd_peers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_peers); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/running-peer/", odd_peers[i].name, NULL);

      g_test_add (path, RunningFixture, &odd_peers[i], NULL, test_odd_peer, NULL);
    }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/running-peer/" name, RunningFixture, NULL, running_set_up, function,           \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_odd_peers ();
  ADD ("socket-taken", test_socket_taken);
  ADD ("silent", test_silent);
  ADD ("silent-change", test_silent_change);
  ADD ("cancel/query", test_cancel_query);
  ADD ("cancel/too-late", test_cancel_too_late);
  ADD ("cancel/greeting", test_cancel_greeting);
  return g_test_run ();
}
