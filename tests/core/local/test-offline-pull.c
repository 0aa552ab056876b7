/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups in pull mode of a domain that is off. */

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image-fixture.h"
#include "pull-client.h"
#include "pull-fixture.h"

static const char *const targets[] = { "vda", "vdb" };

/* What the checkpoint knows as changed on a disk. */
static GArray *
list_extents (BackupFixture *fixture, const char *checkpoint, guint disk)
{
  VckcDomainCheckpoint *handle =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, checkpoint, 0, NULL);
  GArray *array = g_array_new (FALSE, FALSE, sizeof (VckcExtent));
  VckcExtent *extents = NULL;
  VckcError *error = NULL;
  int n = vckc_domain_checkpoint_list_extents (handle, targets[disk], &extents,
                                               VCKC_EXTENTS_NO_ZERO, &error);

  assert_ok (n >= 0, error);
  g_array_append_vals (array, extents, (guint) n);
  free (extents);
  vckc_domain_checkpoint_unref (handle, NULL);
  return array;
}

static void
assert_same_extents (const GArray *one, const GArray *other)
{
  g_assert_cmpuint (one->len, ==, other->len);
  for (guint i = 0; i < one->len; i++)
    {
      const VckcExtent *a = &g_array_index (one, VckcExtent, i);
      const VckcExtent *b = &g_array_index (other, VckcExtent, i);

      g_assert_cmpuint (a->offset, ==, b->offset);
      g_assert_cmpuint (a->length, ==, b->length);
    }
}

/* What was there before, with what the bitmap marks taken from what is there now. */
static void
patch (char *before, const char *now, const GArray *dirty)
{
  for (guint i = 0; i < dirty->len; i++)
    {
      const VckcExtent *extent = &g_array_index (dirty, VckcExtent, i);

      memcpy (before + extent->offset, now + extent->offset, extent->length);
    }
}

/* The content, and the changes since the point before, are those of the images. */
static void
test_truth (BackupFixture *fixture, gconstpointer form)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (form) + 200);
  g_autofree char *server = pull_fixture_get_server (fixture);
  char *content[BACKUP_DISKS] = { NULL };

  for (guint point = 0; point < 3; point++)
    {
      g_autofree char *name = g_strdup_printf ("p%u", point);
      g_autofree char *base = point > 0 ? g_strdup_printf ("p%u", point - 1) : NULL;
      GArray *expected[BACKUP_DISKS];

      for (guint i = 0; i < BACKUP_DISKS; i++)
        {
          backup_images_change (fixture->images[i], fixture->sizes[i], rand);
          expected[i] = base != NULL ? list_extents (fixture, base, i) : NULL;
        }
      pull_fixture_begin (fixture, name, base);
      for (guint i = 0; i < BACKUP_DISKS; i++)
        {
          g_autofree char *bitmap = g_strdup_printf ("backup-%s", targets[i]);
          g_autofree char *hash = backup_images_hash (fixture->images[i], "qcow2");
          g_autofree char *found = pull_client_hash (fixture->folder, server, targets[i]);
          gsize length;
          char *now = pull_client_read (fixture->folder, server, targets[i], &length);

          g_assert_cmpstr (found, ==, hash);
          g_assert_cmpuint (length, ==, fixture->sizes[i]);
          if (base != NULL)
            {
              g_autoptr (GArray) dirty = pull_client_list_dirty (server, targets[i], bitmap);

              assert_same_extents (dirty, expected[i]);
              patch (content[i], now, dirty);
              g_assert_cmpmem (content[i], length, now, length);
              g_array_unref (expected[i]);
            }
          g_free (content[i]);
          content[i] = now;
        }
      pull_fixture_end (fixture);
    }
  backup_fixture_assert_list (fixture, "p0 p1 p2");
  for (guint i = 0; i < BACKUP_DISKS; i++)
    g_free (content[i]);
}

/* What the document left open is filled in; nothing is written for it. */
static void
test_description (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *xml = NULL;
  g_autofree char *socket = pull_fixture_get_socket (fixture);
  g_autofree char *server =
      g_strdup_printf ("<domainbackup mode='pull'>\n  <incremental>zero</incremental>\n"
                       "  <server transport='unix' socket='%s'/>\n",
                       socket);
  g_autofree char *disk = g_strdup_printf (
      "<disk name='vdb' backup='yes' type='file' backupmode='incremental' incremental='zero' "
      "exportname='vdb' exportbitmap='backup-vdb'>\n      <driver type='qcow2'/>\n"
      "      <scratch file='%s.one'/>",
      fixture->images[1]);
  VckcError *error = NULL;
  VckcJobInfo *info;
  GStatBuf status;

  pull_fixture_begin (fixture, "zero", NULL);
  pull_fixture_end (fixture);
  pull_fixture_begin (fixture, "one", "zero");
  xml = vckc_domain_backup_get_xml_desc (fixture->domain, 0, &error);
  assert_ok (xml != NULL, error);
  g_assert_true (g_str_has_prefix (xml, server));
  g_assert_nonnull (strstr (xml, disk));
  g_assert_cmpint (g_stat (socket, &status), ==, 0);
  g_assert_cmphex (status.st_mode, ==, S_IFSOCK | 0600);

  info = vckc_domain_get_job_info (fixture->domain, 0, &error);
  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_state (info, NULL), ==, VCKC_JOB_STATE_RUNNING);
  g_assert_cmpint (vckc_job_info_get_mode (info, NULL), ==, VCKC_BACKUP_MODE_PULL);
  g_assert_cmpint (vckc_job_info_get_bytes_done (info, NULL), ==, -1);
  g_assert_cmpint (vckc_job_info_get_bytes_total (info, NULL), ==, -1);
  vckc_job_info_unref (info, NULL);
  pull_fixture_end (fixture);
}

/* While it is offered, nothing else changes the images or the checkpoints. A client that is still
 * there in the end does not delay it. */
static void
test_held (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *server = pull_fixture_get_server (fixture);
  const char *write[] = { "qemu-io", "-f", "qcow2", "-c", "write 0 512", fixture->images[0], NULL };
  VckcError *error = NULL;
  int status = 0;
  GPid client;

  pull_fixture_begin (fixture, "one", NULL);
  g_assert_true (
      g_spawn_sync (NULL, (char **) write, NULL,
                    G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_false (g_spawn_check_wait_status (status, NULL));
  g_assert_false (pull_fixture_try_begin (fixture, "two", NULL, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  g_assert_null (
      vckc_domain_checkpoint_create_xml (fixture->domain, "<domaincheckpoint/>", 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;

  client = pull_client_hold (server, "vda");
  pull_client_stop (client);
  g_assert_true (pull_client_can_read (server, "vdb"));
  client = pull_client_hold (server, "vdb");
  pull_fixture_end (fixture);
  g_assert_false (pull_client_can_read (server, "vdb"));
  pull_client_stop (client);
  backup_fixture_assert_list (fixture, "one");
  image_fixture_write (fixture->images[0], 0, 512);
}

/* Chosen names, and only one of the disks. */
static void
test_names (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><incremental>zero</incremental>"
      "<server transport='unix' socket='%s/nbd'/>"
      "<disks><disk name='vdb' exportname='a b/ü' exportbitmap='changed?'/></disks></domainbackup>",
      fixture->folder);
  g_autofree char *server = pull_fixture_get_server (fixture);
  g_autoptr (GArray) dirty = NULL;
  VckcError *error = NULL;
  bool begun;

  pull_fixture_begin (fixture, "zero", NULL);
  pull_fixture_end (fixture);
  image_fixture_write (fixture->images[1], 1024 * 1024, 65536);
  begun = pull_fixture_begin_xml (fixture, xml, 0, &error);
  assert_ok (begun, error);
  g_assert_false (pull_client_can_read (server, "vda"));
  g_assert_false (pull_client_can_read (server, "vdb"));
  dirty = pull_client_list_dirty (server, "a b/ü", "changed?");
  g_assert_cmpuint (dirty->len, ==, 1);
  g_assert_cmpuint (g_array_index (dirty, VckcExtent, 0).offset, ==, 1024 * 1024);
  pull_fixture_end (fixture);
}

static void
test_tcp (BackupFixture *fixture, gconstpointer form)
{
  int fd;
  guint port = pull_client_take_port (&fd);
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server name='127.0.0.1' port='%u'/></domainbackup>", port);
  g_autofree char *server =
      g_strdup_printf ("server.type=inet,server.host=127.0.0.1,server.port=%u", port);
  g_autofree char *hash = backup_images_hash (fixture->images[1], "qcow2");
  g_autofree char *found = NULL;
  VckcError *error = NULL;
  bool begun;

  g_assert_false (pull_fixture_begin_xml (fixture, xml, 0, &error));
  assert_error (error, VCKC_ERROR_BUSY, "in use by another program");
  error = NULL;
  close (fd);
  backup_fixture_assert_list (fixture, "");
  begun = pull_fixture_begin_xml (fixture, xml, 0, &error);
  assert_ok (begun, error);
  found = pull_client_hash (fixture->folder, server, "vdb");
  g_assert_cmpstr (found, ==, hash);
  pull_fixture_end (fixture);
  g_assert_false (pull_client_can_read (server, "vdb"));
}

typedef struct
{
  const char *server; /* %s: the folder */
  const char *rest;
  unsigned int flags;
  VckcErrorCode code;
  const char *part;
} Refusal;

/* What cannot be done is refused, says why, and leaves nothing. */
static void
test_refusals (BackupFixture *fixture, gconstpointer form)
{
#define SOCKET "transport='unix' socket='%s/nbd'"
  static const Refusal refusals[] = {
    { SOCKET " tls='yes'", "", 0, VCKC_ERROR_OPERATION_UNSUPPORTED, "TLS" },
    { SOCKET, "", VCKC_BACKUP_BEGIN_REUSE_EXTERNAL, VCKC_ERROR_OPERATION_UNSUPPORTED,
      "REUSE_EXTERNAL" },
    { "name='localhost'", "", 0, VCKC_ERROR_OPERATION_UNSUPPORTED, "port" },
    { "name='203.0.113.1' port='10809'", "", 0, VCKC_ERROR_OPERATION_FAILED,
      "port 10809 of '203.0.113.1'" },
    { "transport='unix' socket='%s/none/nbd'", "", 0, VCKC_ERROR_SYSTEM_ERROR, "none/nbd" },
    { "transport='unix' socket='%s/vda.qcow2'", "", 0, VCKC_ERROR_INVALID_ARG, "exists already" },
    { "transport='unix' socket='%s/link'", "", 0, VCKC_ERROR_INVALID_ARG, "exists already" },
    { SOCKET, "<disks><disk name='vda' type='block'><scratch dev='/dev/null'/></disk></disks>", 0,
      VCKC_ERROR_OPERATION_UNSUPPORTED, "'/dev/null' cannot be the scratch of disk 'vda'" },
    { SOCKET, "<incremental>none</incremental>", 0, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "'none'" },
    { SOCKET,
      "<incremental>zero</incremental><disks><disk name='vda' exportbitmap='zero'/></disks>", 0,
      VCKC_ERROR_CONFIG_UNSUPPORTED, "use another exportbitmap" },
    { SOCKET, "<disks><disk name='vda' exportname='x'/><disk name='vdb' exportname='x'/></disks>",
      0, VCKC_ERROR_CONFIG_UNSUPPORTED, "both be exported as 'x'" },
  };
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);

  pull_fixture_begin (fixture, "zero", NULL);
  pull_fixture_end (fixture);
  g_assert_cmpint (symlink ("nowhere", link), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_auto (GStrv) parts = g_strsplit (refusals[i].server, "%s", 2);
      g_autofree char *server = g_strjoinv (fixture->folder, parts);
      g_autofree char *xml = g_strdup_printf (
          "<domainbackup mode='pull'><server %s/>%s</domainbackup>", server, refusals[i].rest);
      VckcError *error = NULL;

      g_assert_false (pull_fixture_begin_xml (fixture, xml, refusals[i].flags, &error));
      assert_error (error, refusals[i].code, refusals[i].part);
      backup_fixture_assert_list (fixture, "zero");
      pull_fixture_assert_no_files (fixture);
    }
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  pull_fixture_begin (fixture, "one", "zero");
  pull_fixture_end (fixture);
}

/* A name that QEMU does not take is no reason to leave anything. */
static void
test_long_name (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *name = g_strnfill (4097, 'x');
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='%s/nbd'/><disks>"
      "<disk name='vda'/><disk name='vdb' exportname='%s'/></disks></domainbackup>",
      fixture->folder, name);
  VckcError *error = NULL;

  g_assert_false (pull_fixture_begin_xml (fixture, xml, 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "disk 'vdb'");
  backup_fixture_assert_list (fixture, "");
  pull_fixture_assert_no_files (fixture);
}

/* A program that closes its last connection did not say that all was read. */
static void
test_closed (BackupFixture *fixture, gconstpointer form)
{
  pull_fixture_begin (fixture, "one", NULL);
  backup_fixture_disconnect (fixture);
  image_fixture_assert_no_child ();
  pull_fixture_assert_no_files (fixture);
  backup_fixture_connect (fixture);
  g_free (backup_fixture_wait (fixture, VCKC_JOB_STATE_CANCELLED));
  backup_fixture_assert_list (fixture, "");
}

/* The daemon is killed. */
static void
test_daemon_killed (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *why = NULL;

  pull_fixture_begin (fixture, "zero", NULL);
  pull_fixture_end (fixture);
  pull_fixture_begin (fixture, "one", "zero");
  kill (image_fixture_get_child (), SIGKILL);
  why = backup_fixture_wait (fixture, VCKC_JOB_STATE_LOST);
  g_assert_nonnull (strstr (why, "signal 9"));
  backup_fixture_assert_list (fixture, "zero");
  pull_fixture_assert_no_files (fixture);
  pull_fixture_begin (fixture, "one", "zero");
  pull_fixture_end (fixture);
}

/* The program is killed: what is left is taken back, but no file that has its path now. */
static void
test_killed (BackupFixture *fixture, gconstpointer form)
{
  g_autofree char *socket = pull_fixture_get_socket (fixture);
  VckcError *error = NULL;
  int result;

  pull_fixture_begin (fixture, "zero", NULL);
  pull_fixture_end (fixture);
  for (guint i = 0; i < 2; i++)
    {
      backup_fixture_disconnect (fixture);
      pull_fixture_begin_and_die (fixture, "one", "zero");
      g_assert_true (g_file_test (socket, G_FILE_TEST_EXISTS));
      if (i == 1)
        {
          g_unlink (socket);
          g_file_set_contents (socket, "mine", -1, NULL);
        }
      backup_fixture_connect (fixture);
      result = vckc_domain_recover_backup (fixture->domain, &error);
      assert_ok (result == 0, error);
      g_free (backup_fixture_wait (fixture, VCKC_JOB_STATE_LOST));
      backup_fixture_assert_list (fixture, "zero");
      if (i == 0)
        pull_fixture_assert_no_files (fixture);
    }
  g_assert_true (g_file_test (socket, G_FILE_TEST_IS_REGULAR));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (BackupFixture *fixture, gconstpointer form);
  } tests[] = {
    { "description", test_description },
    { "held", test_held },
    { "names", test_names },
    { "tcp", test_tcp },
    { "refusals", test_refusals },
    { "long-name", test_long_name },
    { "closed", test_closed },
    { "daemon-killed", test_daemon_killed },
    { "killed", test_killed },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_backup_forms; i++)
    {
      g_autofree char *path = g_strdup_printf ("/offline-pull/truth/%u", i);

      g_test_add (path, BackupFixture, GUINT_TO_POINTER (i), backup_fixture_set_up, test_truth,
                  backup_fixture_tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/offline-pull/%s", tests[i].name);

      g_test_add (path, BackupFixture, GUINT_TO_POINTER (1), backup_fixture_set_up, tests[i].test,
                  backup_fixture_tear_down);
    }
  return g_test_run ();
}
