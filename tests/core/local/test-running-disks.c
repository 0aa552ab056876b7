/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which block node of a running QEMU is which disk. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image-fixture.h"
#include "qmp-peer.h"
#include "running-fixture.h"

/* The first one concerns this, and says so. */
static void
assert_first_finding (RunningFixture *fixture,
                      const char *checkpoint,
                      const char *disk,
                      const char *part)
{
  VckcFinding **findings = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, NULL);

  g_assert_cmpint (n, >, 0);
  g_assert_cmpstr (vckc_finding_get_checkpoint (findings[0], NULL), ==, checkpoint);
  g_assert_cmpstr (vckc_finding_get_disk (findings[0], NULL), ==, disk);
  if (strstr (vckc_finding_get_message (findings[0], NULL), part) == NULL)
    g_error ("no '%s' in '%s'", part, vckc_finding_get_message (findings[0], NULL));
  for (int i = 0; i < n; i++)
    vckc_finding_unref (findings[i], NULL);
  free (findings);
}

/* A checkpoint of the disks cannot be created, which changes nothing. */
static void
assert_refused (RunningFixture *fixture, const char *part)
{
  int before = running_count (fixture);
  VckcError *error = NULL;

  g_assert_false (running_try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, part);
  g_assert_cmpint (running_count (fixture), ==, before);
}

/* Creates the checkpoint `a`, which then has what the guest writes to a node. */
static void
create_and_write (RunningFixture *fixture, const char *node)
{
  running_create (fixture, "a");
  machine_fixture_write (fixture->machine, node, 0, 65536);
  g_assert_cmpint (running_get_size (fixture, "a"), ==, 65536);
}

/* The name says nothing of the file when a node is changed from what the image says. */
static void
test_json_names (RunningFixture *fixture, gconstpointer data)
{
  static const char *const arguments[] = {
    "-blockdev",
    "{\"driver\": \"qcow2\", \"node-name\": \"x\", \"backing\": null, \"discard\": \"unmap\","
    " \"overlap-check\": \"none\", \"file\": {\"driver\": \"file\", \"locking\": \"on\","
    " \"filename\": \"@/a.qcow2\"}}",
    "-object",
    "throttle-group,id=g",
    "-blockdev",
    "driver=throttle,node-name=t,throttle-group=g,file=x",
    "-blockdev",
    "driver=file,node-name=f,filename=@/link.qcow2",
    "-blockdev",
    "driver=qcow2,node-name=y,file=f",
    NULL
  };
  g_autofree char *link = g_build_filename (fixture->folder, "link.qcow2", NULL);

  g_assert_cmpint (symlink (fixture->images[1], link), ==, 0);
  running_start_with (fixture, arguments);
  running_create (fixture, "a");
  machine_fixture_write (fixture->machine, "t", 0, 65536);
  machine_fixture_write (fixture->machine, "y", 0, 65536);
  g_assert_cmpint (running_get_size (fixture, "a"), ==, 2 * 65536);
}

/* Names relative to the folder that QEMU was started in. */
static void
test_relative_names (RunningFixture *fixture, gconstpointer data)
{
  static const char *const arguments[] = { "-drive", "file=a.qcow2,if=none,id=a,format=qcow2",
                                           "-drive", "file=./b.qcow2,if=none,id=b,format=qcow2",
                                           NULL };
  g_autofree char *before = g_get_current_dir ();

  g_assert_cmpint (chdir (fixture->folder), ==, 0);
  running_start_with (fixture, arguments);
  g_assert_cmpint (chdir (before), ==, 0);
  create_and_write (fixture, "a");
}

static void
make_overlay (RunningFixture *fixture)
{
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay.qcow2", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",    "-f",    "qcow2", "-b",
                               "a.qcow2",  "-F",     "qcow2", overlay, NULL };

  g_free (image_fixture_run (argv));
}

static void
test_backing_only (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-drive", "file=@/overlay.qcow2,if=none,id=a,format=qcow2",
                                    running_plain_b[0], running_plain_b[1], NULL };

  make_overlay (fixture);
  running_start_with (fixture, arguments);
  assert_refused (fixture, "as a backing file only");
}

static void
test_not_attached_create (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { running_plain_b[0], running_plain_b[1], NULL };

  running_start_with (fixture, arguments);
  assert_refused (fixture, "does not have disk 'vda' attached");
}

static void
assert_state (RunningFixture *fixture, const char *name, VckcCheckpointState expected)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);
  VckcCheckpointState state;
  VckcError *error = NULL;

  assert_ok (vckc_domain_checkpoint_get_state (checkpoint, &state, &error) == 0, error);
  g_assert_cmpint (state, ==, expected);
}

/* While QEMU is off: a checkpoint of both disks, and one of each. */
static void
create_apart (RunningFixture *fixture)
{
  running_create (fixture, "both");
  running_create_of_disks (fixture, "first",
                           "<disk name='vda'/><disk name='vdb' checkpoint='no'/>");
  running_create_of_disks (fixture, "second",
                           "<disk name='vdb'/><disk name='vda' checkpoint='no'/>");
}

/* Verifying says which checkpoints it concerns, and looks at the others. */
static void
test_not_attached_verify (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { running_plain_b[0], running_plain_b[1], NULL };
  g_autofree char *expected =
      g_strdup_printf ("%d %d %d", VCKC_FINDING_DISK_UNREACHABLE, VCKC_FINDING_DISK_UNREACHABLE,
                       VCKC_FINDING_BITMAP_FOREIGN);

  create_apart (fixture);
  running_start_with (fixture, arguments);
  machine_fixture_add_bitmap (fixture->machine, "b", "foreign");
  running_assert_findings (fixture, expected);
  assert_first_finding (fixture, "both", "vda",
                        "the running QEMU does not have disk 'vda' attached");
  assert_state (fixture, "both", VCKC_CHECKPOINT_STATE_UNKNOWN);
  assert_state (fixture, "first", VCKC_CHECKPOINT_STATE_UNKNOWN);
  assert_state (fixture, "second", VCKC_CHECKPOINT_STATE_READY);
  machine_fixture_write (fixture->machine, "b", 0, 65536);
  g_assert_cmpint (running_get_size (fixture, "second"), ==, 65536);

  machine_fixture_remove_bitmap (fixture->machine, "b", "foreign");
  machine_fixture_stop (fixture->machine);
  running_assert_findings (fixture, "");
  assert_state (fixture, "both", VCKC_CHECKPOINT_STATE_READY);
}

/* What would have to change the disk is refused, and changes nothing; the rest works. */
static void
test_not_attached_delete (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { running_plain_b[0], running_plain_b[1], NULL };
  VckcError *error = NULL;

  create_apart (fixture);
  running_start_with (fixture, arguments);
  g_assert_false (running_try_delete (fixture, "both", &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "does not have disk 'vda' attached");
  error = NULL;
  g_assert_false (running_try_delete (fixture, "first", &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "does not have disk 'vda' attached");
  g_assert_cmpint (running_count (fixture), ==, 3);
  assert_ok (running_try_delete (fixture, "second", NULL), NULL);
  running_create_of_disks (fixture, "third",
                           "<disk name='vdb'/><disk name='vda' checkpoint='no'/>");

  machine_fixture_stop (fixture->machine);
  running_assert_findings (fixture, "");
  g_assert_cmpint (running_count (fixture), ==, 3);
}

static void
repair (RunningFixture *fixture, int expected_done)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error);

  int n_done = 0;

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      if (vckc_finding_get_outcome (findings[i], NULL) == VCKC_FINDING_OUTCOME_DONE)
        n_done++;
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  g_assert_cmpint (n_done, ==, expected_done);
}

/* Repairing does not let go of a disk that may be attached again, but of one that is taken out. */
static void
test_not_attached_repair (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { running_plain_b[0], running_plain_b[1], NULL };
  g_autofree char *expected =
      g_strdup_printf ("%d %d", VCKC_FINDING_DISK_UNREACHABLE, VCKC_FINDING_DISK_UNREACHABLE);
  g_autofree char *gone = g_strdup_printf ("%d %d", VCKC_FINDING_DISK_GONE, VCKC_FINDING_DISK_GONE);
  g_autofree char *metadata = running_make_metadata (fixture);

  create_apart (fixture);
  running_start_with (fixture, arguments);
  repair (fixture, 0);
  running_assert_findings (fixture, expected);
  g_assert_cmpint (running_count (fixture), ==, 3);

  vckc_domain_unref (running_define_from_disk (fixture, metadata, 1), NULL);
  running_assert_findings (fixture, gone);
  repair (fixture, 2);
  running_assert_findings (fixture, "");
  g_assert_cmpint (running_count (fixture), ==, 2);
  assert_state (fixture, "both", VCKC_CHECKPOINT_STATE_READY);
}

/* QEMU has the image, but cannot write to it: that makes no difference. */
static void
test_backing_only_verify (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-drive", "file=@/overlay.qcow2,if=none,id=a,format=qcow2",
                                    running_plain_b[0], running_plain_b[1], NULL };
  g_autofree char *expected =
      g_strdup_printf ("%d %d", VCKC_FINDING_DISK_UNREACHABLE, VCKC_FINDING_DISK_UNREACHABLE);

  create_apart (fixture);
  make_overlay (fixture);
  running_start_with (fixture, arguments);
  running_assert_findings (fixture, expected);
  assert_first_finding (fixture, "both", "vda", "as a backing file only");
  assert_state (fixture, "second", VCKC_CHECKPOINT_STATE_READY);
}

/* Of two nodes on one image, the disk is the one that the guest writes to, through filters too. */
static void
test_filters (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-object",
    "throttle-group,id=g",
    "-blockdev",
    "driver=qcow2,node-name=reader,read-only=on,force-share=on,file.driver=file,"
    "file.filename=@/a.qcow2",
    "-drive",
    "if=none,id=d,driver=throttle,throttle-group=g,file.driver=copy-on-read,"
    "file.file.driver=qcow2,file.file.file.driver=throttle,file.file.file.throttle-group=g,"
    "file.file.file.file.driver=file,file.file.file.file.filename=@/a.qcow2",
    running_plain_b[0],
    running_plain_b[1],
    NULL
  };

  running_start_with (fixture, arguments);
  create_and_write (fixture, "d");
  running_assert_findings (fixture, "");
}

/* And without any device the one that can be written to. */
static void
test_two_nodes (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-blockdev",
    "driver=qcow2,node-name=a,file.driver=file,file.filename=@/a.qcow2",
    "-blockdev",
    "driver=qcow2,node-name=reader,read-only=on,force-share=on,file.driver=file,"
    "file.filename=@/a.qcow2",
    running_plain_b[0],
    running_plain_b[1],
    NULL
  };

  running_start_with (fixture, arguments);
  create_and_write (fixture, "a");
}

/* QEMU has the key of an image, which we have not. */
static void
test_encrypted (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-object",
    "secret,id=s,data=secret",
    "-blockdev",
    "driver=qcow2,node-name=a,encrypt.format=luks,encrypt.key-secret=s,file.driver=file,"
    "file.filename=@/a.qcow2",
    running_plain_b[0],
    running_plain_b[1],
    NULL
  };

  image_fixture_make_encrypted (fixture->images[0], "1M");
  assert_refused (fixture, "is encrypted");
  running_start_with (fixture, arguments);
  create_and_write (fixture, "a");
  running_assert_findings (fixture, "");
}

/* What QEMU cannot write to can be looked at, but gets no bitmap. */
static void
test_read_only (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-blockdev", "driver=qcow2,node-name=a,read-only=on,file.driver=file,file.filename=@/a.qcow2",
    running_plain_b[0], running_plain_b[1], NULL
  };
  VckcError *error = NULL;

  running_create (fixture, "off");
  running_start_with (fixture, arguments);
  assert_refused (fixture, "of disk 'vda' open to read only");
  g_assert_false (running_try_delete (fixture, "off", &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "of disk 'vda' open to read only");
  running_assert_findings (fixture, "");
  g_assert_cmpint (running_count (fixture), ==, 1);
  machine_fixture_stop (fixture->machine);
  running_assert_findings (fixture, "");
}

/* An image that only QEMU can see is known by its name. */
static void
test_unseen_image (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = running_make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;

  running_create (fixture, "a");
  g_assert_cmpint (unlink (fixture->images[0]), ==, 0);
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  running_assert_findings (fixture, "");
}

/* An image that cannot be identified makes no disk missing. */
static void
test_unknown_image (RunningFixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = {
    { "query-named-block-nodes",
      "[{\"node-name\": \"n\", \"drv\": \"qcow2\", \"image\": {\"filename\": "
      "\"nbd://localhost/a\", \"virtual-size\": 1048576}}]" },
    { NULL, NULL }
  };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  assert_refused (fixture, "it has 'nbd://localhost/a', which cannot be found from here");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/running-disks/" name, RunningFixture, NULL, running_set_up, function,          \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("json-names", test_json_names);
  ADD ("relative-names", test_relative_names);
  ADD ("backing-only", test_backing_only);
  ADD ("backing-only/verify", test_backing_only_verify);
  ADD ("not-attached/create", test_not_attached_create);
  ADD ("not-attached/verify", test_not_attached_verify);
  ADD ("not-attached/delete", test_not_attached_delete);
  ADD ("not-attached/repair", test_not_attached_repair);
  ADD ("filters", test_filters);
  ADD ("two-nodes", test_two_nodes);
  ADD ("encrypted", test_encrypted);
  ADD ("read-only", test_read_only);
  ADD ("unseen-image", test_unseen_image);
  ADD ("unknown-image", test_unknown_image);
  return g_test_run ();
}
