/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of simulated disks to a store: each restored disk holds what was written at its time. */

#include <glib/gstdio.h>
#include <stdlib.h>

#include "assert-error.h"
#include "drivers/memory/testing/memory-hooks.h"
#include "image-fixture.h"
#include "memory-expected.h"

#define DISKS 2
#define ROUNDS 5

static const char *const targets[DISKS] = { "vda", "vdb" };

typedef struct
{
  char *folder;
  char *uri;
  VckcRepository *repository;
  VckcConnect *connect;
  VckcDomain *domain;
  MemoryExpected now[DISKS];
  MemoryExpected then[ROUNDS][DISKS]; /* with each backup */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static guint n_uris;
  g_autofree char *path = NULL;
  VckcError *error = NULL;

  fixture->folder = image_fixture_new ();
  fixture->uri = g_strdup_printf ("memory:///store%u", ++n_uris);
  path = g_build_filename (fixture->folder, "store", NULL);
  fixture->repository = vckc_repository_open (path, VCKC_REPOSITORY_CREATE, &error);
  assert_ok (fixture->repository != NULL, error);
  fixture->connect = vckc_connect_open (fixture->uri, 0, &error);
  assert_ok (fixture->connect != NULL, error);
  fixture->domain = vckc_domain_lookup_by_name (fixture->connect, "test", &error);
  assert_ok (fixture->domain != NULL, error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  vckc_domain_unref (fixture->domain, NULL);
  vckc_connect_close (fixture->connect, NULL);
  vckc_connect_unref (fixture->connect, NULL);
  vckc_repository_unref (fixture->repository, NULL);
  image_fixture_assert_no_child ();
  g_free (fixture->uri);
  image_fixture_remove (fixture->folder);
}

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
write_at_random (Fixture *fixture)
{
  for (guint i = 0; i < DISKS; i++)
    for (int n = g_test_rand_int_range (1, 6); n > 0; n--)
      {
        guint64 offset = (guint64) g_test_rand_int_range (0, MEMORY_CAPACITY - 1);
        guint64 length =
            MIN ((guint64) g_test_rand_int_range (1, 8 * MEMORY_BLOCK), MEMORY_CAPACITY - offset);

        g_assert_true (vckc_memory_write (fixture->domain, targets[i], offset, length));
        memory_expected_note (&fixture->now[i], offset, length);
      }
}

/* It is to be read, since the disks are no files. */
static void
assert_plan (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcBackupPlan *plan =
      vckc_repository_plan_backup (fixture->repository, fixture->domain, 0, 0, 0, &error);

  assert_ok (plan != NULL, error);
  g_assert_cmpint (vckc_backup_plan_get_mode (plan, NULL), ==, VCKC_BACKUP_MODE_PULL);
  g_assert_cmpstr (vckc_backup_plan_get_why_pull (plan, NULL), ==, "its disks are simulated");
  g_assert_cmpint (vckc_backup_plan_get_bytes (plan, NULL), >, 0);
  g_assert_cmpint (vckc_backup_plan_get_bytes (plan, NULL), <, MEMORY_CAPACITY / 2);
  vckc_backup_plan_unref (plan, NULL);
}

/* Fails the test unless all disks are based on that backup; NULL: on none. */
static void
assert_base (VckcBackup *backup, const char *base)
{
  VckcError *error = NULL;
  VckcBackupDisk **disks = NULL;
  int n = vckc_backup_list_disks (backup, &disks, &error);

  assert_ok (n >= 0, error);
  g_assert_cmpint (n, ==, DISKS);
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpstr (vckc_backup_disk_get_base (disks[i], NULL), ==, base);
      vckc_backup_disk_unref (disks[i], NULL);
    }
  free (disks);
}

static VckcBackup *
back_up (Fixture *fixture)
{
  VckcError *error = NULL;
  VckcBackup *backup = vckc_repository_backup (fixture->repository, fixture->domain, NULL, 0, 0,
                                               VCKC_BACKUP_CHECKSUM, &error);

  assert_ok (backup != NULL, error);
  return backup;
}

static void
assert_restored (Fixture *fixture, VckcBackup *backup, const MemoryExpected *expected)
{
  for (guint i = 0; i < DISKS; i++)
    {
      g_autofree char *to = g_build_filename (fixture->folder, "restored.qcow2", NULL);
      g_autofree char *options =
          g_strdup_printf ("driver=qcow2,file.driver=file,file.filename=%s", to);
      VckcError *error = NULL;
      bool restored =
          vckc_repository_restore (fixture->repository, backup, targets[i], to, 0, &error) == 0;

      assert_ok (restored, error);
      memory_expected_compare (&expected[i], fixture->folder, options);
      g_unlink (to);
    }
}

static void
test_truth (Fixture *fixture, gconstpointer data)
{
  VckcBackup *backups[ROUNDS];

  for (guint round = 0; round < ROUNDS; round++)
    {
      write_at_random (fixture);
      assert_plan (fixture);
      memcpy (fixture->then[round], fixture->now, sizeof fixture->now);
      backups[round] = back_up (fixture);
      assert_base (backups[round],
                   round > 0 ? vckc_backup_get_id (backups[round - 1], NULL) : NULL);
    }
  for (guint round = 0; round < ROUNDS; round++)
    {
      assert_restored (fixture, backups[round], fixture->then[round]);
      vckc_backup_unref (backups[round], NULL);
    }
  g_assert_cmpint (vckc_domain_list_all_checkpoints (fixture->domain, NULL, 0, NULL), ==, 2);
}

/* A bitmap that is lost makes the disk full, with the reason. */
static void
test_lost_bitmap (Fixture *fixture, gconstpointer data)
{
  VckcBackup *first, *second;
  VckcError *error = NULL;
  g_autofree char *checkpoint = NULL;
  VckcDomainCheckpoint *handle;
  bool deleted;

  write_at_random (fixture);
  first = back_up (fixture);
  checkpoint = g_strdup (vckc_backup_get_checkpoint (first, NULL));
  handle = vckc_domain_checkpoint_lookup_by_name (fixture->domain, checkpoint, 0, &error);
  assert_ok (handle != NULL, error);
  deleted = vckc_domain_checkpoint_delete (handle, 0, &error) == 0;
  assert_ok (deleted, error);
  vckc_domain_checkpoint_unref (handle, NULL);
  write_at_random (fixture);
  second = back_up (fixture);
  assert_base (second, NULL);
  assert_restored (fixture, second, fixture->now);
  vckc_backup_unref (first, NULL);
  vckc_backup_unref (second, NULL);
}

/* Whichever access fails, no backup is half made, and the next one is right. */
static void
test_faults (Fixture *fixture, gconstpointer data)
{
  VckcBackup *first, *last = NULL;

  write_at_random (fixture);
  first = back_up (fixture);
  for (guint i = 1; last == NULL; i += 3)
    {
      g_autofree char *text = g_strdup_printf ("fail=%u", i);
      VckcError *error = NULL;
      VckcBackup **backups = NULL;
      int n;

      g_assert_cmpuint (i, <, 300);
      write_at_random (fixture);
      query (fixture, text);
      last = vckc_repository_backup (fixture->repository, fixture->domain, NULL, 0, 0, 0, &error);
      query (fixture, "fail=0");
      g_assert_true ((last == NULL) == (error != NULL));
      g_clear_pointer (&error, vckc_error_free);
      n = vckc_repository_list_backups (fixture->repository, NULL, &backups, NULL);
      g_assert_cmpint (n, ==, last != NULL ? 2 : 1);
      for (int j = 0; j < n; j++)
        vckc_backup_unref (backups[j], NULL);
      free (backups);
    }
  assert_restored (fixture, last, fixture->now);
  vckc_backup_unref (first, NULL);
  vckc_backup_unref (last, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/vck/backup/simulated/truth", Fixture, NULL, set_up, test_truth, tear_down);
  g_test_add ("/vck/backup/simulated/lost-bitmap", Fixture, NULL, set_up, test_lost_bitmap,
              tear_down);
  g_test_add ("/vck/backup/simulated/faults", Fixture, NULL, set_up, test_faults, tear_down);
  return g_test_run ();
}
