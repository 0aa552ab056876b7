/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Stores and backups through the public functions. */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "assert-error.h"
#include "backup-fixture.h"
#include "backup/backup-handles.h"
#include "vckc.h"

#define MIB G_GUINT64_CONSTANT (1048576)
#define OTHER_DOMAIN "0b2c4f0e-64c5-4e9c-9d3e-000000000002"

static VckcRepository *
open_store (BackupFixture *fixture, unsigned int flags)
{
  VckcError *error = NULL;
  VckcRepository *repository = vckc_repository_open (fixture->path, flags, &error);

  assert_ok (repository != NULL, error);
  return repository;
}

static VckcBackup *
look_up (BackupFixture *fixture, VckcRepository *repository, guint i)
{
  VckcError *error = NULL;
  VckcBackup *backup = vckc_repository_lookup_backup (repository, FIXTURE_DOMAIN,
                                                      backup_fixture_get_id (fixture, i), &error);

  assert_ok (backup != NULL, error);
  return backup;
}

static void
test_store (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  g_autoptr (VckcRepository) read_only = open_store (fixture, VCKC_REPOSITORY_READ_ONLY);
  VckcError *error = NULL;

  g_assert_cmpstr (vckc_repository_get_path (repository, NULL), ==, fixture->path);
  g_assert_cmpstr (vckc_repository_get_uuid (repository, NULL), ==, fixture->root->uuid);
  g_assert_false (vckc_repository_is_read_only (repository, NULL));
  g_assert_true (vckc_repository_is_read_only (read_only, NULL));
  g_assert_null (vckc_repository_open (fixture->path, 3, &error));
  assert_error (error, VCKC_ERROR_INVALID_ARG, "CREATE");
  error = NULL;
  g_assert_null (vckc_repository_open (fixture->path, 4, &error));
  assert_error (error, VCKC_ERROR_INVALID_ARG, "supported are CREATE, READ_ONLY");
  error = NULL;
  g_assert_null (vckc_repository_open (fixture->folder, 0, &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "there is no store of backups in");
}

static void
free_backups (VckcBackup **backups)
{
  for (guint i = 0; backups[i] != NULL; i++)
    vckc_object_unref (backups[i]);
  free (backups);
}

static void
test_list (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  VckcBackup **backups;
  VckcError *error = NULL;
  int n;

  g_assert_cmpint (vckc_repository_list_backups (repository, NULL, NULL, &error), ==, 0);
  backup_fixture_add_chain (fixture, 3);
  n = vckc_repository_list_backups (repository, NULL, &backups, &error);
  assert_ok (n == 3, error);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpstr (vckc_backup_get_id (backups[i], NULL), ==, backup_fixture_get_id (fixture, i));
  free_backups (backups);
  g_assert_cmpint (vckc_repository_list_backups (repository, FIXTURE_DOMAIN, NULL, NULL), ==, 3);
  g_assert_cmpint (vckc_repository_list_backups (repository, OTHER_DOMAIN, NULL, NULL), ==, 0);
  g_assert_cmpint (vckc_repository_list_backups (repository, "../x", NULL, &error), ==, -1);
  assert_error (error, VCKC_ERROR_INVALID_ARG, "'../x' is not a UUID in lower case");
}

static void
test_backup (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  g_autoptr (VckcBackup) first = NULL;
  g_autoptr (VckcBackup) second = NULL;
  g_autofree char *checkpoint = NULL;
  g_autofree char *path = NULL;
  VckcBackupDisk **disks;

  backup_fixture_add_chain (fixture, 2);
  first = look_up (fixture, repository, 0);
  second = look_up (fixture, repository, 1);
  checkpoint =
      g_strdup_printf ("vck.%.8s.%s", fixture->root->uuid, backup_fixture_get_id (fixture, 0));
  path = backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 1), "vda.qcow2");
  g_assert_cmpstr (vckc_backup_get_domain_uuid (first, NULL), ==, FIXTURE_DOMAIN);
  g_assert_cmpstr (vckc_backup_get_domain_name (first, NULL), ==, "mail");
  g_assert_cmpint (vckc_backup_get_time (second, NULL), ==, 1795765988);
  g_assert_cmpstr (vckc_backup_get_checkpoint (first, NULL), ==, checkpoint);
  g_assert_null (vckc_backup_get_label (first, NULL));
  g_assert_null (vckc_backup_get_problem (first, NULL));
  g_assert_cmpint (vckc_backup_list_disks (second, &disks, NULL), ==, 1);
  g_assert_cmpstr (vckc_backup_disk_get_target (disks[0], NULL), ==, "vda");
  g_assert_cmpstr (vckc_backup_disk_get_path (disks[0], NULL), ==, path);
  g_assert_cmpstr (vckc_backup_disk_get_base (disks[0], NULL), ==,
                   vckc_backup_get_id (first, NULL));
  g_assert_null (vckc_backup_disk_get_why_full (disks[0], NULL));
  g_assert_cmpint (vckc_backup_disk_get_virtual_size (disks[0], NULL), ==, 2 * MIB + 512);
  g_assert_cmpint (vckc_backup_disk_get_file_size (disks[0], NULL), ==,
                   vckc_backup_get_size (second, NULL));
  g_assert_cmpint (vckc_backup_disk_get_bytes (disks[0], NULL), ==, 0);
  g_assert_null (vckc_backup_disk_get_sha256 (disks[0], NULL));
  vckc_object_unref (disks[0]);
  free (disks);
}

/* A damaged one is listed with the reason, and cannot be restored. */
static void
test_damaged (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  g_autoptr (VckcBackup) backup = NULL;
  g_autofree char *to = g_build_filename (fixture->folder, "to", NULL);
  VckcError *error = NULL;

  backup_fixture_add_chain (fixture, 1);
  backup_fixture_edit_manifest (fixture, backup_fixture_get_id (fixture, 0), "\"kind\"",
                                "\"sort\"");
  backup = look_up (fixture, repository, 0);
  g_assert_nonnull (strstr (vckc_backup_get_problem (backup, NULL), "lacks the member 'kind'"));
  g_assert_null (vckc_backup_get_domain_name (backup, NULL));
  g_assert_cmpint (vckc_backup_get_time (backup, NULL), ==, -1);
  g_assert_cmpint (vckc_backup_get_size (backup, NULL), ==, -1);
  g_assert_cmpint (vckc_backup_list_disks (backup, NULL, NULL), ==, 0);
  g_assert_cmpint (vckc_repository_restore (repository, backup, NULL, to, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "lacks the member 'kind'");
  g_assert_false (g_file_test (to, G_FILE_TEST_EXISTS));
}

static void
test_unknown (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  VckcError *error = NULL;

  g_assert_null (vckc_repository_lookup_backup (repository, OTHER_DOMAIN, "x", &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "has no backups of the domain with the UUID");
  error = NULL;
  g_assert_null (vckc_repository_lookup_backup (repository, FIXTURE_DOMAIN, "../x", &error));
  assert_error (error, VCKC_ERROR_NO_BACKUP, "there is no backup '../x' in the store");
  error = NULL;
  g_assert_null (vckc_repository_lookup_backup (repository, FIXTURE_DOMAIN, NULL, &error));
  assert_error (error, VCKC_ERROR_INVALID_ARG, "id");
}

static void
assert_content (BackupFixture *fixture, guint i, const char *target, const char *path, bool raw)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", backup_fixture_get_id (fixture, i), target);
  g_autofree char *hash = backup_fixture_hash_image (fixture, path, raw ? "raw" : "qcow2");

  g_assert_cmpstr (hash, ==, g_hash_table_lookup (fixture->hashes, key));
}

/* All disks into a folder, one to a file; read-only stores can be restored from. */
static void
test_restore (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, VCKC_REPOSITORY_READ_ONLY);
  const FixtureDisk disks[] = { { "vda", MIB, 65536, NULL }, { "vdb", MIB, 4096, NULL } };
  g_autofree char *to = g_build_filename (fixture->folder, "to", NULL);
  g_autofree char *vda = g_build_filename (to, "vda.qcow2", NULL);
  g_autofree char *vdb = g_build_filename (to, "vdb.qcow2", NULL);
  g_autofree char *raw = g_build_filename (fixture->folder, "vdb.raw", NULL);
  g_autoptr (VckcBackup) backup = NULL;
  VckcError *error = NULL;
  int result;

  backup_fixture_add (fixture, disks, G_N_ELEMENTS (disks));
  backup = look_up (fixture, repository, 0);
  result = vckc_repository_restore (repository, backup, NULL, to, 0, &error);
  assert_ok (result == 0, error);
  assert_content (fixture, 0, "vda", vda, false);
  assert_content (fixture, 0, "vdb", vdb, false);
  result = vckc_repository_restore (repository, backup, "vdb", raw, VCKC_RESTORE_RAW, &error);
  assert_ok (result == 0, error);
  assert_content (fixture, 0, "vdb", raw, true);
  result = vckc_repository_restore (repository, backup, NULL, to, 0, &error);
  g_assert_cmpint (result, ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED,
                "there is a file of that name; name another one, or pass the flag REPLACE");
  error = NULL;
  result = vckc_repository_restore (repository, backup, NULL, to, VCKC_RESTORE_REPLACE, &error);
  assert_ok (result == 0, error);
}

static void
test_other_store (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  g_autofree char *path = g_build_filename (fixture->folder, "other", NULL);
  g_autoptr (VckcRepository) other = vckc_repository_open (path, VCKC_REPOSITORY_CREATE, NULL);
  g_autoptr (VckcBackup) backup = NULL;
  VckcError *error = NULL;

  backup_fixture_add_chain (fixture, 1);
  backup = look_up (fixture, repository, 0);
  g_assert_cmpint (vckc_repository_restore (other, backup, "vda", path, 0, &error), ==, -1);
  assert_error (error, VCKC_ERROR_INVALID_ARG, "is not of the store");
}

static void
test_cancelled (BackupFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcRepository) repository = open_store (fixture, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *to = g_build_filename (fixture->folder, "to", NULL);
  g_autofree char *left = g_strconcat (to, ".vck-restore", NULL);
  const FixtureDisk disk = { "vda", 2048 * MIB, 65536, NULL };
  g_autoptr (VckcBackup) backup = NULL;
  VckcError *error = NULL;
  int result;

  fixture->without_hashes = true;
  backup_fixture_add (fixture, &disk, 1);
  backup = look_up (fixture, repository, 0);
  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  result = vckc_repository_restore (repository, backup, "vda", to, 0, &error);
  g_cancellable_pop_current (cancellable);
  g_assert_cmpint (result, ==, -1);
  assert_error (error, VCKC_ERROR_CANCELLED, "");
  g_assert_false (g_file_test (to, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/backup/repository/" name, BackupFixture, NULL, backup_fixture_set_up, test,    \
              backup_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("store", test_store);
  ADD ("list", test_list);
  ADD ("backup", test_backup);
  ADD ("damaged", test_damaged);
  ADD ("unknown", test_unknown);
  ADD ("restore", test_restore);
  ADD ("other-store", test_other_store);
  ADD ("cancelled", test_cancelled);
  return g_test_run ();
}
