/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of images that are not in use, through real storage daemons. */

#define _GNU_SOURCE /* prlimit() */

#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "assert-error.h"
#include "backup-images.h"
#include "drivers/local/images/local-backend.h"
#include "image-fixture.h"
#include "managed/backends/block-backup.h"
#include "qemu/qcow2-writer.h"

#define N_DISKS 2

static const VckcBlockMachine machine = { .uuid = "8a6e0f4e-0000-4000-8000-000000000001" };

typedef struct
{
  char *folder;
  VckcBlockBackend *backend;
  VckcBlockDisk disks[N_DISKS];
  guint64 sizes[N_DISKS];
  guint32 cluster_sizes[N_DISKS];
  bool extended_l2[N_DISKS];
  VckcBlockSession *session;
  VckcBlockBackup *backup;
  VckcBlockBackupProgress progress[N_DISKS];
  guint n_files; /* open before the test */
} Fixture;

#define LARGE 1000

/* Two images of two forms, or two large ones. */
static void
set_up (Fixture *fixture, gconstpointer first)
{
  static const char *const targets[] = { "vda", "vdb" };

  fixture->folder = image_fixture_new ();
  fixture->backend = vckc_local_backend_new (NULL);
  for (guint i = 0; i < N_DISKS; i++)
    {
      const BackupForm *form = GPOINTER_TO_UINT (first) == LARGE
                                   ? &backup_form_large
                                   : &backup_forms[(GPOINTER_TO_UINT (first) + i) % n_backup_forms];

      fixture->disks[i] =
          (VckcBlockDisk){ targets[i], backup_images_make (fixture->folder, targets[i], form),
                           "qcow2" };
      fixture->sizes[i] = form->size;
      fixture->cluster_sizes[i] = form->cluster_size;
      fixture->extended_l2[i] = form->extended_l2;
    }
  fixture->n_files = image_fixture_count_files ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (image_fixture_count_files (), ==, fixture->n_files);
  image_fixture_assert_no_child ();
  vckc_block_backend_free (fixture->backend);
  for (guint i = 0; i < N_DISKS; i++)
    {
      vckc_block_backup_progress_clear (&fixture->progress[i]);
      g_free ((char *) fixture->disks[i].path);
    }
  image_fixture_remove (fixture->folder);
}

static char *
get_file (Fixture *fixture, guint disk, guint point)
{
  return g_strdup_printf ("%s/%s-%u.qcow2", fixture->folder, fixture->disks[disk].target, point);
}

/* An empty file for a disk, based on the one of the point before. */
static int
make_file (Fixture *fixture, guint disk, guint point)
{
  g_autofree char *path = get_file (fixture, disk, point);
  g_autofree char *before = point > 0 ? get_file (fixture, disk, point - 1) : NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *backing = before != NULL ? g_path_get_basename (before) : NULL;
  const VckcQcow2Options options = { .virtual_size = fixture->sizes[disk],
                                     .cluster_size = fixture->cluster_sizes[disk],
                                     .extended_l2 = fixture->extended_l2[disk],
                                     .backing_file = backing,
                                     .backing_format = backing != NULL ? "qcow2" : NULL };
  VckcError *error = NULL;
  int dir_fd = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = vckc_qcow2_create (dir_fd, name, path, &options, &error);

  assert_ok (fd >= 0, error);
  close (dir_fd);
  return fd;
}

static char *
get_bitmap (guint point)
{
  return g_strdup_printf ("cp%u", point);
}

/* Begins to copy both disks, with a new bitmap on each; all of it, or what changed since the point
 * before. */
static void
begin (Fixture *fixture, guint point)
{
  g_autofree char *bitmap = get_bitmap (point);
  g_autofree char *base = point > 0 ? get_bitmap (point - 1) : NULL;
  g_autofree char *files[N_DISKS] = { NULL };
  VckcBlockBackupDisk disks[N_DISKS] = { 0 };
  VckcBlockBitmapRef bitmaps[N_DISKS];
  const VckcBlockBackupPlan plan = {
    .id = "0a1b2c3d", .disks = disks, .n_disks = N_DISKS, .bitmaps = bitmaps, .n_bitmaps = N_DISKS
  };
  VckcError *error = NULL;
  bool ok;

  for (guint i = 0; i < N_DISKS; i++)
    {
      files[i] = get_file (fixture, i, point);
      disks[i] = (VckcBlockBackupDisk){ .disk = i,
                                        .file = files[i],
                                        .fd = make_file (fixture, i, point),
                                        .format = "qcow2",
                                        .base = base,
                                        .base_granularity = 65536 };
      bitmaps[i] = (VckcBlockBitmapRef){ i, bitmap };
    }
  fixture->session = vckc_block_session_open (fixture->backend, &machine, fixture->disks, N_DISKS,
                                              VCKC_BLOCK_SESSION_WRITE, &error);
  assert_ok (fixture->session != NULL, error);
  fixture->backup = vckc_block_session_open_backup (fixture->session, &plan, &error);
  assert_ok (fixture->backup != NULL, error);
  for (guint i = 0; i < N_DISKS; i++)
    {
      close (disks[i].fd);
      g_free (files[i]);
      files[i] = NULL;
    }
  ok = vckc_block_backup_start (fixture->backup, &error);
  assert_ok (ok, error);
  ok = vckc_block_session_close (fixture->session, &error);
  assert_ok (ok, error);
}

/* Waits until all disks have come to that end. */
static void
wait_for (Fixture *fixture, VckcBlockBackupState state)
{
  for (guint i = 0; i < N_DISKS;)
    {
      VckcError *error = NULL;
      bool ok = vckc_block_backup_wait (fixture->backup, 1000, fixture->progress, &error);

      assert_ok (ok, error);
      for (i = 0; i < N_DISKS && fixture->progress[i].state != VCKC_BLOCK_BACKUP_COPYING; i++)
        g_assert_cmpint (fixture->progress[i].state, ==, state);
    }
}

static void
finish (Fixture *fixture)
{
  VckcError *error = NULL;
  bool ok = vckc_block_backup_finish (fixture->backup, &error)
            && vckc_block_backup_forget (fixture->backup, &error);

  assert_ok (ok, error);
  g_clear_pointer (&fixture->backup, vckc_block_backup_free);
}

/* Every point reads as the disk was at the time, also when later ones have been made. */
static void
test_truth (Fixture *fixture, gconstpointer first)
{
  enum
  {
    N_POINTS = 4
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (first) + 1);
  char *hashes[N_POINTS][N_DISKS];

  for (guint point = 0; point < N_POINTS; point++)
    {
      for (guint i = 0; i < N_DISKS; i++)
        {
          backup_images_change (fixture->disks[i].path, fixture->sizes[i], rand);
          hashes[point][i] = backup_images_hash (fixture->disks[i].path, "qcow2");
        }
      begin (fixture, point);
      wait_for (fixture, VCKC_BLOCK_BACKUP_COPIED);
      finish (fixture);
    }
  for (guint point = 0; point < N_POINTS; point++)
    for (guint i = 0; i < N_DISKS; i++)
      {
        g_autofree char *file = get_file (fixture, i, point);
        g_autofree char *hash = backup_images_hash (file, "qcow2");

        g_assert_cmpstr (hash, ==, hashes[point][i]);
        g_free (hashes[point][i]);
      }
}

/* While it goes on the images can be looked at, and not be changed. */
static void
test_held (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  VckcBlockSession *session;
  bool ok;

  begin (fixture, 0);
  session = vckc_block_session_open (fixture->backend, &machine, fixture->disks, N_DISKS,
                                     VCKC_BLOCK_SESSION_READ, &error);
  assert_ok (session != NULL, error);
  ok = vckc_block_session_close (session, &error);
  assert_ok (ok, error);
  g_assert_null (vckc_block_session_open (fixture->backend, &machine, fixture->disks, N_DISKS,
                                          VCKC_BLOCK_SESSION_WRITE, &error));
  assert_error (error, VCKC_ERROR_BUSY, "held by another program");
  wait_for (fixture, VCKC_BLOCK_BACKUP_COPIED);
  finish (fixture);
}

/* Fails the test unless the disks have those bitmaps, each of use, and can be written to again. */
static void
assert_bitmaps (Fixture *fixture, guint n_points)
{
  VckcError *error = NULL;
  VckcBlockSession *session = vckc_block_session_open (fixture->backend, &machine, fixture->disks,
                                                       N_DISKS, VCKC_BLOCK_SESSION_WRITE, &error);
  bool ok;

  assert_ok (session != NULL, error);
  for (guint i = 0; i < N_DISKS; i++)
    {
      g_autoptr (GPtrArray) bitmaps = NULL;

      ok = vckc_block_session_list_bitmaps (session, i, &bitmaps, &error);
      assert_ok (ok, error);
      g_assert_cmpuint (bitmaps->len, ==, n_points);
      for (guint j = 0; j < bitmaps->len; j++)
        g_assert_false (((VckcBlockBitmap *) g_ptr_array_index (bitmaps, j))->inconsistent);
    }
  ok = vckc_block_session_close (session, &error);
  assert_ok (ok, error);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  bool ok;

  begin (fixture, 0);
  ok = vckc_block_backup_cancel (fixture->backup, &error);
  assert_ok (ok, error);
  wait_for (fixture, VCKC_BLOCK_BACKUP_FAILED);
  g_assert_nonnull (fixture->progress[0].error);
  g_clear_pointer (&fixture->backup, vckc_block_backup_free);
  assert_bitmaps (fixture, 1);
}

/* The daemon has the images open to read them only, so nothing becomes of them. */
static void
test_daemon_is_killed (Fixture *fixture, gconstpointer data)
{
  begin (fixture, 0);
  kill (image_fixture_get_child (), SIGKILL);
  wait_for (fixture, VCKC_BLOCK_BACKUP_LOST);
  g_assert_nonnull (strstr (fixture->progress[0].error, "signal 9"));
  g_clear_pointer (&fixture->backup, vckc_block_backup_free);
  assert_bitmaps (fixture, 1);
}

/* QEMU has copied all, and cannot write the tables that it has kept in memory: the files hold
 * nothing that can be found. */
static void
test_tables_cannot_be_written (Fixture *fixture, gconstpointer data)
{
  const struct rlimit nothing = { 0, 0 };
  VckcError *error = NULL;

  begin (fixture, 0);
  wait_for (fixture, VCKC_BLOCK_BACKUP_COPIED);
  g_assert_cmpint (prlimit (image_fixture_get_child (), RLIMIT_FSIZE, &nothing, NULL), ==, 0);
  g_assert_false (vckc_block_backup_finish (fixture->backup, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "cannot write the rest of the backup");
  g_clear_pointer (&fixture->backup, vckc_block_backup_free);
  assert_bitmaps (fixture, 1);
}

static void
test_freed (Fixture *fixture, gconstpointer data)
{
  begin (fixture, 0);
  g_clear_pointer (&fixture->backup, vckc_block_backup_free);
  assert_bitmaps (fixture, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN); /* for the daemons: a write beyond the limit of a file only fails */
  for (guint i = 0; i < n_backup_forms; i++)
    {
      g_autofree char *path = g_strdup_printf ("/offline-backup/truth/%u", i);

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), set_up, test_truth, tear_down);
    }
  g_test_add ("/offline-backup/held", Fixture, NULL, set_up, test_held, tear_down);
  g_test_add ("/offline-backup/cancel", Fixture, GUINT_TO_POINTER (LARGE), set_up, test_cancel,
              tear_down);
  g_test_add ("/offline-backup/daemon-is-killed", Fixture, NULL, set_up, test_daemon_is_killed,
              tear_down);
  g_test_add ("/offline-backup/tables-cannot-be-written", Fixture, GUINT_TO_POINTER (0), set_up,
              test_tables_cannot_be_written, tear_down);
  g_test_add ("/offline-backup/freed", Fixture, NULL, set_up, test_freed, tear_down);
  return g_test_run ();
}
