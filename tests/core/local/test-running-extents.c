/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The changed blocks of a domain that runs, and what becomes of its QEMU meanwhile. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "drivers/local/machine/machine-qmp.h"
#include "drivers/local/machine/private-socket.h"
#include "image-fixture.h"
#include "qmp-peer.h"
#include "running-fixture.h"

#define BLOCK G_GUINT64_CONSTANT (65536)
#define LEFTOVER "vck-extents-GHOST0"

/* The changed blocks of the second disk as a text, in blocks; NULL on failure. */
static char *
try_list (RunningFixture *fixture, unsigned int flags, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, "a", 0, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  VckcExtent *extents = NULL;
  int n = vckc_domain_checkpoint_list_extents (checkpoint, "vdb", &extents, flags, err);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT "%s%s%s",
                            i > 0 ? " " : "", extents[i].offset / BLOCK, extents[i].length / BLOCK,
                            extents[i].flags & VCKC_EXTENT_DIRTY ? "d" : "",
                            extents[i].flags & VCKC_EXTENT_ZERO ? "z" : "",
                            extents[i].flags & VCKC_EXTENT_DATA ? "D" : "");
  free (extents);
  return n >= 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static void
assert_list (RunningFixture *fixture, unsigned int flags, const char *expected)
{
  VckcError *error = NULL;
  g_autofree char *text = try_list (fixture, flags, &error);

  assert_ok (text != NULL, error);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_list_fails (RunningFixture *fixture, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;

  g_assert_null (try_list (fixture, 0, &error));
  assert_error (error, code, part);
}

static VckcQmpArgs *
one_argument (const char *name, const char *value)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, name, value);
  return args;
}

/* Begins to serve NBD as another program would. */
static void
start_server (RunningFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "other-nbd", NULL);

  machine_fixture_serve (fixture->machine, path);
}

static void
add_export (RunningFixture *fixture, const char *id)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "type", "nbd");
  vckc_qmp_args_add_string (args, "id", id);
  vckc_qmp_args_add_string (args, "node-name", "b");
  vckc_qmp_args_add_string (args, "name", id);
  machine_fixture_run (fixture->machine, "block-export-add", args);
}

static void
add_copy (RunningFixture *fixture, const char *name)
{
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node", "b");
  vckc_qmp_args_add_string (args, "name", name);
  vckc_qmp_args_add_bool (args, "disabled", true);
  machine_fixture_run (fixture->machine, "block-dirty-bitmap-add", args);
}

/* Nothing of ours is left: no socket, no bitmap, and, unless another program has it, no server. */
static void
assert_nothing_left (RunningFixture *fixture, bool has_server)
{
  g_autoptr (GDir) dir = g_dir_open (g_get_tmp_dir (), 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, "vck-extents-"));
  running_assert_findings (fixture, "");
  if (!has_server)
    start_server (fixture);
  machine_fixture_run (fixture->machine, "nbd-server-stop", NULL);
  g_assert_cmpint (machine_fixture_count_bitmaps (fixture->machine, "b"), ==, 1);
}

/* A checkpoint, and two blocks that were written since. */
static void
begin (RunningFixture *fixture)
{
  running_create (fixture, "off");
  machine_fixture_start (fixture->machine);
  running_create (fixture, "a");
  assert_ok (running_try_delete (fixture, "off", NULL), NULL);
  machine_fixture_write (fixture->machine, "b", 3 * BLOCK, 2 * BLOCK);
}

static void
test_lists (RunningFixture *fixture, gconstpointer data)
{
  begin (fixture);
  assert_list (fixture, 0, "3+2dD");
  machine_fixture_write_zeroes (fixture->machine, "b", 4 * BLOCK, BLOCK);
  machine_fixture_write (fixture->machine, "b", 64 * 1024 * 1024 - 100, 100);
  assert_list (fixture, 0, "3+1dD 4+1dz 1023+1dD");
  assert_list (fixture, VCKC_EXTENTS_NO_ZERO, "3+2d 1023+1d");
  assert_nothing_left (fixture, false);
  g_assert_cmpint (running_get_size (fixture, "a"), ==, 3 * BLOCK);
}

static void
test_nothing_changed (RunningFixture *fixture, gconstpointer data)
{
  machine_fixture_start (fixture->machine);
  running_create (fixture, "a");
  assert_list (fixture, 0, "");
  assert_nothing_left (fixture, false);
}

/* While a program has a cursor, QEMU serves others, and is free to end. */
static void
test_cursor_holds_nothing (RunningFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  VckcExtent *extents = NULL;
  VckcExtentCursor *cursor;
  VckcError *error = NULL;

  begin (fixture);
  checkpoint = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "a", 0, NULL);
  cursor = vckc_domain_checkpoint_open_extents (checkpoint, "vdb", 0, &error);
  assert_ok (cursor != NULL, error);
  assert_nothing_left (fixture, false);
  running_create (fixture, "b");
  machine_fixture_stop (fixture->machine);
  g_assert_cmpint (vckc_extent_cursor_read (cursor, &extents, 10, NULL), ==, 1);
  g_assert_cmpuint (extents[0].length, ==, 2 * BLOCK);
  free (extents);
  vckc_extent_cursor_unref (cursor, NULL);
}

/* QEMU has one NBD server, and that of another program is left alone. */
static void
test_server_taken (RunningFixture *fixture, gconstpointer data)
{
  begin (fixture);
  start_server (fixture);
  assert_list_fails (fixture, VCKC_ERROR_BUSY, "NBD server already running, and QEMU has only one");
  assert_nothing_left (fixture, true);
  assert_list (fixture, 0, "3+2dD");
}

/* Also if a process of ours was killed before it had one, and if it was stopped since. */
static void
test_server_taken_after_a_kill (RunningFixture *fixture, gconstpointer data)
{
  begin (fixture);
  add_copy (fixture, LEFTOVER);
  start_server (fixture);
  assert_list_fails (fixture, VCKC_ERROR_BUSY, "NBD server already running");
  assert_nothing_left (fixture, true);
}

/* A process was killed while it read. */
static void
test_leftover_export (RunningFixture *fixture, gconstpointer data)
{
  begin (fixture);
  add_copy (fixture, LEFTOVER);
  start_server (fixture);
  add_export (fixture, LEFTOVER);
  assert_list (fixture, 0, "3+2dD");
  assert_nothing_left (fixture, false);
}

/* The same, but another program uses the server as well, and keeps it. */
static void
test_leftover_beside_others (RunningFixture *fixture, gconstpointer data)
{
  begin (fixture);
  add_copy (fixture, LEFTOVER);
  start_server (fixture);
  add_export (fixture, LEFTOVER);
  add_export (fixture, "other");
  assert_list_fails (fixture, VCKC_ERROR_BUSY, "NBD server already running");
  machine_fixture_run (fixture->machine, "block-export-del", one_argument ("id", "other"));
  assert_nothing_left (fixture, true);
}

/* Has QEMU listen at the socket, as a process does that is killed right after that. */
static void
leave_server (RunningFixture *fixture, VckcPrivateSocket *socket)
{
  const char *name = vckc_private_socket_get_name (socket);
  const VckcMachineOptions options = vckc_machine_options (0, 60 * 1000, -1);
  g_autoptr (VckcQmpClient) client = NULL;
  VckcQmpArgs *args = vckc_qmp_args_new ();
  VckcError *error = NULL;

  assert_ok (vckc_machine_connect (fixture->qmp, &options, &client, &error), error);
  vckc_qmp_reply_free (
      vckc_qmp_client_pass_fd (client, name, vckc_private_socket_get_fd (socket), NULL));
  vckc_qmp_args_begin_object (args, "addr");
  vckc_qmp_args_add_string (args, "type", "fd");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "str", name);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
  vckc_qmp_reply_free (vckc_qmp_client_execute (client, "nbd-server-start", args, NULL));
}

/* The server has no export yet, but its socket proves whose it is. */
static void
test_leftover_server (RunningFixture *fixture, gconstpointer data)
{
  VckcPrivateSocket *socket = vckc_private_socket_new ("vck-extents-", NULL);

  begin (fixture);
  add_copy (fixture, vckc_private_socket_get_name (socket));
  g_assert_false (vckc_private_socket_is_served (vckc_private_socket_get_name (socket)));
  leave_server (fixture, socket);
  g_assert_true (vckc_private_socket_is_served (vckc_private_socket_get_name (socket)));
  assert_list (fixture, 0, "3+2dD");
  g_assert_false (g_file_test (vckc_private_socket_get_path (socket), G_FILE_TEST_EXISTS));
  vckc_private_socket_free (socket);
  assert_nothing_left (fixture, false);
}

static void
test_cancelled (RunningFixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  begin (fixture);
  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  assert_list_fails (fixture, VCKC_ERROR_CANCELLED, "cancelled");
  g_cancellable_pop_current (cancellable);
  assert_nothing_left (fixture, false);
}

/* QEMU refuses, or is lost. */
static void
assert_peer_fails (RunningFixture *fixture,
                   const char *command,
                   const char *answer,
                   VckcErrorCode code,
                   const char *part)
{
  g_autofree char *nodes = running_make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "query-block-exports", "[]" },
                                    { command, answer },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;

  running_create (fixture, "a");
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  assert_list_fails (fixture, code, part);
}

static void
test_bitmap_in_use (RunningFixture *fixture, gconstpointer data)
{
  assert_peer_fails (fixture, "transaction",
                     "\"error\": {\"desc\": \"Bitmap 'a' is currently in use by another operation "
                     "and cannot be used\"}",
                     VCKC_ERROR_BUSY, "try again when that has ended");
}

static void
test_no_descriptors (RunningFixture *fixture, gconstpointer data)
{
  assert_peer_fails (fixture, "getfd", "\"error\": {\"desc\": \"No file descriptor supplied\"}",
                     VCKC_ERROR_OPERATION_FAILED, "No file descriptor supplied");
}

static void
test_lost (RunningFixture *fixture, gconstpointer data)
{
  assert_peer_fails (fixture, "block-export-add", QMP_PEER_DIES, VCKC_ERROR_SYSTEM_ERROR,
                     "the connection to the running QEMU was lost");
}

/* What is said to serve and does not. */
static void
test_lies (RunningFixture *fixture, gconstpointer data)
{
  assert_peer_fails (fixture, "x", "{}", VCKC_ERROR_SYSTEM_ERROR, "Connection refused");
}

static void
add (const char *path, void (*test) (RunningFixture *, gconstpointer))
{
  g_test_add (path, RunningFixture, NULL, running_set_up, test, running_tear_down);
}

int
main (int argc, char **argv)
{
  char *folder = image_fixture_new ();
  int result;

  /* What is left there is seen. */
  g_setenv ("TMPDIR", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  add ("/vck/running-extents/lists", test_lists);
  add ("/vck/running-extents/nothing-changed", test_nothing_changed);
  add ("/vck/running-extents/cursor-holds-nothing", test_cursor_holds_nothing);
  add ("/vck/running-extents/server-taken", test_server_taken);
  add ("/vck/running-extents/server-taken-after-a-kill", test_server_taken_after_a_kill);
  add ("/vck/running-extents/leftover-export", test_leftover_export);
  add ("/vck/running-extents/leftover-beside-others", test_leftover_beside_others);
  add ("/vck/running-extents/leftover-server", test_leftover_server);
  add ("/vck/running-extents/cancelled", test_cancelled);
  add ("/vck/running-extents/bitmap-in-use", test_bitmap_in_use);
  add ("/vck/running-extents/no-descriptors", test_no_descriptors);
  add ("/vck/running-extents/lost", test_lost);
  add ("/vck/running-extents/lies", test_lies);
  result = g_test_run ();
  image_fixture_remove (folder);
  return result;
}
