/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

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

#define MIB G_GUINT64_CONSTANT (1048576)

/* Every backup of a chain with two disks of different clusters, one of which grows. */
static void
test_every_backup (BackupFixture *fixture, gconstpointer data)
{
  const char *base = NULL;

  for (guint i = 0; i < 5; i++)
    {
      const FixtureDisk disks[] = {
        { "vda", 3 * MIB + 512, 65536, base },
        { "vdb", (1 + i) * MIB + 1024, 4096, i == 3 ? NULL : base },
        { "sda", MIB, 2097152, base },
      };

      base = backup_fixture_add (fixture, disks, G_N_ELEMENTS (disks));
    }
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 5);
  image_fixture_assert_no_child ();
}

/* As many levels as are allowed, and one more. */
static void
test_long_chain (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *to = g_build_filename (fixture->folder, "disk", NULL);
  g_autofree char *hash = NULL;
  g_autofree char *image = NULL;
  g_autofree char *wanted = NULL;
  const VckcRestoreDisk disk = { "vda", to };
  VckcError *error = NULL;

  fixture->without_hashes = true;
  backup_fixture_add_chain (fixture, 101);
  assert_ok (vckc_restore (fixture->domain, fixture->root, backup_fixture_get_id (fixture, 99),
                           &disk, 1, false, false, &error),
             error);
  hash = backup_fixture_hash_image (fixture, to, "qcow2");
  image = backup_fixture_make_path (fixture, backup_fixture_get_id (fixture, 99), "vda.qcow2");
  wanted = backup_fixture_hash_image (fixture, image, "qcow2");
  g_assert_cmpstr (hash, ==, wanted);
  g_assert_false (vckc_restore (fixture->domain, fixture->root,
                                backup_fixture_get_id (fixture, 100), &disk, 1, false, true,
                                &error));
  assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "is based on more than 99 backups");
}

static void
test_raw (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *to = g_build_filename (fixture->folder, "disk.raw", NULL);
  const VckcRestoreDisk disk = { "vda", to };
  g_autofree char *hash = NULL;
  g_autofree char *key = NULL;
  VckcError *error = NULL;
  struct stat info;

  backup_fixture_add_chain (fixture, 3);
  key = g_strdup_printf ("%s/vda", backup_fixture_get_id (fixture, 2));
  assert_ok (vckc_restore (fixture->domain, fixture->root, backup_fixture_get_id (fixture, 2),
                           &disk, 1, true, false, &error),
             error);
  hash = backup_fixture_hash_image (fixture, to, "raw");
  g_assert_cmpstr (hash, ==, g_hash_table_lookup (fixture->hashes, key));
  g_assert_cmpint (stat (to, &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 2 * MIB + 512);
  g_assert_cmpint (info.st_mode & 07777, ==, 0600);
}

static void
assert_refused (BackupFixture *fixture,
                const char *id,
                const VckcRestoreDisk *disks,
                guint n_disks,
                VckcErrorCode code,
                const char *part)
{
  VckcError *error = NULL;

  g_assert_false (
      vckc_restore (fixture->domain, fixture->root, id, disks, n_disks, false, false, &error));
  assert_error (error, code, part);
}

/* A file that is there stays as it is, unless it is to be replaced. */
static void
test_taken (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *to = g_build_filename (fixture->folder, "mine", NULL);
  const VckcRestoreDisk disk = { "vda", to };
  g_autofree char *text = NULL;
  const char *id;
  VckcError *error = NULL;

  backup_fixture_add_chain (fixture, 1);
  id = backup_fixture_get_id (fixture, 0);
  g_assert_true (g_file_set_contents (to, "mine", -1, NULL));
  assert_refused (fixture, id, &disk, 1, VCKC_ERROR_OPERATION_FAILED, "there is a file of that");
  g_assert_true (g_file_get_contents (to, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  assert_ok (vckc_restore (fixture->domain, fixture->root, id, &disk, 1, false, true, &error),
             error);
  g_assert_cmpint (g_unlink (to), ==, 0);
  g_assert_cmpint (symlink ("elsewhere", to), ==, 0);
  g_assert_false (vckc_restore (fixture->domain, fixture->root, id, &disk, 1, false, true, &error));
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "something else than a file");
}

/* If one disk cannot be restored none is, and nothing is left. */
static void
test_all_or_none (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *first = g_build_filename (fixture->folder, "a", NULL);
  g_autofree char *second = g_build_filename (fixture->folder, "missing", "b", NULL);
  g_autofree char *left = g_strconcat (first, VCKC_RESTORE_SUFFIX, NULL);
  const FixtureDisk made[] = { { "vda", MIB, 65536, NULL }, { "vdb", MIB, 65536, NULL } };
  const VckcRestoreDisk disks[] = { { "vda", first }, { "vdb", second } };
  const char *id = backup_fixture_add (fixture, made, 2);

  assert_refused (fixture, id, disks, 2, VCKC_ERROR_SYSTEM_ERROR, "cannot open the folder");
  g_assert_false (g_file_test (first, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

static void
test_unknown (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *to = g_build_filename (fixture->folder, "disk", NULL);
  const VckcRestoreDisk vda = { "vda", to };
  const VckcRestoreDisk vdz = { "vdz", to };

  backup_fixture_add_chain (fixture, 1);
  assert_refused (fixture, "20200101T000000.000000Z-00000000", &vda, 1, VCKC_ERROR_NO_BACKUP,
                  "there is no backup '2020");
  assert_refused (fixture, backup_fixture_get_id (fixture, 0), &vdz, 1, VCKC_ERROR_NO_BACKUP,
                  "has no disk 'vdz'");
}

/* What an interrupted restore has left does not hinder the next one; one that is under way does. */
static void
test_left_over (BackupFixture *fixture, gconstpointer data)
{
  g_autofree char *to = g_build_filename (fixture->folder, "disk", NULL);
  g_autofree char *left = g_strconcat (to, VCKC_RESTORE_SUFFIX, NULL);
  const VckcRestoreDisk disk = { "vda", to };
  const char *const lock[] = { "python3", "-c",
                               "import fcntl, struct, sys\n"
                               "f = open(sys.argv[1], 'r+')\n"
                               "fcntl.fcntl(f, 37, struct.pack('hhqqi4x', 1, 0, 0, 1, 0))\n"
                               "print('locked', flush=True)\n"
                               "sys.stdin.read()\n",
                               left, NULL };
  ImageHolder holder;
  VckcError *error = NULL;
  char c;

  backup_fixture_add_chain (fixture, 1);
  g_assert_true (g_file_set_contents (left, "half", -1, NULL));
  g_assert_true (g_spawn_async_with_pipes (NULL, (char **) lock, NULL,
                                           G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                           NULL, &holder.pid, &holder.in, &holder.out, NULL, NULL));
  g_assert_cmpint (read (holder.out, &c, 1), ==, 1);
  assert_refused (fixture, backup_fixture_get_id (fixture, 0), &disk, 1, VCKC_ERROR_BUSY,
                  "another process is restoring to");
  image_holder_stop (&holder);
  assert_ok (vckc_restore (fixture->domain, fixture->root, backup_fixture_get_id (fixture, 0),
                           &disk, 1, false, false, &error),
             error);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

/* Files that are open do not add up. */
static void
test_descriptors (BackupFixture *fixture, gconstpointer data)
{
  guint before;

  backup_fixture_add_chain (fixture, 2);
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 2);
  before = image_fixture_count_files ();
  g_assert_cmpuint (backup_fixture_check (fixture), ==, 2);
  g_assert_cmpuint (image_fixture_count_files (), ==, before);
}

#define ADD(name, test)                                                                            \
  g_test_add ("/vck/backup/restore/" name, BackupFixture, NULL, backup_fixture_set_up, test,       \
              backup_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("every-backup", test_every_backup);
  ADD ("long-chain", test_long_chain);
  ADD ("raw", test_raw);
  ADD ("taken", test_taken);
  ADD ("all-or-none", test_all_or_none);
  ADD ("unknown", test_unknown);
  ADD ("left-over", test_left_over);
  ADD ("descriptors", test_descriptors);
  return g_test_run ();
}
