/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups in pull mode of simulated disks: what a reader sees is what was written, when it was. */

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert-error.h"
#include "drivers/memory/testing/memory-hooks.h"
#include "handles/job-info.h"
#include "image-fixture.h"
#include "memory-expected.h"
#include "pull-client.h"

#define DISKS 2
#define BLOCK MEMORY_BLOCK
#define ROUNDS 4

static const char *const targets[DISKS] = { "vda", "vdb" };

typedef struct
{
  char *folder;
  char *uri;
  char *socket;
  char *server; /* for clients */
  VckcConnect *connect;
  VckcDomain *domain;
  gint n_started; /* events */
  gint n_ended;
  gint last_state;
  MemoryExpected expected[DISKS];
  bool changed[DISKS][MEMORY_BLOCKS]; /* since the last backup */
} Fixture;

static void
event_cb (const VckcEvent *event, void *opaque)
{
  Fixture *fixture = opaque;

  if (event->type == VCKC_EVENT_JOB_STARTED)
    g_atomic_int_inc (&fixture->n_started);
  if (event->type != VCKC_EVENT_JOB_ENDED)
    return;
  g_atomic_int_set (&fixture->last_state, vckc_job_info_get_state (event->job, NULL));
  g_atomic_int_inc (&fixture->n_ended);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static guint n_uris;

  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("memory:///pull%u", ++n_uris);
  fixture->socket = g_build_filename (fixture->folder, "nbd", NULL);
  fixture->server = g_strdup_printf ("server.type=unix,server.path=%s", fixture->socket);
  fixture->connect = vckc_connect_open (fixture->uri, 0, NULL);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", NULL);
  g_assert_nonnull (fixture->domain);
  g_assert_cmpint (vckc_connect_subscribe (fixture->connect, event_cb, fixture, NULL, NULL), >=, 0);
}

static void
disconnect (Fixture *fixture)
{
  if (fixture->connect == NULL)
    return;
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_close (fixture->connect, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  fixture->connect = NULL;
}

static void
assert_nothing_is_left (Fixture *fixture)
{
  g_assert_false (g_file_test (fixture->socket, G_FILE_TEST_EXISTS));
  image_fixture_assert_no_child ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  disconnect (fixture);
  assert_nothing_is_left (fixture);
  g_free (fixture->server);
  g_free (fixture->socket);
  g_free (fixture->uri);
  image_fixture_remove (fixture->folder);
}

/* Has another connection do that. */
static void
query (Fixture *fixture, const char *text)
{
  g_autofree char *uri = g_strdup_printf ("%s?%s", fixture->uri, text);
  VckcError *error = NULL;
  VckcConnect *connect = vckc_connect_open (uri, 0, &error);

  assert_ok (connect != NULL, error);
  vckc_connect_close (connect, NULL);
  vckc_connect_unref (connect, NULL);
}

static void
write_disk (Fixture *fixture, guint disk, guint64 offset, guint64 length)
{
  g_assert_true (vckc_memory_write (fixture->domain, targets[disk], offset, length));
  memory_expected_note (&fixture->expected[disk], offset, length);
  for (guint64 i = offset / BLOCK; i <= (offset + length - 1) / BLOCK; i++)
    fixture->changed[disk][i] = true;
}

static void
write_at_random (Fixture *fixture)
{
  for (guint i = 0; i < DISKS; i++)
    for (int n = g_test_rand_int_range (0, 6); n > 0; n--)
      {
        guint64 offset = (guint64) g_test_rand_int_range (0, MEMORY_CAPACITY - 1);

        write_disk (fixture, i, offset,
                    MIN ((guint64) g_test_rand_int_range (1, 8 * BLOCK), MEMORY_CAPACITY - offset));
      }
}

/* `rest`: what follows the server in the document. */
static bool
try_begin (Fixture *fixture, const char *name, const char *rest, VckcError **err)
{
  g_autofree char *xml =
      g_strdup_printf ("<domainbackup mode='pull'><server transport='unix' socket='%s'/>%s"
                       "</domainbackup>",
                       fixture->socket, rest);
  g_autofree char *checkpoint =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);

  return vckc_domain_backup_begin (fixture->domain, xml, checkpoint, 0, err) == 0;
}

static void
begin (Fixture *fixture, const char *name, const char *base)
{
  g_autofree char *rest =
      base != NULL ? g_strdup_printf ("<incremental>%s</incremental>", base) : g_strdup ("");
  VckcError *error = NULL;
  bool begun = try_begin (fixture, name, rest, &error);

  assert_ok (begun, error);
}

/* Waits for the end; returns why it failed. */
static char *
wait_for (Fixture *fixture, VckcJobState state)
{
  VckcError *error = NULL;
  g_autoptr (VckcJobInfo) info = vckc_domain_wait_job (fixture->domain, &error);

  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, state);
  return g_strdup (vckc_job_info_get_error (info, NULL));
}

static void
end (Fixture *fixture)
{
  VckcError *error = NULL;
  bool aborted = vckc_domain_abort_job (fixture->domain, &error) == 0;

  assert_ok (aborted, error);
  g_assert_null (wait_for (fixture, VCKC_JOB_STATE_DONE));
  assert_nothing_is_left (fixture);
}

static void
assert_has_checkpoint (Fixture *fixture, const char *name, bool expected)
{
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, NULL);

  g_assert_true ((checkpoint != NULL) == expected);
  if (checkpoint != NULL)
    vckc_domain_checkpoint_unref (checkpoint, NULL);
}

static void
assert_content (Fixture *fixture, const char *server, guint disk, const char *export_name)
{
  g_autofree char *options = g_strdup_printf ("driver=nbd,export=%s,%s", export_name, server);

  memory_expected_compare (&fixture->expected[disk], fixture->folder, options);
}

static void
assert_changed (Fixture *fixture, guint disk, const char *export_name, const char *bitmap)
{
  g_autoptr (GArray) dirty = pull_client_list_dirty (fixture->server, export_name, bitmap);
  guint n = 0;

  for (guint i = 0; i < MEMORY_BLOCKS;)
    {
      const VckcExtent *extent;
      guint last = i;

      while (last < MEMORY_BLOCKS && fixture->changed[disk][last])
        last++;
      if (last == i)
        {
          i++;
          continue;
        }
      g_assert_cmpuint (n, <, dirty->len);
      extent = &g_array_index (dirty, VckcExtent, n++);
      g_assert_cmpuint (extent->offset, ==, (guint64) i * BLOCK);
      g_assert_cmpuint (extent->length, ==, (guint64) (last - i) * BLOCK);
      i = last;
    }
  g_assert_cmpuint (n, ==, dirty->len);
}

/* What is written while it is offered is not seen, and is what the next one begins with. */
static void
test_truth (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autofree char *name = g_strdup_printf ("p%u", round);
      g_autofree char *base = round > 0 ? g_strdup_printf ("p%u", round - 1) : NULL;

      write_at_random (fixture);
      begin (fixture, name, base);
      g_assert_true (vckc_memory_write (fixture->domain, "vdb", 3 * BLOCK, BLOCK));
      for (guint i = 0; i < DISKS; i++)
        {
          g_autofree char *bitmap = g_strdup_printf ("backup-%s", targets[i]);

          assert_content (fixture, fixture->server, i, targets[i]);
          if (base != NULL)
            assert_changed (fixture, i, targets[i], bitmap);
        }
      end (fixture);
      memset (fixture->changed, 0, sizeof fixture->changed);
      memory_expected_note (&fixture->expected[1], 3 * BLOCK, BLOCK);
      fixture->changed[1][3] = true;
    }
}

/* A write that the URI asks for is one to disks that were not used yet, too. */
static void
test_written_by_uri (Fixture *fixture, gconstpointer data)
{
  query (fixture, "write=100000");
  for (guint i = 0; i < DISKS; i++)
    memory_expected_note (&fixture->expected[i], 0, 100000);
  begin (fixture, "one", NULL);
  for (guint i = 0; i < DISKS; i++)
    assert_content (fixture, fixture->server, i, targets[i]);
  end (fixture);
  query (fixture, "write=1");
  begin (fixture, "two", "one");
  for (guint i = 0; i < DISKS; i++)
    {
      memory_expected_note (&fixture->expected[i], 0, 1);
      fixture->changed[i][0] = true;
      assert_content (fixture, fixture->server, i, targets[i]);
      assert_changed (fixture, i, targets[i], i == 0 ? "backup-vda" : "backup-vdb");
    }
  end (fixture);
}

static void
test_description (Fixture *fixture, gconstpointer data)
{
  g_autofree char *xml = NULL;
  g_autoptr (VckcJobInfo) info = NULL;
  GStatBuf status;

  begin (fixture, "zero", NULL);
  end (fixture);
  begin (fixture, "one", "zero");
  xml = vckc_domain_backup_get_xml_desc (fixture->domain, 0, NULL);
  g_assert_nonnull (strstr (
      xml, "<disk name='vdb' backup='yes' type='file' backupmode='incremental' incremental='zero' "
           "exportname='vdb' exportbitmap='backup-vdb'>\n      <driver type='qcow2'/>\n"
           "      <scratch file='/memory/test-vdb.qcow2.one'/>"));
  g_assert_cmpint (g_stat (fixture->socket, &status), ==, 0);
  g_assert_cmphex (status.st_mode, ==, S_IFSOCK | 0600);
  info = vckc_domain_get_job_info (fixture->domain, 0, NULL);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_RUNNING);
  g_assert_cmpint (vckc_job_info_get_mode (info, NULL), ==, VCKC_BACKUP_MODE_PULL);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, -1);
  g_assert_cmpint (vckc_job_info_get_bytes_total (info, NULL), ==, -1);
  end (fixture);
  assert_has_checkpoint (fixture, "one", true);
  g_assert_cmpint (g_atomic_int_get (&fixture->n_started), ==, 2);
  g_assert_cmpint (g_atomic_int_get (&fixture->n_ended), ==, 2);
  g_assert_cmpint (g_atomic_int_get (&fixture->last_state), ==, VCKC_JOB_STATE_DONE);
}

/* Chosen names, and only one of the disks. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  bool begun;

  begin (fixture, "zero", NULL);
  end (fixture);
  write_disk (fixture, 1, BLOCK, 2 * BLOCK);
  begun = try_begin (fixture, "one",
                     "<incremental>zero</incremental><disks><disk name='vdb' exportname='a b' "
                     "exportbitmap='changed?'/></disks>",
                     &error);
  assert_ok (begun, error);
  g_assert_false (pull_client_can_read (fixture->server, "vda"));
  g_assert_false (pull_client_can_read (fixture->server, "vdb"));
  assert_content (fixture, fixture->server, 1, "a b");
  assert_changed (fixture, 1, "a b", "changed?");
  end (fixture);
}

static void
test_tcp (Fixture *fixture, gconstpointer data)
{
  int fd;
  guint port = pull_client_take_port (&fd);
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server name='127.0.0.1' port='%u'/></domainbackup>", port);
  g_autofree char *server =
      g_strdup_printf ("server.type=inet,server.host=127.0.0.1,server.port=%u", port);
  VckcError *error = NULL;
  bool begun;

  write_at_random (fixture);
  g_assert_cmpint (vckc_domain_backup_begin (fixture->domain, xml, NULL, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, "in use by another program");
  error = NULL;
  close (fd);
  assert_nothing_is_left (fixture);
  begun = vckc_domain_backup_begin (fixture->domain, xml, NULL, 0, &error) == 0;
  assert_ok (begun, error);
  assert_content (fixture, server, 0, "vda");
  end (fixture);
  g_assert_false (pull_client_can_read (server, "vda"));
}

/* The same refusals as of other drivers; nothing is left. */
static void
test_refusals (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *rest;
    VckcErrorCode code;
    const char *part;
  } refusals[] = {
    { "<disks><disk name='vda' type='block'><scratch dev='/dev/null'/></disk></disks>",
      VCKC_ERROR_OPERATION_UNSUPPORTED, "'/dev/null' cannot be the scratch of disk 'vda'" },
    { "<disks><disk name='vda'><driver type='raw'/><scratch file='/d/s'/></disk></disks>",
      VCKC_ERROR_XML_INVALID_SCHEMA, "it must be 'qcow2'" },
    { "<incremental>none</incremental>", VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "'none'" },
    { "<incremental>zero</incremental><disks><disk name='vda' exportbitmap='zero'/></disks>",
      VCKC_ERROR_CONFIG_UNSUPPORTED, "use another exportbitmap" },
    { "<disks><disk name='vda' exportname='x'/><disk name='vdb' exportname='x'/></disks>",
      VCKC_ERROR_CONFIG_UNSUPPORTED, "both be exported as 'x'" },
  };
  VckcError *error = NULL;

  begin (fixture, "zero", NULL);
  end (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      error = NULL;
      g_assert_false (try_begin (fixture, "one", refusals[i].rest, &error));
      assert_error (error, refusals[i].code, refusals[i].part);
      assert_has_checkpoint (fixture, "one", false);
      assert_nothing_is_left (fixture);
    }
  error = NULL;
  g_assert_true (g_file_set_contents (fixture->socket, "mine", -1, NULL));
  g_assert_false (try_begin (fixture, "one", "", &error));
  assert_error (error, VCKC_ERROR_INVALID_ARG, "exists already");
  g_assert_true (g_file_test (fixture->socket, G_FILE_TEST_IS_REGULAR));
  g_unlink (fixture->socket);
}

static void
test_held (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  GPid client;

  begin (fixture, "one", NULL);
  g_assert_false (try_begin (fixture, "two", "", &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  client = pull_client_hold (fixture->server, "vda");
  pull_client_stop (client);
  client = pull_client_hold (fixture->server, "vdb");
  g_assert_cmpint (vckc_domain_abort_job (fixture->domain, NULL), ==, 0);
  g_assert_null (wait_for (fixture, VCKC_JOB_STATE_DONE));
  g_assert_false (pull_client_can_read (fixture->server, "vdb"));
  pull_client_stop (client);
}

/* Nothing is left when the last connection is closed. */
static void
test_closed (Fixture *fixture, gconstpointer data)
{
  begin (fixture, "one", NULL);
  disconnect (fixture);
  assert_nothing_is_left (fixture);
}

static void
test_daemon_killed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *why = NULL;

  begin (fixture, "zero", NULL);
  end (fixture);
  begin (fixture, "one", "zero");
  kill (image_fixture_get_child (), SIGKILL);
  why = wait_for (fixture, VCKC_JOB_STATE_LOST);
  g_assert_nonnull (strstr (why, "signal 9"));
  assert_has_checkpoint (fixture, "one", false);
  assert_nothing_is_left (fixture);
  begin (fixture, "one", "zero");
  end (fixture);
}

static void
test_no_daemon (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;

  g_setenv ("VCK_QEMU_STORAGE_DAEMON", "no-such-daemon", TRUE);
  g_assert_false (try_begin (fixture, "one", "", &error));
  g_unsetenv ("VCK_QEMU_STORAGE_DAEMON");
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "install the Debian package qemu-system-common");
  assert_has_checkpoint (fixture, "one", false);
  assert_nothing_is_left (fixture);
}

/* Each access fails once. */
static void
test_faults (Fixture *fixture, gconstpointer data)
{
  begin (fixture, "zero", NULL);
  end (fixture);
  write_disk (fixture, 0, 0, 1);
  for (guint i = 1;; i++)
    {
      g_autofree char *text = g_strdup_printf ("fail=%u&error=no-space", i);
      VckcError *error = NULL;
      bool begun;

      g_assert_cmpuint (i, <, 100);
      query (fixture, text);
      begun = try_begin (fixture, "one", "<incremental>zero</incremental>", &error);
      query (fixture, "fail=0");
      if (begun)
        {
          g_assert_cmpuint (i, >, 5);
          break;
        }
      assert_error (error, VCKC_ERROR_NO_SPACE, "was made to fail");
      assert_has_checkpoint (fixture, "one", false);
      assert_nothing_is_left (fixture);
    }
  assert_changed (fixture, 0, "vda", "backup-vda");
  end (fixture);
}

/* A lasting fault ends what is offered. */
static void
test_lasting_fault (Fixture *fixture, gconstpointer data)
{
  g_autofree char *why = NULL;
  VckcError *error = NULL;
  bool recovered;

  begin (fixture, "one", NULL);
  query (fixture, "fail-from=1");
  while (g_atomic_int_get (&fixture->n_ended) == 0)
    g_usleep (10000);
  g_assert_cmpint (g_atomic_int_get (&fixture->last_state), ==, VCKC_JOB_STATE_FAILED);
  query (fixture, "fail=0");
  image_fixture_await_children (0);
  recovered = vckc_domain_recover_backup (fixture->domain, &error) == 0;
  assert_ok (recovered, error);
  why = wait_for (fixture, VCKC_JOB_STATE_FAILED);
  g_assert_nonnull (strstr (why, "the backup of disk 'vda' cannot be offered any more"));
  assert_has_checkpoint (fixture, "one", false);
  assert_nothing_is_left (fixture);
  begin (fixture, "one", NULL);
  end (fixture);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "truth", test_truth },
    { "written-by-uri", test_written_by_uri },
    { "description", test_description },
    { "names", test_names },
    { "tcp", test_tcp },
    { "refusals", test_refusals },
    { "held", test_held },
    { "closed", test_closed },
    { "daemon-killed", test_daemon_killed },
    { "no-daemon", test_no_daemon },
    { "faults", test_faults },
    { "lasting-fault", test_lasting_fault },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/memory-pull/%s", tests[i].name);

      g_test_add (path, Fixture, NULL, set_up, tests[i].test, tear_down);
    }
  return g_test_run ();
}
