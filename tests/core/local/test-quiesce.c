/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Freezing file systems through the guest agent. */

#include "image-fixture.h"
#include "qmp-peer.h"
#include "running-fixture.h"

static const QmpPeerAnswer good_agent[] = { { "guest-fsfreeze-freeze", "1" },
                                            { "guest-fsfreeze-thaw", "1" },
                                            { NULL, NULL } };

static void
test_quiesce (RunningFixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  assert_ok (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error), error);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
  running_assert_findings (fixture, "");
}

static void
test_quiesce_off (RunningFixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "is not running");
  qmp_peer_assert_commands (agent, "");
}

static void
test_quiesce_not_named (RunningFixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED, "into its <metadata>");
  g_assert_cmpint (running_count (fixture), ==, 0);
}

static void
test_quiesce_no_listener (RunningFixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "no program listens");
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
}

/* Frozen, but then QEMU is lost: thawed all the same. */
static void
test_quiesce_lost (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "query-status", "{\"status\": \"running\"}" },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running QEMU was lost");
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
  running_assert_findings (fixture, "");
}

/* Something has thawed the guest before: it may have written between the first bitmap and the last.
 * So does Windows, after ten seconds, and says so only once. */
static void
test_quiesce_thawed_early (RunningFixture *fixture, gconstpointer refusal)
{
  const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "2" },
                                    { "guest-fsfreeze-thaw", refusal != NULL ? refusal : "0" },
                                    { "guest-fsfreeze-thaw", "0" },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", answers);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED,
                refusal != NULL ? "couldn't hold writes; try again" : "did not stay frozen");
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
  image_fixture_await_children (1); /* QEMU */
}

static void
test_quiesce_thawed_early_at_once (RunningFixture *fixture, gconstpointer data)
{
  test_quiesce_thawed_early (fixture, NULL);
}

static void
test_quiesce_thawed_early_refused (RunningFixture *fixture, gconstpointer data)
{
  test_quiesce_thawed_early (fixture, "\"error\": {\"desc\": \"couldn't hold writes\"}");
}

/* A guest may have nothing to freeze. */
static void
test_quiesce_nothing (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "0" },
                                           { "guest-fsfreeze-thaw", "0" },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", answers);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  assert_ok (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error), error);
}

/* The guest stays frozen: that is no success, and its guard goes on trying until it is thawed. */
static void
test_quiesce_stays_frozen (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "1" },
                                           { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { "guest-fsfreeze-thaw", "\"error\": {}" },
                                           { "guest-fsfreeze-thaw", "1" },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", answers);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "may still be frozen");
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
  image_fixture_await_children (1); /* QEMU */
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw guest-fsfreeze-thaw "
                                   "guest-fsfreeze-thaw guest-fsfreeze-thaw guest-fsfreeze-thaw");
}

/* Nor is it given up by a later attempt that could not ask the agent for anything. */
static void
test_quiesce_stays_guarded (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "1" },
                                           { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { NULL, NULL } };
  QmpPeer *agent = qmp_peer_new_agent (fixture->agent, "", answers);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "may still be frozen");
  qmp_peer_free (agent);
  error = NULL;
  g_assert_false (running_try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "no program listens");
  agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  image_fixture_await_children (1); /* QEMU */
  qmp_peer_assert_commands (agent, "guest-fsfreeze-thaw");
  qmp_peer_free (agent);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/quiesce/" name, RunningFixture, NULL, running_set_up, function,                \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("works", test_quiesce);
  ADD ("off", test_quiesce_off);
  g_test_add ("/vck/quiesce/not-named", RunningFixture, "", running_set_up, test_quiesce_not_named,
              running_tear_down);
  ADD ("no-listener", test_quiesce_no_listener);
  ADD ("lost", test_quiesce_lost);
  ADD ("nothing-to-freeze", test_quiesce_nothing);
  ADD ("thawed-early", test_quiesce_thawed_early_at_once);
  ADD ("thawed-early-refused", test_quiesce_thawed_early_refused);
  ADD ("stays-frozen", test_quiesce_stays_frozen);
  ADD ("stays-guarded", test_quiesce_stays_guarded);
  return g_test_run ();
}
