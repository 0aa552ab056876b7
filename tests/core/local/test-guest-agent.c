/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Freezing and thawing, with agents that do not always do as they should. */

#include <glib.h>

#include "agent-fixture.h"
#include "assert-error.h"
#include "drivers/local/machine/guest-agent.h"
#include "qmp-peer.h"

/* Milliseconds: agents that never answer are not waited for long. */
#define LONG (60 * 1000)
#define SHORT 50

static void
test_freeze_and_thaw (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "2" },
                                           { "guest-fsfreeze-thaw", "2" },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  VckcError *first;
  bool maybe = false;
  bool none;

  assert_ok (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, &error), error);
  g_assert_true (maybe);
  g_assert_false (none);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze");
  assert_ok (vckc_guest_agent_thaw (fixture->socket, LONG, &none, &first, &error), error);
  g_assert_null (first);
  g_assert_false (none);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
}

static void
test_refused (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = {
    { "guest-fsfreeze-freeze",
      "\"error\": {\"class\": \"GenericError\", \"desc\": \"no such thing\"}" },
    { "guest-fsfreeze-thaw", "0" },
    { NULL, NULL }
  };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED,
                "refused 'guest-fsfreeze-freeze': no such thing");
  g_assert_false (maybe);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
}

/* What a freeze without an answer has done is unknown. */
static void
test_freeze_unanswered (AgentFixture *fixture, gconstpointer answer)
{
  const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", answer },
                                    { "guest-fsfreeze-thaw", "0" },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, SHORT, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot freeze the file systems of the guest");
  g_assert_false (maybe);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
}

/* Neither is known to have been done. */
static void
test_nothing_answered (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", QMP_PEER_HANGS_UP },
                                           { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot freeze the file systems of the guest");
  g_assert_true (maybe);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
}

static void
test_thaw_is_tried_again (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  VckcError *first;
  bool none;

  g_assert_false (vckc_guest_agent_thaw (fixture->socket, LONG, &none, &first, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "may still be frozen");
  assert_error (first, VCKC_ERROR_SYSTEM_ERROR, "");
  qmp_peer_assert_commands (agent, "guest-fsfreeze-thaw guest-fsfreeze-thaw guest-fsfreeze-thaw");
}

/* An agent is passed what others wrote, and says to us what it owes them. */
static void
test_out_of_step (AgentFixture *fixture, gconstpointer data)
{
  static const char stale[] = "{\"return\": 7}\nhalf a li";
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "1" }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, stale, answers);
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  assert_ok (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, &error), error);
}

static void
test_not_there (AgentFixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "no program listens");
  g_assert_false (maybe);
}

/* An attempt that could not even ask for anything leaves what may be frozen as it is. */
static void
test_was_frozen_before (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "\"error\": {}" },
                                           { "guest-fsfreeze-thaw", "1" },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = NULL;
  VckcError *error = NULL;
  bool maybe = true;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "no program listens");
  g_assert_true (maybe);
  agent = qmp_peer_new_agent (fixture->socket, "", answers);
  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, LONG, -1, &maybe, &none, NULL));
  g_assert_false (maybe);
}

/* QEMU listens, but nothing in the guest does. */
static void
test_not_running (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-sync-delimited", QMP_PEER_IS_SILENT },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, SHORT, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "qemu-guest-agent does not seem to run");
  g_assert_false (maybe);
  qmp_peer_assert_commands (agent, "");
}

static void
test_wrong_number (AgentFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-sync-delimited", "1" }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->socket, "", answers);
  VckcError *error = NULL;
  bool maybe = false;
  bool none;

  g_assert_false (vckc_guest_agent_freeze (fixture->socket, 0, SHORT, -1, &maybe, &none, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'guest-sync-delimited'");
}

#define ADD(name, data, function)                                                                  \
  g_test_add ("/vck/guest-agent/" name, AgentFixture, data, agent_fixture_set_up, function,        \
              agent_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("freeze-and-thaw", NULL, test_freeze_and_thaw);
  ADD ("refused", NULL, test_refused);
  ADD ("freeze-silent", QMP_PEER_IS_SILENT, test_freeze_unanswered);
  ADD ("freeze-hangs-up", QMP_PEER_HANGS_UP, test_freeze_unanswered);
  ADD ("nothing-answered", NULL, test_nothing_answered);
  ADD ("thaw-is-tried-again", NULL, test_thaw_is_tried_again);
  ADD ("out-of-step", NULL, test_out_of_step);
  ADD ("not-there", NULL, test_not_there);
  ADD ("was-frozen-before", NULL, test_was_frozen_before);
  ADD ("not-running", NULL, test_not_running);
  ADD ("wrong-number", NULL, test_wrong_number);
  return g_test_run ();
}
