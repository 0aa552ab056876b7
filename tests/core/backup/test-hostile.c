/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A store that means harm: nothing outside of it is read, nothing is written. */

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert-error.h"
#include "backup-fixture.h"
#include "backup/restore.h"
#include "image-fixture.h"

#define OTHER "20200101T000000.000000Z-00000000"

/* Two backups, the second based on the first. */
static void
set_up (BackupFixture *fixture, gconstpointer data)
{
  backup_fixture_set_up (fixture, data);
  fixture->without_hashes = true;
  backup_fixture_add_chain (fixture, 2);
}

static void
assert_not_restored (BackupFixture *fixture, const char *part)
{
  g_autofree char *to = g_build_filename (fixture->folder, "restored", NULL);
  g_autofree char *left = g_strconcat (to, VCKC_RESTORE_SUFFIX, NULL);
  const VckcRestoreDisk disk = { "vda", to };
  VckcError *error = NULL;

  g_assert_false (vckc_restore (fixture->domain, fixture->root, backup_fixture_get_id (fixture, 1),
                                &disk, 1, false, false, &error));
  assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, part);
  g_assert_false (g_file_test (to, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

/* Gives an image of the backup another header with 'qemu-img rebase -u', and the manifest the size
 * of the file. */
static void
rebase (BackupFixture *fixture, guint i, const char *backing, const char *format)
{
  g_autofree char *image =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, i), "vda.qcow2");
  const char *const argv[] = { "qemu-img", "rebase", "-u",   "-f",  "qcow2", "-b",
                               backing,    "-F",     format, image, NULL };

  g_free (image_fixture_run (argv));
}

static void
test_backing_file_elsewhere (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *secret = g_build_filename (fixture->folder, "secret", NULL);

  g_assert_true (g_file_set_contents (secret, "root:x:0", -1, NULL));
  rebase (fixture, 0, secret, "raw");
  assert_not_restored (fixture, "and not on 'nothing'");
}

static void
test_other_backing_format (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *base = g_strdup_printf ("../%s/vda.qcow2", backup_fixture_get_id (fixture, 0));

  rebase (fixture, 1, base, "raw");
  assert_not_restored (fixture, "in format 'raw', and not on");
}

static void
test_json_backing_file (BackupFixture *fixture, gconstpointer data)
{
  rebase (fixture, 1, "json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}", "raw");
  assert_not_restored (fixture, "is not what its manifest says: it is based on 'json:");
}

static void
test_data_file (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *image =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 1), "vda.qcow2");
  g_autofree char *options = g_strdup_printf ("data_file=%s/outside", fixture->folder);
  const char *const argv[] = { "qemu-img", "create", "-q",  "-f",      "qcow2",
                               "-o",       options,  image, "2097664", NULL };
  g_autofree char *size = NULL;
  struct stat info;

  g_assert_cmpint (g_unlink (image), ==, 0);
  g_free (image_fixture_run (argv));
  g_assert_cmpint (stat (image, &info), ==, 0);
  assert_not_restored (fixture, "its data is in another file");
}

static void
test_link_to_image (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *image =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 0), "vda.qcow2");
  g_autofree char *moved = g_build_filename (fixture->folder, "moved.qcow2", NULL);

  g_assert_cmpint (g_rename (image, moved), ==, 0);
  g_assert_cmpint (symlink (moved, image), ==, 0);
  assert_not_restored (fixture, "no file of this user");
}

static void
test_link_to_backup (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *backup =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 0), NULL);
  g_autofree char *moved = g_build_filename (fixture->folder, "moved", NULL);

  g_assert_cmpint (g_rename (backup, moved), ==, 0);
  g_assert_cmpint (symlink (moved, backup), ==, 0);
  assert_not_restored (fixture, "which is damaged: cannot open the folder");
}

static void
test_fifo (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *image =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 1), "vda.qcow2");

  g_assert_cmpint (g_unlink (image), ==, 0);
  g_assert_cmpint (mkfifo (image, 0600), ==, 0);
  assert_not_restored (fixture, "no file of this user");
}

static void
test_missing_image (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *image =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 0), "vda.qcow2");

  g_assert_cmpint (g_unlink (image), ==, 0);
  assert_not_restored (fixture, "' is missing");
}

static void
test_missing_base (BackupFixture *fixture, gconstpointer data)
{
  backup_fixture_edit_manifest (fixture, backup_fixture_get_id (fixture, 1),
                                backup_fixture_get_id (fixture, 0), OTHER);
  assert_not_restored (fixture, "is based on the backup '" OTHER "', which is missing");
}

static void
test_circle (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *base = g_strdup_printf ("\"base\" : \"%s\"", backup_fixture_get_id (fixture, 1));

  backup_fixture_edit_manifest (fixture, backup_fixture_get_id (fixture, 0), "\"base\" : null",
                                base);
  assert_not_restored (fixture, "is based on more than 99 backups, or on itself");
}

static void
test_sizes_that_lie (BackupFixture *fixture, gconstpointer data)
{
  const char *id = backup_fixture_get_id (fixture, 1);

  backup_fixture_edit_manifest (fixture, id, "2097664", "1099511627776");
  assert_not_restored (fixture, "its disk has another size");
  backup_fixture_edit_manifest (fixture, id, "1099511627776", "512");
  assert_not_restored (fixture, "is smaller than in the backup");
  backup_fixture_edit_manifest (fixture, id, "\"virtual_size\" : 512",
                                "\"virtual_size\" : 2097664");
  backup_fixture_edit_manifest (fixture, id, "65536", "4096");
  assert_not_restored (fixture, "its clusters have another size");
  backup_fixture_edit_manifest (fixture, id, "4096", "65536");
  backup_fixture_edit_manifest (fixture, id, "\"file_size\" : ", "\"file_size\" : 1");
  assert_not_restored (fixture, "the file has another size");
}

static void
test_manifest_of_another (BackupFixture *fixture, gconstpointer data)
{
  const char *id = backup_fixture_get_id (fixture, 1);

  backup_fixture_edit_manifest (fixture, id, FIXTURE_DOMAIN,
                                "0b2c4f0e-64c5-4e9c-9d3e-000000000002");
  assert_not_restored (fixture, "is that of another domain");
  backup_fixture_edit_manifest (fixture, id, "0b2c4f0e-64c5-4e9c-9d3e-000000000002",
                                FIXTURE_DOMAIN);
  backup_fixture_edit_manifest (fixture, id, "\"id\" : \"202611", "\"id\" : \"202612");
  assert_not_restored (fixture, "is that of another backup");
}

/* Damaged ones are in the list with the reason, and hide no others. */
static void
test_list (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *path =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 1), VCKC_MANIFEST_FILE);
  g_autofree char *stray = g_build_filename (fixture->path, FIXTURE_DOMAIN, "..x", NULL);
  g_autofree char *file = g_build_filename (fixture->path, FIXTURE_DOMAIN, OTHER, NULL);
  g_autoptr (VckcBackupList) list = NULL;
  const VckcBackupEntry *entry;

  g_assert_true (g_file_set_contents (path, "{", -1, NULL));
  g_assert_cmpint (g_mkdir (stray, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "no folder", -1, NULL));
  list = backup_fixture_load (fixture);
  g_assert_cmpuint (list->entries->len, ==, 3);
  entry = g_ptr_array_index (list->entries, 0);
  g_assert_nonnull (strstr (entry->problem, "cannot open the folder"));
  entry = g_ptr_array_index (list->entries, 1);
  g_assert_null (entry->problem);
  entry = g_ptr_array_index (list->entries, 2);
  g_assert_nonnull (strstr (entry->problem, "is damaged"));
}

static void
test_many (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *path =
      backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 0), VCKC_MANIFEST_FILE);
  g_autofree char *text = NULL;
  g_autoptr (VckcBackupList) list = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *id = g_strdup_printf ("20251101T075307.%06uZ-1fae9c02", i);
      g_autofree char *folder = backup_fixture_make_path (fixture, id, NULL);
      g_autofree char *manifest = backup_fixture_make_path (fixture, id, VCKC_MANIFEST_FILE);
      g_autoptr (GString) own = g_string_new (text);

      g_string_replace (own, backup_fixture_get_id (fixture, 0), id, 0);
      g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      g_assert_true (
          g_file_set_contents_full (manifest, own->str, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
  list = backup_fixture_load (fixture);
  g_assert_cmpuint (list->entries->len, ==, 2002);
  for (guint i = 0; i < list->entries->len; i++)
    g_assert_null (((VckcBackupEntry *) g_ptr_array_index (list->entries, i))->problem);
}

static void
assert_not_opened (const char *path, bool create, VckcErrorCode code, const char *part)
{
  VckcError *error = NULL;

  g_assert_null (vckc_store_root_open (path, create, false, &error));
  assert_error (error, code, part);
}

static void
test_store_file (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->path, VCKC_STORE_ROOT_FILE, NULL);
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);

  assert_not_opened (fixture->folder, true, VCKC_ERROR_OPERATION_FAILED, "it is not empty");
  assert_not_opened (fixture->folder, false, VCKC_ERROR_NO_BACKUP, "there is no store of backups");
  assert_not_opened ("/nonexistent/x", false, VCKC_ERROR_NO_BACKUP, "there is no folder");
  g_assert_cmpint (symlink (fixture->path, link), ==, 0);
  assert_not_opened (link, true, VCKC_ERROR_SYSTEM_ERROR, "it is a link");
  g_assert_true (
      g_file_set_contents (file, "{\"format\": 2, \"uuid\": \"" FIXTURE_DOMAIN "\"}", -1, NULL));
  assert_not_opened (fixture->path, true, VCKC_ERROR_OPERATION_UNSUPPORTED, "has the format 2");
  g_assert_true (g_file_set_contents (file, "{\"format\": 1, \"uuid\": \"..\"}", -1, NULL));
  assert_not_opened (fixture->path, true, VCKC_ERROR_BACKUP_INCONSISTENT, "'uuid' cannot be '..'");
}

/* One process at a time changes backups; a look at the list waits for moments only. */
static void
test_locks (BackupFixture *fixture, gconstpointer data)
{
  VckcError *error = NULL;
  g_autoptr (VckcDomainFolder) other =
      vckc_domain_folder_open (fixture->root, FIXTURE_DOMAIN, false, &error);

  assert_ok (other != NULL, error);
  assert_ok (vckc_domain_folder_lock (fixture->domain, VCKC_FOLDER_LOCK_WRITER, true, &error),
             error);
  assert_ok (vckc_domain_folder_lock (other, VCKC_FOLDER_LOCK_LIST, false, &error), error);
  assert_ok (vckc_domain_folder_lock (fixture->domain, VCKC_FOLDER_LOCK_LIST, false, &error),
             error);
  g_assert_false (vckc_domain_folder_lock (other, VCKC_FOLDER_LOCK_WRITER, true, &error));
  assert_error (error, VCKC_ERROR_BUSY, "another process is changing the backups in");
  error = NULL;
  vckc_domain_folder_unlock (fixture->domain, VCKC_FOLDER_LOCK_WRITER);
  assert_ok (vckc_domain_folder_lock (other, VCKC_FOLDER_LOCK_WRITER, true, &error), error);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/backup/hostile/" name, BackupFixture, NULL, set_up, test,                      \
              backup_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("backing-file-elsewhere", test_backing_file_elsewhere);
  ADD ("other-backing-format", test_other_backing_format);
  ADD ("json-backing-file", test_json_backing_file);
  ADD ("data-file", test_data_file);
  ADD ("link-to-image", test_link_to_image);
  ADD ("link-to-backup", test_link_to_backup);
  ADD ("fifo", test_fifo);
  ADD ("missing-image", test_missing_image);
  ADD ("missing-base", test_missing_base);
  ADD ("circle", test_circle);
  ADD ("sizes-that-lie", test_sizes_that_lie);
  ADD ("manifest-of-another", test_manifest_of_another);
  ADD ("list", test_list);
  ADD ("many", test_many);
  ADD ("store-file", test_store_file);
  ADD ("locks", test_locks);
  return g_test_run ();
}
