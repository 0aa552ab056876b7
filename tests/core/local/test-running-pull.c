/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups in pull mode of a running domain, by its own QEMU, while it writes. */

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "image-fixture.h"
#include "machine-fixture.h"
#include "pull-client.h"
#include "pull-fixture.h"

#define CLUSTER 65536
/* No disk has more. */
#define MAX_CLUSTERS 1024

typedef struct
{
  BackupFixture backup;
  MachineFixture *machine;
  char *server;
  char *content[BACKUP_DISKS]; /* as the guest would read it now */
  char written[BACKUP_DISKS][MAX_CLUSTERS];
  GThread *writer; /* (nullable) */
  gint stopped;    /* atomic */
} Fixture;

static const char *const targets[] = { "vda", "vdb" };
static const char *const nodes[] = { "a", "b" };

static char *
read_image (Fixture *fixture, guint disk)
{
  g_autofree char *raw = g_strconcat (fixture->backup.images[disk], ".raw", NULL);
  const char *const convert[] = { "qemu-img", "convert", "-O", "raw", fixture->backup.images[disk],
                                  raw,        NULL };
  char *content = NULL;
  gsize length;

  g_free (image_fixture_run (convert));
  g_assert_true (g_file_get_contents (raw, &content, &length, NULL));
  g_assert_cmpuint (length, ==, fixture->backup.sizes[disk]);
  g_unlink (raw);
  return content;
}

static void
set_up (Fixture *fixture, gconstpointer form)
{
  backup_fixture_set_up (&fixture->backup, form);
  fixture->server = pull_fixture_get_server (&fixture->backup);
  for (guint i = 0; i < BACKUP_DISKS; i++)
    fixture->content[i] = read_image (fixture, i);
  fixture->machine = machine_fixture_start_drives (fixture->backup.qmp, fixture->backup.images);
}

static void
tear_down (Fixture *fixture, gconstpointer form)
{
  g_clear_pointer (&fixture->machine, machine_fixture_free);
  for (guint i = 0; i < BACKUP_DISKS; i++)
    g_free (fixture->content[i]);
  g_free (fixture->server);
  backup_fixture_tear_down (&fixture->backup, form);
}

/* Writes to a disk, of which a part of each cluster in `first` and so many more is changed. */
static void
write_clusters (Fixture *fixture, guint disk, guint pattern, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    {
      guint64 offset = (guint64) i * CLUSTER + 4096;

      machine_fixture_write_pattern (fixture->machine, nodes[disk], pattern, offset, 8192);
      memset (fixture->content[disk] + offset, (int) pattern, 8192);
      fixture->written[disk][i] = 1;
    }
}

static void
assert_offered (Fixture *fixture, guint disk, const char *content)
{
  gsize length;
  g_autofree char *found =
      pull_client_read (fixture->backup.folder, fixture->server, targets[disk], &length);

  g_assert_cmpmem (found, length, content, fixture->backup.sizes[disk]);
}

/* All nodes, exports and the server of it are gone from QEMU, so that another can be made. */
static void
assert_nothing_left (Fixture *fixture)
{
  pull_fixture_assert_no_files (&fixture->backup);
  pull_fixture_begin (&fixture->backup, "again", NULL);
  pull_fixture_end (&fixture->backup);
}

/* Overwrites what was there, and what was not, again and again. */
static gpointer
writer_cb (gpointer data)
{
  Fixture *fixture = data;

  for (guint n = 0; !g_atomic_int_get (&fixture->stopped); n++)
    for (guint i = 0; i < BACKUP_DISKS; i++)
      write_clusters (fixture, i, 100 + n % 100, n % 200, 3);
  return NULL;
}

/* What is offered stays as it was while the guest writes; the bitmap marks what was changed since
 * the point before, and nothing else. */
static void
test_truth (Fixture *fixture, gconstpointer form)
{
  char *before[BACKUP_DISKS];

  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      write_clusters (fixture, i, 7, 3, 40);
      before[i] = g_memdup2 (fixture->content[i], fixture->backup.sizes[i]);
      memset (fixture->written[i], 0, MAX_CLUSTERS);
    }
  pull_fixture_begin (&fixture->backup, "zero", NULL);
  fixture->writer = g_thread_new ("writer", writer_cb, fixture);
  for (guint n = 0; n < 3; n++)
    for (guint i = 0; i < BACKUP_DISKS; i++)
      assert_offered (fixture, i, before[i]);
  g_atomic_int_set (&fixture->stopped, 1);
  g_thread_join (fixture->writer);
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_assert_cmpint (memcmp (before[i], fixture->content[i], fixture->backup.sizes[i]), !=, 0);
      assert_offered (fixture, i, before[i]);
    }
  pull_fixture_end (&fixture->backup);

  pull_fixture_begin (&fixture->backup, "one", "zero");
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_autofree char *bitmap = g_strdup_printf ("backup-%s", targets[i]);
      g_autofree char *now = g_memdup2 (fixture->content[i], fixture->backup.sizes[i]);
      g_autofree char *written = g_memdup2 (fixture->written[i], MAX_CLUSTERS);
      g_autoptr (GArray) dirty = NULL;

      write_clusters (fixture, i, 200, 210, 10);
      dirty = pull_client_list_dirty (fixture->server, targets[i], bitmap);
      assert_offered (fixture, i, now);
      for (guint j = 0; j < dirty->len; j++)
        {
          const VckcExtent *extent = &g_array_index (dirty, VckcExtent, j);

          for (guint64 at = extent->offset; at < extent->offset + extent->length; at += CLUSTER)
            written[at / CLUSTER] ^= 1;
        }
      for (guint j = 0; j < MAX_CLUSTERS; j++)
        g_assert_cmpint (written[j], ==, 0);
      g_free (before[i]);
    }
  pull_fixture_end (&fixture->backup);
  backup_fixture_assert_list (&fixture->backup, "zero one");
  g_assert_cmpuint (machine_fixture_count_bitmaps (fixture->machine, "nb"), ==, 2);
}

/* QEMU has one NBD server: what else needs it is refused meanwhile. Checkpoints can be made. */
static void
test_meanwhile (Fixture *fixture, gconstpointer form)
{
  VckcDomainCheckpoint *during;
  VckcDomainCheckpoint *one;
  VckcExtent *extents = NULL;
  VckcError *error = NULL;

  pull_fixture_begin (&fixture->backup, "one", NULL);
  during = vckc_domain_checkpoint_create_xml (
      fixture->backup.domain, "<domaincheckpoint><name>during</name></domaincheckpoint>", 0,
      &error);
  assert_ok (during != NULL, error);
  g_assert_false (pull_fixture_try_begin (&fixture->backup, "two", NULL, &error));
  assert_error (error, VCKC_ERROR_BUSY, "is under way");
  error = NULL;
  one = vckc_domain_checkpoint_lookup_by_name (fixture->backup.domain, "one", 0, NULL);
  if (vckc_domain_checkpoint_list_extents (one, "vda", &extents, 0, &error) < 0)
    g_assert_cmpint (vckc_error_get_code (error), !=, VCKC_ERROR_CHECKPOINT_INCONSISTENT);
  g_clear_pointer (&error, vckc_error_free);
  g_assert_true (pull_client_can_read (fixture->server, "vda"));
  pull_fixture_end (&fixture->backup);
  backup_fixture_assert_list (&fixture->backup, "one during");
  vckc_domain_checkpoint_unref (one, NULL);
  vckc_domain_checkpoint_unref (during, NULL);
  assert_nothing_left (fixture);
}

static void
start_other_server (Fixture *fixture, MachineFixture *machine)
{
  g_autofree char *path = g_build_filename (fixture->backup.folder, "other", NULL);

  machine_fixture_serve (machine, path);
}

/* The server of another program stays as it is. */
static void
test_server_taken (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;

  start_other_server (fixture, fixture->machine);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_false (pull_fixture_try_begin (&fixture->backup, "one", NULL, &error));
      assert_error (error, VCKC_ERROR_BUSY, "QEMU has only one");
      error = NULL;
      backup_fixture_assert_list (&fixture->backup, "");
      pull_fixture_assert_no_files (&fixture->backup);
    }
  machine_fixture_run (fixture->machine, "nbd-server-stop", NULL);
  assert_nothing_left (fixture);
}

/* Another program ends the server: what was not read cannot be read any more. */
static void
test_server_ended (Fixture *fixture, gconstpointer form)
{
  g_autofree char *why = NULL;

  pull_fixture_begin (&fixture->backup, "one", NULL);
  machine_fixture_run (fixture->machine, "nbd-server-stop", NULL);
  why = backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_FAILED);
  g_assert_nonnull (strstr (why, "ended the NBD server"));
  backup_fixture_assert_list (&fixture->backup, "");
  assert_nothing_left (fixture);
}

/* As much room is reserved as the images take, before the guest writes anything. */
static void
test_reserved (Fixture *fixture, gconstpointer form)
{
  write_clusters (fixture, 0, 7, 3, 100);
  pull_fixture_begin (&fixture->backup, "one", NULL);
  for (guint i = 0; i < BACKUP_DISKS; i++)
    {
      g_autofree char *scratch = g_strdup_printf ("%s.one", fixture->backup.images[i]);
      GStatBuf image, reserved;

      g_assert_cmpint (g_stat (fixture->backup.images[i], &image), ==, 0);
      g_assert_cmpint (g_stat (scratch, &reserved), ==, 0);
      g_assert_cmpint (reserved.st_blocks, >=, image.st_blocks);
      g_assert_cmphex (reserved.st_mode, ==, S_IFREG | 0600);
    }
  pull_fixture_end (&fixture->backup);
}

/* The program that began is killed: QEMU goes on, and another program ends it. */
static void
test_killed (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  int result;

  write_clusters (fixture, 0, 7, 3, 4);
  pull_fixture_begin (&fixture->backup, "zero", NULL);
  pull_fixture_end (&fixture->backup);
  backup_fixture_disconnect (&fixture->backup);
  pull_fixture_begin_and_die (&fixture->backup, "one", "zero");
  assert_offered (fixture, 0, fixture->content[0]);
  backup_fixture_connect (&fixture->backup);
  result = vckc_domain_recover_backup (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  pull_fixture_end (&fixture->backup);
  backup_fixture_assert_list (&fixture->backup, "zero one");
  assert_nothing_left (fixture);
}

/* QEMU goes on without the program that began, and another one ends it. */
static void
test_taken_up (Fixture *fixture, gconstpointer form)
{
  VckcError *error = NULL;
  int result;

  write_clusters (fixture, 0, 7, 3, 4);
  pull_fixture_begin (&fixture->backup, "one", NULL);
  backup_fixture_disconnect (&fixture->backup);
  assert_offered (fixture, 0, fixture->content[0]);
  backup_fixture_connect (&fixture->backup);
  result = vckc_domain_recover_backup (fixture->backup.domain, &error);
  assert_ok (result == 0, error);
  assert_offered (fixture, 0, fixture->content[0]);
  pull_fixture_end (&fixture->backup);
  backup_fixture_assert_list (&fixture->backup, "one");
  assert_nothing_left (fixture);
}

/* With QEMU all is lost that it had not stored. */
static void
test_qemu_is_killed (Fixture *fixture, gconstpointer form)
{
  pull_fixture_begin (&fixture->backup, "one", NULL);
  machine_fixture_kill (fixture->machine);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  backup_fixture_assert_list (&fixture->backup, "");
  assert_nothing_left (fixture);
}

/* QEMU has ended, and another one answers at its socket, with an NBD server that is not ours. */
static void
test_qemu_is_replaced (Fixture *fixture, gconstpointer form)
{
  static const char *const no_disks[] = { NULL };
  g_autofree char *path = g_strconcat (fixture->backup.qmp, ".other", NULL);
  g_autoptr (MachineFixture) other = machine_fixture_new (path, no_disks);

  machine_fixture_start (other);
  start_other_server (fixture, other);
  pull_fixture_begin (&fixture->backup, "one", NULL);
  machine_fixture_kill (fixture->machine);
  g_assert_cmpint (g_rename (path, fixture->backup.qmp), ==, 0);
  g_free (backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_LOST));
  g_assert_cmpint (g_rename (fixture->backup.qmp, path), ==, 0);
  machine_fixture_run (other, "nbd-server-stop", NULL);
  backup_fixture_assert_list (&fixture->backup, "");
}

/* The most that can be reserved of a file in this program, in bytes; 0: no limit. Atomic. */
static gint most_room;

/* Instead of the function of the C library, which has this name in this program. */
int fallocate64 (int fd, int mode, off_t offset, off_t length);

int
fallocate64 (int fd, int mode, off_t offset, off_t length)
{
  gint most = g_atomic_int_get (&most_room);

  if (most == 0 || offset + length <= most)
    return (int) syscall (SYS_fallocate, fd, mode, offset, length);
  errno = ENOSPC;
  return -1;
}

/* A scratch file cannot get more room: the backup fails in time, with a code that says why. */
static void
test_outgrown (Fixture *fixture, gconstpointer form)
{
  g_autofree char *why = NULL;
  VckcError *error = NULL;
  VckcJobInfo *info;

  g_atomic_int_set (&most_room, (gint) fixture->backup.sizes[0]);
  pull_fixture_begin (&fixture->backup, "one", NULL);
  why = backup_fixture_wait (&fixture->backup, VCKC_JOB_STATE_FAILED);
  g_atomic_int_set (&most_room, 0);
  g_assert_nonnull (strstr (why, "there is not the room"));
  g_assert_null (strstr (why, "No space left on device"));
  info = vckc_domain_wait_job (fixture->backup.domain, &error);
  assert_ok (info != NULL, error);
  g_assert_cmpint (vckc_job_info_get_error_code (info, NULL), ==, VCKC_ERROR_NO_SPACE);
  vckc_job_info_unref (info, NULL);
  backup_fixture_assert_list (&fixture->backup, "");
  assert_nothing_left (fixture);
}

/* What QEMU does not take, and a scratch file that is there already. */
static void
test_refusals (Fixture *fixture, gconstpointer form)
{
  g_autofree char *name = g_strnfill (4097, 'x');
  g_autofree char *xml = g_strdup_printf (
      "<domainbackup mode='pull'><server transport='unix' socket='%s/nbd'/><disks>"
      "<disk name='vda'/><disk name='vdb' exportname='%s'/></disks></domainbackup>",
      fixture->backup.folder, name);
  g_autofree char *scratch = g_strdup_printf ("%s.one", fixture->backup.images[1]);
  VckcError *error = NULL;

  g_assert_false (pull_fixture_begin_xml (&fixture->backup, xml, 0, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "disk 'vdb'");
  error = NULL;
  backup_fixture_assert_list (&fixture->backup, "");
  assert_nothing_left (fixture);

  g_file_set_contents (scratch, "mine", -1, NULL);
  g_assert_false (pull_fixture_try_begin (&fixture->backup, "one", NULL, &error));
  assert_error (error, VCKC_ERROR_INVALID_ARG, "exists already");
  g_assert_true (g_file_test (scratch, G_FILE_TEST_EXISTS));
  g_unlink (scratch);
  pull_fixture_assert_no_files (&fixture->backup);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/running-pull/" name, Fixture, GUINT_TO_POINTER (0), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("truth", test_truth);
  ADD ("meanwhile", test_meanwhile);
  ADD ("server-taken", test_server_taken);
  ADD ("server-ended", test_server_ended);
  ADD ("reserved", test_reserved);
  ADD ("killed", test_killed);
  ADD ("taken-up", test_taken_up);
  ADD ("qemu-is-killed", test_qemu_is_killed);
  ADD ("qemu-is-replaced", test_qemu_is_replaced);
  ADD ("outgrown", test_outgrown);
  ADD ("refusals", test_refusals);
  return g_test_run ();
}
