/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `local:` with a QEMU that starts, stops, is lost, or gives its images away. */

#include "image-fixture.h"
#include "qmp-peer.h"
#include "running-fixture.h"

static void
test_starts_and_stops (RunningFixture *fixture, gconstpointer data)
{
  running_create (fixture, "off");
  g_assert_cmpint (running_get_state (fixture), ==, VCKC_DOMAIN_STATE_SHUTOFF);
  machine_fixture_start (fixture->machine);
  g_assert_cmpint (running_get_state (fixture), ==, VCKC_DOMAIN_STATE_RUNNING);
  running_create (fixture, "on");
  machine_fixture_write (fixture->machine, "b", 0, 65536);
  g_assert_cmpint (running_get_size (fixture, "off"), ==, 65536);
  g_assert_cmpint (running_get_size (fixture, "on"), ==, 65536);
  running_assert_findings (fixture, "");

  machine_fixture_stop (fixture->machine);
  g_assert_cmpint (running_get_state (fixture), ==, VCKC_DOMAIN_STATE_SHUTOFF);
  running_assert_findings (fixture, "");
  g_assert_cmpint (running_get_size (fixture, "on"), ==, 65536);
  assert_ok (running_try_delete (fixture, "on", NULL), NULL);
  machine_fixture_start (fixture->machine);
  assert_ok (running_try_delete (fixture, "off", NULL), NULL);
  running_assert_findings (fixture, "");
}

/* What QEMU had in memory only is gone, and what it had in use is worthless: verifying says so. */
static void
test_killed (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *expected = g_strdup_printf (
      "%d %d %d %d", VCKC_FINDING_BITMAP_INCONSISTENT, VCKC_FINDING_BITMAP_INCONSISTENT,
      VCKC_FINDING_BITMAP_MISSING, VCKC_FINDING_BITMAP_MISSING);

  running_create (fixture, "old");
  machine_fixture_start (fixture->machine);
  running_create (fixture, "new");
  machine_fixture_kill (fixture->machine);
  running_assert_findings (fixture, expected);
  machine_fixture_start (fixture->machine);
  running_assert_findings (fixture, expected);
}

/* QEMU was started again on the same socket, by another process. */
static void
test_restarted (RunningFixture *fixture, gconstpointer data)
{
  machine_fixture_start (fixture->machine);
  running_create (fixture, "a");
  machine_fixture_stop (fixture->machine);
  machine_fixture_start (fixture->machine);
  running_create (fixture, "b");
  running_assert_findings (fixture, "");
}

static void
assert_saved (RunningFixture *fixture, const char *part)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  error = NULL;
  g_assert_false (running_try_delete (fixture, "off", &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  error = NULL;
  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  error = NULL;
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  g_assert_cmpint (running_count (fixture), ==, 1);
  machine_fixture_kill (fixture->machine);
  running_assert_findings (fixture, "");
}

/* QEMU has stored the bitmaps and forgotten them: that is no reason to take them for lost. */
static void
test_saved (RunningFixture *fixture, gconstpointer data)
{
  running_create (fixture, "off");
  machine_fixture_start (fixture->machine);
  machine_fixture_save (fixture->machine);
  assert_saved (fixture, "QEMU is in the state 'postmigrate'");
}

/* Or it has not loaded them yet. */
static void
test_incoming (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-incoming",
                                    "defer",
                                    "-drive",
                                    "file=@/a.qcow2,if=none,id=a,format=qcow2",
                                    running_plain_b[0],
                                    running_plain_b[1],
                                    NULL };

  running_create (fixture, "off");
  running_start_with (fixture, arguments);
  assert_saved (fixture, "QEMU is in the state 'inmigrate'");
}

/* QEMU dies during the creation, which is undone without it. */
static void
test_lost_in_create (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running QEMU was lost");
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
  running_create (fixture, "a");
  running_assert_findings (fixture, "");
}

/* What is said to be done and is not there is no success. */
static void
test_lies (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "but it is not there");
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
}

/* Only the connection was lost: what was done is undone through a new one. */
static void
test_interrupted_create (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_HANGS_UP },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "closed the connection");
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
}

/* QEMU dies during the deletion, and all bitmaps are there: nothing has happened. */
static void
test_lost_in_delete (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;
  VckcError *error = NULL;

  running_create (fixture, "a");
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  g_assert_false (running_try_delete (fixture, "a", &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running QEMU was lost");
  g_assert_cmpint (running_count (fixture), ==, 1);
  running_assert_findings (fixture, "");
}

/* It had removed them before: then the deletion is completed. */
static void
test_lost_after_delete (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  const char *const argv[] = { "qemu-img", "bitmap", "--remove", fixture->images[0], "a", NULL };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;
  VckcError *error = NULL;

  running_create (fixture, "a");
  g_free (image_fixture_run (argv));
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  assert_ok (running_try_delete (fixture, "a", &error), error);
  g_assert_cmpint (running_count (fixture), ==, 0);
  running_assert_findings (fixture, "");
}

/* A change in the middle of a migration might come too late. */
static void
test_migrating (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "query-migrate", "{\"status\": \"active\"}" },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "QEMU says 'active'");
  g_assert_cmpint (running_count (fixture), ==, 0);
}

/* Nor is a bitmap stored that was made after QEMU gave the images away. */
static void
test_migrated_meanwhile (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *without = running_make_nodes (fixture, false);
  g_autofree char *with = running_make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", without },
                                    { "query-named-block-nodes", with },
                                    { "query-status", "{\"status\": \"running\"}" },
                                    { "query-status", "{\"status\": \"postmigrate\"}" },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "QEMU is in the state 'postmigrate'");
  g_assert_cmpint (running_count (fixture), ==, 0);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/running/" name, RunningFixture, NULL, running_set_up, function,                \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("starts-and-stops", test_starts_and_stops);
  ADD ("killed", test_killed);
  ADD ("restarted", test_restarted);
  ADD ("saved", test_saved);
  ADD ("incoming", test_incoming);
  ADD ("migrating", test_migrating);
  ADD ("migrated-meanwhile", test_migrated_meanwhile);
  ADD ("lost-in-create", test_lost_in_create);
  ADD ("lies", test_lies);
  ADD ("interrupted-create", test_interrupted_create);
  ADD ("lost-in-delete", test_lost_in_delete);
  ADD ("lost-after-delete", test_lost_after_delete);
  return g_test_run ();
}
