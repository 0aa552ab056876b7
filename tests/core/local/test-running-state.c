/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The state of a domain with a QMP socket, and its events. */

#include "drivers/local/machine/machine-qmp.h"
#include "qmp-peer.h"
#include <json-glib/json-glib.h>

#include "running-fixture.h"

static void
event_cb (const VckcEvent *event, void *opaque)
{
  RunningFixture *fixture = opaque;

  if (event->type != VCKC_EVENT_DOMAIN_STATE)
    return;
  g_assert_cmpint (event->state, !=, fixture->forbidden_state);
  vckc_mutex_lock (&fixture->mutex);
  fixture->state = event->state;
  vckc_cond_broadcast (&fixture->changed);
  vckc_mutex_unlock (&fixture->mutex);
}

static void
subscribe (RunningFixture *fixture)
{
  g_assert_cmpint (vckc_connect_subscribe (fixture->connect, event_cb, fixture, NULL, NULL), >, 0);
}

static void
await_state (RunningFixture *fixture, int state)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  vckc_mutex_lock (&fixture->mutex);
  while (fixture->state != state)
    g_assert_true (vckc_cond_wait_until (&fixture->changed, &fixture->mutex, deadline));
  vckc_mutex_unlock (&fixture->mutex);
}

static void
test_state_events (RunningFixture *fixture, gconstpointer data)
{
  fixture->forbidden_state = VCKC_DOMAIN_STATE_NOSTATE;
  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  machine_fixture_run (fixture->machine, "stop", NULL);
  await_state (fixture, VCKC_DOMAIN_STATE_PAUSED);
  running_create (fixture, "paused");
  machine_fixture_run (fixture->machine, "cont", NULL);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  machine_fixture_stop (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_SHUTOFF);
  machine_fixture_start (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  machine_fixture_kill (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_SHUTOFF);
}

/* A peer that is no QEMU is neither on nor off. */
static void
test_state_unknown (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { NULL, NULL } };
  g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, "{\"hello\": 1}\n", answers);

  fixture->state = VCKC_DOMAIN_STATE_SHUTOFF;
  subscribe (fixture);
  await_state (fixture, VCKC_DOMAIN_STATE_NOSTATE);
  g_clear_pointer (&peer, qmp_peer_free);
  await_state (fixture, VCKC_DOMAIN_STATE_SHUTOFF);
}

/* Querying the state gives the present one at once, to subscribers too. */
static void
test_state_queried (RunningFixture *fixture, gconstpointer data)
{
  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  g_assert_cmpint (running_get_state (fixture), ==, VCKC_DOMAIN_STATE_RUNNING);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  machine_fixture_run (fixture->machine, "stop", NULL);
  g_assert_cmpint (running_get_state (fixture), ==, VCKC_DOMAIN_STATE_PAUSED);
  g_assert_cmpint (
      vckc_connect_list_all_domains (fixture->connect, NULL, VCKC_DOMAIN_LIST_ACTIVE, NULL), ==, 1);
  machine_fixture_stop (fixture->machine);
  g_assert_cmpint (
      vckc_connect_list_all_domains (fixture->connect, NULL, VCKC_DOMAIN_LIST_ACTIVE, NULL), ==, 0);
}

/* A domain that is defined while others are monitored is monitored too, and one whose socket is
 * removed from its definition is not. */
static void
test_state_redefined (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *metadata = running_make_metadata (fixture);
  g_autoptr (VckcDomain) without = running_define (fixture, "");
  g_autoptr (VckcDomain) with = NULL;

  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  g_assert_cmpint (running_get_state (fixture), ==, VCKC_DOMAIN_STATE_SHUTOFF);
  with = running_define (fixture, metadata);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  vckc_domain_unref (g_steal_pointer (&without), NULL);
  without = running_define (fixture, "");
  await_state (fixture, VCKC_DOMAIN_STATE_SHUTOFF);
}

/* A monitor lets other clients have the socket, in this process and in others. */
static void
test_state_lets_in (RunningFixture *fixture, gconstpointer data)
{
  const VckcMachineOptions options = vckc_machine_options (0, 60 * 1000, -1);
  VckcError *error = NULL;

  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%u", i);
      g_autoptr (VckcQmpClient) other = NULL;

      running_create (fixture, name);
      assert_ok (vckc_machine_connect (fixture->qmp, &options, &other, &error), error);
      g_assert_nonnull (other);
    }
  machine_fixture_run (fixture->machine, "stop", NULL);
  await_state (fixture, VCKC_DOMAIN_STATE_PAUSED);
}

static void
event_closes_cb (const VckcEvent *event, void *opaque)
{
  RunningFixture *fixture = opaque;

  if (event->type == VCKC_EVENT_DOMAIN_STATE)
    vckc_connect_close (fixture->connect, NULL);
  event_cb (event, opaque);
}

/* The thread that reports an event may close the connection. */
static void
test_state_close_inside (RunningFixture *fixture, gconstpointer data)
{
  g_assert_cmpint (vckc_connect_subscribe (fixture->connect, event_closes_cb, fixture, NULL, NULL),
                   >, 0);
  machine_fixture_start (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
}

/* A QEMU that sends events without end is not listened to without end. */
static void
test_state_flood (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "query-status", QMP_PEER_FLOODS }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  subscribe (fixture);
  qmp_peer_assert_commands (peer, "query-status few-events");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/running-state/" name, RunningFixture, NULL, running_set_up, function,          \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* GLib locks while two threads set up a class, which ThreadSanitizer does not see. */
  g_object_unref (json_parser_new ());
  ADD ("events", test_state_events);
  ADD ("unknown", test_state_unknown);
  ADD ("queried", test_state_queried);
  ADD ("redefined", test_state_redefined);
  ADD ("lets-in", test_state_lets_in);
  ADD ("flood", test_state_flood);
  ADD ("close-inside", test_state_close_inside);
  return g_test_run ();
}
