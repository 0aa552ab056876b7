/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `local:` with machines that start, stop, are lost, or are none: a real QEMU, and peers that do
 * what it never would. */

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "assert-error.h"
#include "base/lock.h"
#include "drivers/local/images/local-backend.h"
#include "drivers/local/machine/machine-qmp.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "machine-fixture.h"
#include "managed/engine.h"
#include "qmp-peer.h"

#define UUID "8a6e0f4e-0000-4000-8000-000000000002"

typedef struct
{
  char *folder;
  char *qmp; /* sockets */
  char *agent;
  char *images[2];
  guint n_files; /* open before the test */
  VckcConnect *connect;
  VckcDomain *domain;
  MachineFixture *machine; /* off at first */

  VckcMutex mutex; /* covers: */
  VckcCond told;
  int state; /* of the last event */

  int forbidden_state; /* must never be told */
} Fixture;

static VckcDomain *
define_from_disk (Fixture *fixture, const char *machine, guint first)
{
  static const char *const targets[] = { "vda", "vdb" };
  GString *xml = g_string_new ("<domain><name>vm</name><uuid>" UUID "</uuid>");
  VckcError *error = NULL;
  VckcDomain *domain;

  g_string_append_printf (xml, "<metadata>%s</metadata><devices>", machine);
  for (guint i = first; i < G_N_ELEMENTS (targets); i++)
    g_string_append_printf (xml,
                            "<disk type='file'><driver type='qcow2'/><source file='%s'/>"
                            "<target dev='%s'/></disk>",
                            fixture->images[i], targets[i]);
  g_string_append (xml, "</devices></domain>");
  domain = vckc_domain_define_xml (fixture->connect, xml->str, &error);
  g_string_free (xml, TRUE);
  assert_ok (domain != NULL, error);
  return domain;
}

static VckcDomain *
define (Fixture *fixture, const char *machine)
{
  return define_from_disk (fixture, machine, 0);
}

static char *
make_metadata (Fixture *fixture)
{
  return g_strdup_printf ("<m:machine xmlns:m='urn:vck:domain:1' qmp='%s'/>", fixture->qmp);
}

static MachineFixture *
make_machine (Fixture *fixture)
{
  g_autofree char *a = g_strdup_printf ("file=%s,if=none,id=a,format=qcow2", fixture->images[0]);
  g_autofree char *b = g_strdup_printf (
      "driver=qcow2,node-name=b,file.driver=file,file.filename=%s", fixture->images[1]);
  const char *const arguments[] = { "-drive", a, "-blockdev", b, NULL };

  return machine_fixture_new (fixture->qmp, arguments);
}

/* For machines and agents, in milliseconds. */
static void
set_timeout (Fixture *fixture, guint timeout)
{
  vckc_local_backend_set_timeouts (vckc_engine_get_backend (fixture->connect->driver_data), timeout,
                                   timeout);
}

/* With `data`, the agent is not part of the definition. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *uri = NULL;
  g_autofree char *metadata = NULL;
  VckcError *error = NULL;

  fixture->forbidden_state = -1;
  fixture->folder = image_fixture_new ();
  fixture->qmp = g_build_filename (fixture->folder, "qmp", NULL);
  fixture->agent = g_build_filename (fixture->folder, "qga", NULL);
  fixture->images[0] = image_fixture_make_image (fixture->folder, "a.qcow2", NULL);
  fixture->images[1] = image_fixture_make_image (fixture->folder, "b.qcow2", NULL);
  vckc_mutex_init (&fixture->mutex);
  vckc_cond_init (&fixture->told);
  fixture->n_files = image_fixture_count_files ();

  uri = g_strdup_printf ("local://%s/domains", fixture->folder);
  fixture->connect = vckc_connect_open (uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  set_timeout (fixture, 60 * 1000);
  metadata = g_strdup_printf ("<m:machine xmlns:m='urn:vck:domain:1' qmp='%s'%s%s%s/>",
                              fixture->qmp, data != NULL ? "" : " agent='",
                              data != NULL ? "" : fixture->agent, data != NULL ? "" : "'");
  fixture->domain = define (fixture, metadata);
  fixture->machine = make_machine (fixture);
}

/* The thread that told us last may be the one that closes the connection, and end after us. */
static void
await_files_closed (Fixture *fixture)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (image_fixture_count_files () != fixture->n_files)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_thread_yield ();
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  machine_fixture_free (fixture->machine);
  await_files_closed (fixture);
  image_fixture_assert_no_child ();
  vckc_cond_clear (&fixture->told);
  vckc_mutex_clear (&fixture->mutex);
  g_free (fixture->qmp);
  g_free (fixture->agent);
  g_free (fixture->images[0]);
  g_free (fixture->images[1]);
  image_fixture_remove (fixture->folder);
}

/* `disks`: the elements of those that the checkpoint is of; "" for all. */
static bool
try_create_of_disks (Fixture *fixture,
                     const char *name,
                     const char *disks,
                     unsigned int flags,
                     VckcError **err)
{
  g_autofree char *xml = g_strdup_printf (
      *disks != '\0' ? "<domaincheckpoint><name>%s</name><disks>%s</disks></domaincheckpoint>"
                     : "<domaincheckpoint><name>%s</name>%s</domaincheckpoint>",
      name, disks);
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_create_xml (fixture->domain, xml, flags, err);

  return checkpoint != NULL;
}

static bool
try_create (Fixture *fixture, const char *name, unsigned int flags, VckcError **err)
{
  return try_create_of_disks (fixture, name, "", flags, err);
}

static void
create_of_disks (Fixture *fixture, const char *name, const char *disks)
{
  VckcError *error = NULL;

  assert_ok (try_create_of_disks (fixture, name, disks, 0, &error), error);
}

static void
create (Fixture *fixture, const char *name)
{
  create_of_disks (fixture, name, "");
}

static bool
try_delete (Fixture *fixture, const char *name, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, err);

  return checkpoint != NULL && vckc_domain_checkpoint_delete (checkpoint, 0, err) == 0;
}

/* What verifying finds: the kinds, in order, each as a digit. */
static void
assert_findings (Fixture *fixture, const char *expected)
{
  g_autoptr (GString) kinds = g_string_new (NULL);
  VckcFinding **findings = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      g_string_append_printf (kinds, "%s%d", i > 0 ? " " : "",
                              (int) vckc_finding_get_kind (findings[i], NULL));
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  g_assert_cmpstr (kinds->str, ==, expected);
}

/* The first one concerns this, and says so. */
static void
assert_first_finding (Fixture *fixture, const char *checkpoint, const char *disk, const char *part)
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

/* Of all disks that it tracks. */
static gint64
get_size (Fixture *fixture, const char *name)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);
  VckcDomainCheckpointDisk **disks = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_checkpoint_list_disks (checkpoint, &disks, VCKC_CHECKPOINT_XML_SIZE, &error);
  gint64 size = 0;

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      size += MAX (0, vckc_domain_checkpoint_disk_get_size (disks[i], NULL));
      vckc_domain_checkpoint_disk_unref (disks[i], NULL);
    }
  free (disks);
  return size;
}

static int
count (Fixture *fixture)
{
  return vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL);
}

static int
get_state (Fixture *fixture)
{
  VckcDomainState state = VCKC_DOMAIN_STATE_NOSTATE;
  VckcError *error = NULL;

  assert_ok (vckc_domain_get_state (fixture->domain, &state, &error) == 0, error);
  return state;
}

/* --- starting and stopping --- */

static void
test_starts_and_stops (Fixture *fixture, gconstpointer data)
{
  create (fixture, "off");
  g_assert_cmpint (get_state (fixture), ==, VCKC_DOMAIN_STATE_SHUTOFF);
  machine_fixture_start (fixture->machine);
  g_assert_cmpint (get_state (fixture), ==, VCKC_DOMAIN_STATE_RUNNING);
  create (fixture, "on");
  machine_fixture_write (fixture->machine, "b", 0, 65536);
  g_assert_cmpint (get_size (fixture, "off"), ==, 65536);
  g_assert_cmpint (get_size (fixture, "on"), ==, 65536);
  assert_findings (fixture, "");

  machine_fixture_stop (fixture->machine);
  g_assert_cmpint (get_state (fixture), ==, VCKC_DOMAIN_STATE_SHUTOFF);
  assert_findings (fixture, "");
  g_assert_cmpint (get_size (fixture, "on"), ==, 65536);
  assert_ok (try_delete (fixture, "on", NULL), NULL);
  machine_fixture_start (fixture->machine);
  assert_ok (try_delete (fixture, "off", NULL), NULL);
  assert_findings (fixture, "");
}

/* What QEMU had in memory only is gone, and what it had in use is worthless: verifying says so. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *expected = g_strdup_printf (
      "%d %d %d %d", VCKC_FINDING_BITMAP_INCONSISTENT, VCKC_FINDING_BITMAP_INCONSISTENT,
      VCKC_FINDING_BITMAP_MISSING, VCKC_FINDING_BITMAP_MISSING);

  create (fixture, "old");
  machine_fixture_start (fixture->machine);
  create (fixture, "new");
  machine_fixture_kill (fixture->machine);
  assert_findings (fixture, expected);
  machine_fixture_start (fixture->machine);
  assert_findings (fixture, expected);
}

/* The machine was started anew on the same socket, by another process. */
static void
test_restarted (Fixture *fixture, gconstpointer data)
{
  machine_fixture_start (fixture->machine);
  create (fixture, "a");
  machine_fixture_stop (fixture->machine);
  machine_fixture_start (fixture->machine);
  create (fixture, "b");
  assert_findings (fixture, "");
}

/* --- finding disks --- */

/* Starts a machine with these disks in place of the usual ones; `%s` stands for the folder. */
static void
start_with (Fixture *fixture, const char *const *arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; arguments[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (arguments[i], "@", -1);
      g_autofree char *argument = g_strjoinv (fixture->folder, parts);

      g_strv_builder_add (builder, argument);
    }
  g_auto (GStrv) all = g_strv_builder_end (builder);
  g_clear_pointer (&fixture->machine, machine_fixture_free);
  fixture->machine = machine_fixture_new (fixture->qmp, (const char *const *) all);
  machine_fixture_start (fixture->machine);
}

static const char *const plain_b[] = { "-blockdev", "driver=qcow2,node-name=b,file.driver=file,"
                                                    "file.filename=@/b.qcow2" };

/* The name says nothing of the file when a node is changed from what the image says. */
static void
test_json_names (Fixture *fixture, gconstpointer data)
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
  start_with (fixture, arguments);
  create (fixture, "a");
  machine_fixture_write (fixture->machine, "t", 0, 65536);
  machine_fixture_write (fixture->machine, "y", 0, 65536);
  g_assert_cmpint (get_size (fixture, "a"), ==, 2 * 65536);
}

/* Names relative to the folder that QEMU was started in. */
static void
test_relative_names (Fixture *fixture, gconstpointer data)
{
  static const char *const arguments[] = { "-drive", "file=a.qcow2,if=none,id=a,format=qcow2",
                                           "-drive", "file=./b.qcow2,if=none,id=b,format=qcow2",
                                           NULL };
  g_autofree char *before = g_get_current_dir ();

  g_assert_cmpint (chdir (fixture->folder), ==, 0);
  start_with (fixture, arguments);
  g_assert_cmpint (chdir (before), ==, 0);
  create (fixture, "a");
  machine_fixture_write (fixture->machine, "a", 0, 65536);
  g_assert_cmpint (get_size (fixture, "a"), ==, 65536);
}

static void
make_overlay (Fixture *fixture)
{
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay.qcow2", NULL);
  const char *const argv[] = { "qemu-img", "create", "-q",    "-f",    "qcow2", "-b",
                               "a.qcow2",  "-F",     "qcow2", overlay, NULL };

  g_free (image_fixture_run (argv));
}

static void
test_backing_only (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-drive", "file=@/overlay.qcow2,if=none,id=a,format=qcow2",
                                    plain_b[0], plain_b[1], NULL };
  VckcError *error = NULL;

  make_overlay (fixture);
  start_with (fixture, arguments);
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "as a backing file only");
  g_assert_cmpint (count (fixture), ==, 0);
}

static void
test_not_attached_create (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { plain_b[0], plain_b[1], NULL };
  VckcError *error = NULL;

  start_with (fixture, arguments);
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "does not have disk 'vda' attached");
  g_assert_cmpint (count (fixture), ==, 0);
}

static void
assert_state (Fixture *fixture, const char *name, VckcCheckpointState expected)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);
  VckcCheckpointState state;
  VckcError *error = NULL;

  assert_ok (vckc_domain_checkpoint_get_state (checkpoint, &state, &error) == 0, error);
  g_assert_cmpint (state, ==, expected);
}

/* While the machine is off: a checkpoint of both disks, and one of each. */
static void
create_apart (Fixture *fixture)
{
  create (fixture, "both");
  create_of_disks (fixture, "first", "<disk name='vda'/><disk name='vdb' checkpoint='no'/>");
  create_of_disks (fixture, "second", "<disk name='vdb'/><disk name='vda' checkpoint='no'/>");
}

/* Verifying says which checkpoints it concerns, and looks at the others. */
static void
test_not_attached_verify (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { plain_b[0], plain_b[1], NULL };
  g_autofree char *expected =
      g_strdup_printf ("%d %d %d", VCKC_FINDING_DISK_UNREACHABLE, VCKC_FINDING_DISK_UNREACHABLE,
                       VCKC_FINDING_BITMAP_FOREIGN);

  create_apart (fixture);
  start_with (fixture, arguments);
  machine_fixture_add_bitmap (fixture->machine, "b", "foreign");
  assert_findings (fixture, expected);
  assert_first_finding (fixture, "both", "vda",
                        "the running machine does not have disk 'vda' attached");
  assert_state (fixture, "both", VCKC_CHECKPOINT_STATE_UNKNOWN);
  assert_state (fixture, "first", VCKC_CHECKPOINT_STATE_UNKNOWN);
  assert_state (fixture, "second", VCKC_CHECKPOINT_STATE_READY);
  machine_fixture_write (fixture->machine, "b", 0, 65536);
  g_assert_cmpint (get_size (fixture, "second"), ==, 65536);

  machine_fixture_remove_bitmap (fixture->machine, "b", "foreign");
  machine_fixture_stop (fixture->machine);
  assert_findings (fixture, "");
  assert_state (fixture, "both", VCKC_CHECKPOINT_STATE_READY);
}

/* What would have to change the disk is refused, and changes nothing; the rest works. */
static void
test_not_attached_delete (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { plain_b[0], plain_b[1], NULL };
  VckcError *error = NULL;

  create_apart (fixture);
  start_with (fixture, arguments);
  g_assert_false (try_delete (fixture, "both", &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "does not have disk 'vda' attached");
  error = NULL;
  g_assert_false (try_delete (fixture, "first", &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "does not have disk 'vda' attached");
  g_assert_cmpint (count (fixture), ==, 3);
  assert_ok (try_delete (fixture, "second", NULL), NULL);
  create_of_disks (fixture, "third", "<disk name='vdb'/><disk name='vda' checkpoint='no'/>");

  machine_fixture_stop (fixture->machine);
  assert_findings (fixture, "");
  g_assert_cmpint (count (fixture), ==, 3);
}

static void
repair (Fixture *fixture, int expected_done)
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
test_not_attached_repair (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { plain_b[0], plain_b[1], NULL };
  g_autofree char *expected =
      g_strdup_printf ("%d %d", VCKC_FINDING_DISK_UNREACHABLE, VCKC_FINDING_DISK_UNREACHABLE);
  g_autofree char *gone = g_strdup_printf ("%d %d", VCKC_FINDING_DISK_GONE, VCKC_FINDING_DISK_GONE);
  g_autofree char *metadata = make_metadata (fixture);

  create_apart (fixture);
  start_with (fixture, arguments);
  repair (fixture, 0);
  assert_findings (fixture, expected);
  g_assert_cmpint (count (fixture), ==, 3);

  vckc_domain_unref (define_from_disk (fixture, metadata, 1), NULL);
  assert_findings (fixture, gone);
  repair (fixture, 2);
  assert_findings (fixture, "");
  g_assert_cmpint (count (fixture), ==, 2);
  assert_state (fixture, "both", VCKC_CHECKPOINT_STATE_READY);
}

/* The machine has the image, but not to write to it: that is no better. */
static void
test_backing_only_verify (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-drive", "file=@/overlay.qcow2,if=none,id=a,format=qcow2",
                                    plain_b[0], plain_b[1], NULL };
  g_autofree char *expected =
      g_strdup_printf ("%d %d", VCKC_FINDING_DISK_UNREACHABLE, VCKC_FINDING_DISK_UNREACHABLE);

  create_apart (fixture);
  make_overlay (fixture);
  start_with (fixture, arguments);
  assert_findings (fixture, expected);
  assert_first_finding (fixture, "both", "vda", "as a backing file only");
  assert_state (fixture, "second", VCKC_CHECKPOINT_STATE_READY);
}

/* Of two nodes on one image, the disk is the one that the guest writes to, through filters too. */
static void
test_filters (Fixture *fixture, gconstpointer data)
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
    plain_b[0],
    plain_b[1],
    NULL
  };

  start_with (fixture, arguments);
  create (fixture, "a");
  machine_fixture_write (fixture->machine, "d", 0, 65536);
  g_assert_cmpint (get_size (fixture, "a"), ==, 65536);
  assert_findings (fixture, "");
}

/* And without any device the one that can be written to. */
static void
test_two_nodes (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-blockdev",
    "driver=qcow2,node-name=a,file.driver=file,file.filename=@/a.qcow2",
    "-blockdev",
    "driver=qcow2,node-name=reader,read-only=on,force-share=on,file.driver=file,"
    "file.filename=@/a.qcow2",
    plain_b[0],
    plain_b[1],
    NULL
  };

  start_with (fixture, arguments);
  create (fixture, "a");
  machine_fixture_write (fixture->machine, "a", 0, 65536);
  g_assert_cmpint (get_size (fixture, "a"), ==, 65536);
}

/* QEMU has the key of an image, which we have not. */
static void
test_encrypted (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-object",
    "secret,id=s,data=secret",
    "-blockdev",
    "driver=qcow2,node-name=a,encrypt.format=luks,encrypt.key-secret=s,file.driver=file,"
    "file.filename=@/a.qcow2",
    plain_b[0],
    plain_b[1],
    NULL
  };
  const char *const argv[] = { "qemu-img",
                               "create",
                               "-q",
                               "-f",
                               "qcow2",
                               "--object",
                               "secret,id=s,data=secret",
                               "-o",
                               "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
                               fixture->images[0],
                               "1M",
                               NULL };
  VckcError *error = NULL;

  g_free (image_fixture_run (argv));
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "is encrypted");
  start_with (fixture, arguments);
  create (fixture, "a");
  machine_fixture_write (fixture->machine, "a", 0, 65536);
  g_assert_cmpint (get_size (fixture, "a"), ==, 65536);
  assert_findings (fixture, "");
}

/* What QEMU cannot write to can be looked at, but gets no bitmap. */
static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = {
    "-blockdev", "driver=qcow2,node-name=a,read-only=on,file.driver=file,file.filename=@/a.qcow2",
    plain_b[0], plain_b[1], NULL
  };
  VckcError *error = NULL;

  create (fixture, "off");
  start_with (fixture, arguments);
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "of disk 'vda' open to read only");
  error = NULL;
  g_assert_false (try_delete (fixture, "off", &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED, "of disk 'vda' open to read only");
  assert_findings (fixture, "");
  g_assert_cmpint (count (fixture), ==, 1);
  machine_fixture_stop (fixture->machine);
  assert_findings (fixture, "");
}

static void
assert_saved (Fixture *fixture, const char *part)
{
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  error = NULL;
  g_assert_false (try_delete (fixture, "off", &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  error = NULL;
  g_assert_cmpint (vckc_domain_verify_checkpoints (fixture->domain, &findings, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  error = NULL;
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, part);
  g_assert_cmpint (count (fixture), ==, 1);
  machine_fixture_kill (fixture->machine);
  assert_findings (fixture, "");
}

/* QEMU has stored the bitmaps and forgotten them: that is no reason to take them for lost. */
static void
test_saved (Fixture *fixture, gconstpointer data)
{
  create (fixture, "off");
  machine_fixture_start (fixture->machine);
  machine_fixture_save (fixture->machine);
  assert_saved (fixture, "QEMU is in the state 'postmigrate'");
}

/* Or it has not loaded them yet. */
static void
test_incoming (Fixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { "-incoming", "defer",
                                    "-drive",    "file=@/a.qcow2,if=none,id=a,format=qcow2",
                                    plain_b[0],  plain_b[1],
                                    NULL };

  create (fixture, "off");
  start_with (fixture, arguments);
  assert_saved (fixture, "QEMU is in the state 'inmigrate'");
}

/* --- peers that are no QEMU, or do not stay --- */

/* A node for each image, with or without the bitmap 'a'. */
static char *
make_nodes (Fixture *fixture, bool with_bitmaps)
{
  static const char bitmap[] =
      "\"dirty-bitmaps\": [{\"name\": \"a\", \"granularity\": 65536, \"count\": 0, "
      "\"recording\": true, \"persistent\": true, \"busy\": false}], ";
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < 2; i++)
    g_string_append_printf (text,
                            "%s{\"node-name\": \"n%u\", \"drv\": \"qcow2\", %s\"image\": "
                            "{\"filename\": \"%s\", \"virtual-size\": 67108864}}",
                            i > 0 ? ", " : "", i, with_bitmaps ? bitmap : "", fixture->images[i]);
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The machine dies of the creation: that is undone without it. */
static void
test_lost_in_create (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running machine was lost");
  g_assert_cmpint (count (fixture), ==, 0);
  assert_findings (fixture, "");
  create (fixture, "a");
  assert_findings (fixture, "");
}

/* What is said to be done and is not there is no success. */
static void
test_lies (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_INTERNAL, "but it is not there");
  g_assert_cmpint (count (fixture), ==, 0);
  assert_findings (fixture, "");
}

/* Only the connection was lost: what was done is undone through a new one. */
static void
test_interrupted_create (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_HANGS_UP },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "closed the connection");
  g_assert_cmpint (count (fixture), ==, 0);
  assert_findings (fixture, "");
}

/* The machine dies of the deletion, and the bitmaps are all there: nothing has happened. */
static void
test_lost_in_delete (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;
  VckcError *error = NULL;

  create (fixture, "a");
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  g_assert_false (try_delete (fixture, "a", &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running machine was lost");
  g_assert_cmpint (count (fixture), ==, 1);
  assert_findings (fixture, "");
}

/* It had removed them before: then the deletion is completed. */
static void
test_lost_after_delete (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  const char *const argv[] = { "qemu-img", "bitmap", "--remove", fixture->images[0], "a", NULL };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;
  VckcError *error = NULL;

  create (fixture, "a");
  g_free (image_fixture_run (argv));
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  assert_ok (try_delete (fixture, "a", &error), error);
  g_assert_cmpint (count (fixture), ==, 0);
  assert_findings (fixture, "");
}

/* A change in the middle of a migration might come too late. */
static void
test_migrating (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "query-migrate", "{\"status\": \"active\"}" },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "QEMU says 'active'");
  g_assert_cmpint (count (fixture), ==, 0);
}

/* Nor is a bitmap stored that was made after QEMU gave the images away. */
static void
test_migrated_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autofree char *without = make_nodes (fixture, false);
  g_autofree char *with = make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", without },
                                    { "query-named-block-nodes", with },
                                    { "query-status", "{\"status\": \"running\"}" },
                                    { "query-status", "{\"status\": \"postmigrate\"}" },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "QEMU is in the state 'postmigrate'");
  g_assert_cmpint (count (fixture), ==, 0);
}

/* An image that only QEMU can see is known by its name. */
static void
test_unseen_image (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, true);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;

  create (fixture, "a");
  g_assert_cmpint (unlink (fixture->images[0]), ==, 0);
  peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  assert_findings (fixture, "");
}

/* One of which it cannot be told what it is makes no disk missing. */
static void
test_unknown_image (Fixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = {
    { "query-named-block-nodes",
      "[{\"node-name\": \"n\", \"drv\": \"qcow2\", \"image\": {\"filename\": "
      "\"nbd://localhost/a\", \"virtual-size\": 1048576}}]" },
    { NULL, NULL }
  };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_CONFIG_UNSUPPORTED,
                "it has 'nbd://localhost/a', which cannot be found from here");
}

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
test_odd_peer (Fixture *fixture, gconstpointer data)
{
  const OddPeer *odd = data;
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = NULL;
  VckcFinding **findings = NULL;
  VckcError *error = NULL;

  set_up (fixture, NULL);
  create (fixture, "first");
  peer = qmp_peer_new (fixture->qmp, odd->greeting, odd->answers);
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, odd->code, odd->message);
  error = NULL;
  g_assert_cmpint (vckc_domain_repair_checkpoints (fixture->domain, &findings, 0, &error), ==, -1);
  assert_error (error, odd->code, odd->message);
  g_clear_pointer (&peer, qmp_peer_free);
  g_assert_cmpint (count (fixture), ==, 1);
  assert_findings (fixture, "");
  tear_down (fixture, NULL);
}

/* Another program has the socket for itself. */
static void
test_socket_taken (Fixture *fixture, gconstpointer data)
{
  const VckcMachineOptions options = vckc_machine_options (0, 60 * 1000, -1);
  g_autoptr (VckcQmpClient) other = NULL;
  VckcDomainState state;
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  set_timeout (fixture, 50);
  assert_ok (vckc_machine_connect (fixture->qmp, &options, &other, &error), error);
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "keeps that socket for itself");
  error = NULL;
  g_assert_cmpint (vckc_domain_get_state (fixture->domain, &state, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, "cannot find out what domain 'vm' is doing");
  g_assert_cmpint (count (fixture), ==, 0);
}

/* --- waiting --- */

/* Who does not answer in time is not asked again. */
static void
test_silent (Fixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "query-status", QMP_PEER_IS_SILENT }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  VckcDomainState state;
  VckcError *error = NULL;

  set_timeout (fixture, 50);
  g_assert_false (try_create (fixture, "a", 0, &error));
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
create_cancelled (Fixture *fixture, QmpPeer *peer, const char *commands, int code, const char *part)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Canceller canceller = { peer, commands, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_cb, &canceller);
  VckcError *error = NULL;

  g_cancellable_push_current (cancellable);
  g_assert_false (try_create (fixture, "a", 0, &error));
  g_cancellable_pop_current (cancellable);
  g_thread_join (thread);
  assert_error (error, code, part);
  g_assert_cmpint (count (fixture), ==, 0);
}

/* Until something is changed, waiting can be cancelled. */
static void
test_cancel_query (Fixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "query-status", QMP_PEER_IS_SILENT }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  create_cancelled (fixture, peer, "query-status", VCKC_ERROR_CANCELLED, "nothing was changed");
}

/* But what was sent is waited for. */
static void
test_cancel_too_late (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_IS_SILENT },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  set_timeout (fixture, 500);
  create_cancelled (fixture, peer,
                    "query-status query-migrate query-named-block-nodes query-blockstats "
                    "transaction",
                    VCKC_ERROR_SYSTEM_ERROR, "did not answer 'transaction'");
}

/* Cancels when somebody connects, whom it does not greet. */
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
test_cancel_greeting (Fixture *fixture, gconstpointer data)
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

/* After a change that was not answered the machine is not waited for once more: the next call sees
 * to what was left. */
static void
test_silent_change (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "transaction", QMP_PEER_STALLS },
                                    { NULL, NULL } };
  g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  gint64 begin = g_get_monotonic_time ();
  VckcError *error = NULL;

  set_timeout (fixture, 3000);
  g_assert_false (try_create (fixture, "a", 0, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "did not answer 'transaction'");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5500 * 1000);
  g_assert_cmpint (count (fixture), ==, 0);
  g_clear_pointer (&peer, qmp_peer_free);
  create (fixture, "a");
  assert_findings (fixture, "");
}

/* --- states --- */

static void
event_cb (const VckcEvent *event, void *opaque)
{
  Fixture *fixture = opaque;

  if (event->type != VCKC_EVENT_DOMAIN_STATE)
    return;
  g_assert_cmpint (event->state, !=, fixture->forbidden_state);
  vckc_mutex_lock (&fixture->mutex);
  fixture->state = event->state;
  vckc_cond_broadcast (&fixture->told);
  vckc_mutex_unlock (&fixture->mutex);
}

static void
subscribe (Fixture *fixture)
{
  g_assert_cmpint (vckc_connect_subscribe (fixture->connect, event_cb, fixture, NULL, NULL), >, 0);
}

static void
await_state (Fixture *fixture, int state)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  vckc_mutex_lock (&fixture->mutex);
  while (fixture->state != state)
    g_assert_true (vckc_cond_wait_until (&fixture->told, &fixture->mutex, deadline));
  vckc_mutex_unlock (&fixture->mutex);
}

static void
test_state_events (Fixture *fixture, gconstpointer data)
{
  fixture->forbidden_state = VCKC_DOMAIN_STATE_NOSTATE;
  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  machine_fixture_run (fixture->machine, "stop", NULL);
  await_state (fixture, VCKC_DOMAIN_STATE_PAUSED);
  create (fixture, "paused");
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
test_state_unknown (Fixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { NULL, NULL } };
  g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, "{\"hello\": 1}\n", answers);

  fixture->state = VCKC_DOMAIN_STATE_SHUTOFF;
  subscribe (fixture);
  await_state (fixture, VCKC_DOMAIN_STATE_NOSTATE);
  g_clear_pointer (&peer, qmp_peer_free);
  await_state (fixture, VCKC_DOMAIN_STATE_SHUTOFF);
}

/* Who asks is told the truth at once, and so are subscribers. */
static void
test_state_asked (Fixture *fixture, gconstpointer data)
{
  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  g_assert_cmpint (get_state (fixture), ==, VCKC_DOMAIN_STATE_RUNNING);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  machine_fixture_run (fixture->machine, "stop", NULL);
  g_assert_cmpint (get_state (fixture), ==, VCKC_DOMAIN_STATE_PAUSED);
  g_assert_cmpint (
      vckc_connect_list_all_domains (fixture->connect, NULL, VCKC_DOMAIN_LIST_ACTIVE, NULL), ==, 1);
  machine_fixture_stop (fixture->machine);
  g_assert_cmpint (
      vckc_connect_list_all_domains (fixture->connect, NULL, VCKC_DOMAIN_LIST_ACTIVE, NULL), ==, 0);
}

/* A machine that is defined while others are followed is followed too, and one whose socket is
 * taken out of its definition is not. */
static void
test_state_redefined (Fixture *fixture, gconstpointer data)
{
  g_autofree char *metadata = make_metadata (fixture);
  g_autoptr (VckcDomain) without = define (fixture, "");
  g_autoptr (VckcDomain) with = NULL;

  subscribe (fixture);
  machine_fixture_start (fixture->machine);
  g_assert_cmpint (get_state (fixture), ==, VCKC_DOMAIN_STATE_SHUTOFF);
  with = define (fixture, metadata);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
  vckc_domain_unref (g_steal_pointer (&without), NULL);
  without = define (fixture, "");
  await_state (fixture, VCKC_DOMAIN_STATE_SHUTOFF);
}

/* Who follows a machine lets others in, in this process and in others. */
static void
test_state_lets_in (Fixture *fixture, gconstpointer data)
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

      create (fixture, name);
      assert_ok (vckc_machine_connect (fixture->qmp, &options, &other, &error), error);
      g_assert_nonnull (other);
    }
  machine_fixture_run (fixture->machine, "stop", NULL);
  await_state (fixture, VCKC_DOMAIN_STATE_PAUSED);
}

static void
event_closes_cb (const VckcEvent *event, void *opaque)
{
  Fixture *fixture = opaque;

  if (event->type == VCKC_EVENT_DOMAIN_STATE)
    vckc_connect_close (fixture->connect, NULL);
  event_cb (event, opaque);
}

/* The thread that tells may be the one that ends what it tells of. */
static void
test_state_close_inside (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (vckc_connect_subscribe (fixture->connect, event_closes_cb, fixture, NULL, NULL),
                   >, 0);
  machine_fixture_start (fixture->machine);
  await_state (fixture, VCKC_DOMAIN_STATE_RUNNING);
}

/* A machine that tells of nothing but events is not listened to without end. */
static void
test_state_flood (Fixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "query-status", QMP_PEER_FLOODS }, { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);

  subscribe (fixture);
  qmp_peer_assert_commands (peer, "query-status few-events");
}

/* --- the guest's agent --- */

static const QmpPeerAnswer good_agent[] = { { "guest-fsfreeze-freeze", "1" },
                                            { "guest-fsfreeze-thaw", "1" },
                                            { NULL, NULL } };

static void
test_quiesce (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  assert_ok (try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error), error);
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
  assert_findings (fixture, "");
}

static void
test_quiesce_off (Fixture *fixture, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_INVALID, "is not running");
  qmp_peer_assert_commands (agent, "");
}

static void
test_quiesce_not_named (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_UNSUPPORTED, "into its <metadata>");
  g_assert_cmpint (count (fixture), ==, 0);
}

static void
test_quiesce_nobody (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "nobody listens");
  g_assert_cmpint (count (fixture), ==, 0);
  assert_findings (fixture, "");
}

/* Frozen, but then the machine is lost: thawed all the same. */
static void
test_quiesce_lost (Fixture *fixture, gconstpointer data)
{
  g_autofree char *nodes = make_nodes (fixture, false);
  const QmpPeerAnswer answers[] = { { "query-named-block-nodes", nodes },
                                    { "query-status", "{\"status\": \"running\"}" },
                                    { "transaction", QMP_PEER_DIES },
                                    { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) peer = qmp_peer_new (fixture->qmp, QMP_PEER_GREETING, answers);
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", good_agent);
  VckcError *error = NULL;

  g_assert_false (try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "the connection to the running machine was lost");
  qmp_peer_assert_commands (agent, "guest-fsfreeze-freeze guest-fsfreeze-thaw");
  assert_findings (fixture, "");
}

/* The guest stays frozen: that is no success. */
static void
test_quiesce_stays_frozen (Fixture *fixture, gconstpointer data)
{
  static const QmpPeerAnswer answers[] = { { "guest-fsfreeze-freeze", "1" },
                                           { "guest-fsfreeze-thaw", QMP_PEER_HANGS_UP },
                                           { NULL, NULL } };
  G_GNUC_UNUSED g_autoptr (QmpPeer) agent = qmp_peer_new_agent (fixture->agent, "", answers);
  VckcError *error = NULL;

  machine_fixture_start (fixture->machine);
  g_assert_false (try_create (fixture, "a", VCKC_CHECKPOINT_CREATE_QUIESCE, &error));
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "may still be frozen");
  g_assert_cmpint (count (fixture), ==, 0);
  assert_findings (fixture, "");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/running/" name, Fixture, NULL, set_up, function, tear_down)

static void
add_odd_peers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (odd_peers); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/running/peer/", odd_peers[i].name, NULL);

      g_test_add (path, Fixture, &odd_peers[i], NULL, test_odd_peer, NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("starts-and-stops", test_starts_and_stops);
  ADD ("killed", test_killed);
  ADD ("restarted", test_restarted);
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
  ADD ("saved", test_saved);
  ADD ("incoming", test_incoming);
  ADD ("migrating", test_migrating);
  ADD ("migrated-meanwhile", test_migrated_meanwhile);
  ADD ("unseen-image", test_unseen_image);
  ADD ("unknown-image", test_unknown_image);
  ADD ("lost-in-create", test_lost_in_create);
  ADD ("lies", test_lies);
  ADD ("interrupted-create", test_interrupted_create);
  ADD ("lost-in-delete", test_lost_in_delete);
  ADD ("lost-after-delete", test_lost_after_delete);
  add_odd_peers ();
  ADD ("socket-taken", test_socket_taken);
  ADD ("silent", test_silent);
  ADD ("silent-change", test_silent_change);
  ADD ("cancel/query", test_cancel_query);
  ADD ("cancel/too-late", test_cancel_too_late);
  ADD ("cancel/greeting", test_cancel_greeting);
  ADD ("state/events", test_state_events);
  ADD ("state/unknown", test_state_unknown);
  ADD ("state/asked", test_state_asked);
  ADD ("state/redefined", test_state_redefined);
  ADD ("state/lets-in", test_state_lets_in);
  ADD ("state/flood", test_state_flood);
  ADD ("state/close-inside", test_state_close_inside);
  ADD ("quiesce/works", test_quiesce);
  ADD ("quiesce/off", test_quiesce_off);
  g_test_add ("/vck/running/quiesce/not-named", Fixture, "", set_up, test_quiesce_not_named,
              tear_down);
  ADD ("quiesce/nobody", test_quiesce_nobody);
  ADD ("quiesce/lost", test_quiesce_lost);
  ADD ("quiesce/stays-frozen", test_quiesce_stays_frozen);
  return g_test_run ();
}
