/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Restores in place that were interrupted, as their journals have them. */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "backup-images.h"
#include "backup/backup-names.h"
#include "backup/in-place-journal.h"
#include "backup/restored-file.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "in-place-fixture.h"
#include "qemu/image-lock.h"

static VckcDomainFolder *
open_folder (RunFixture *fixture)
{
  VckcError *error = NULL;
  VckcDomainFolder *folder = vckc_domain_folder_open (
      fixture->root, vckc_domain_get_uuid (fixture->domain, NULL), false, &error);

  assert_ok (folder != NULL, error);
  return folder;
}

static VckcInPlaceJournal *
make_journal (RunFixture *fixture, const char *backup)
{
  VckcInPlaceJournal *journal = vckc_in_place_journal_new (backup);

  journal->checkpoint = vckc_backup_make_checkpoint_name (fixture->root->uuid, journal->id);
  journal->time = 1795765987;
  journal->ready = true;
  return journal;
}

/* Makes the new image of a disk: what the full backup holds, with the bitmap. Returns the path of
 * it. */
static char *
add_ready (RunFixture *fixture, VckcInPlaceJournal *journal, guint number, const char *image)
{
  const RunDisk *known = &fixture->disks[number];
  VckcInPlaceDisk *disk = vckc_in_place_journal_add (journal, known->target);
  g_autofree char *name = g_strconcat (disk->target, ".qcow2", NULL);
  g_autofree char *stored =
      g_build_filename (fixture->root->path, fixture->domain->uuid, journal->backup, name, NULL);
  struct stat info;
  char *temporary;

  disk->tracked = true;
  disk->path = g_strdup (image);
  temporary = vckc_in_place_make_temporary (journal, disk);
  {
    const char *const copy[] = { "qemu-img", "convert", "-f",      "qcow2", "-O",
                                 "qcow2",    stored,    temporary, NULL };
    const char *const bitmap[] = { "qemu-img",          "bitmap", "--add", "-f", "qcow2", temporary,
                                   journal->checkpoint, NULL };

    g_free (image_fixture_run (copy));
    g_free (image_fixture_run (bitmap));
  }
  g_assert_cmpint (stat (image, &info), ==, 0);
  disk->old_inode = vckc_in_place_get_inode (&info);
  disk->old_size = (guint64) info.st_size;
  disk->old_changed = vckc_in_place_get_changed (&info);
  g_assert_cmpint (stat (temporary, &info), ==, 0);
  disk->new_inode = vckc_in_place_get_inode (&info);
  return temporary;
}

static void
write_journal (RunFixture *fixture, const VckcInPlaceJournal *journal)
{
  g_autoptr (VckcDomainFolder) folder = open_folder (fixture);
  VckcError *error = NULL;

  assert_ok (vckc_in_place_journal_write (folder, journal, &error), error);
}

/* What a restore of vda leaves that ends when its new image is ready. Returns the path of that. */
static char *
leave_ready (RunFixture *fixture, const char *backup, const char *image)
{
  g_autoptr (VckcInPlaceJournal) journal = make_journal (fixture, backup);
  char *temporary = add_ready (fixture, journal, 0, image);

  write_journal (fixture, journal);
  return temporary;
}

/* What a restore of both disks leaves that ends when vda has its new image. */
static void
leave_half (RunFixture *fixture, char *backup)
{
  g_autoptr (VckcInPlaceJournal) journal = make_journal (fixture, backup);
  g_autoptr (VckcDomainFolder) folder = open_folder (fixture);
  VckcError *error = NULL;
  g_autoptr (VckcRestored) restored = vckc_restored_read (folder, &error);
  VckcDomainCheckpoint **checkpoints;
  int n = vckc_domain_list_all_checkpoints (fixture->domain, &checkpoints, 0, &error);
  bool ok = restored != NULL && n >= 0;

  assert_ok (ok, error);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *new = add_ready (fixture, journal, i, fixture->disks[i].image);
      const VckcRestoredDisk now = { fixture->disks[i].target, journal->id, backup,
                                     journal->checkpoint };

      vckc_restored_set (restored, &now);
      if (i == 0)
        g_assert_cmpint (g_rename (new, fixture->disks[i].image), ==, 0);
    }
  write_journal (fixture, journal);
  ok = vckc_restored_write (folder, restored, &error);
  assert_ok (ok, error);
  for (int i = 0; i < n; i++)
    {
      ok = vckc_domain_checkpoint_delete (checkpoints[i], VCKC_CHECKPOINT_DELETE_METADATA_ONLY,
                                          &error)
           == 0;
      assert_ok (ok, error);
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
  free (checkpoints);
}

static int
recover (RunFixture *fixture, VckcError **err)
{
  VckcRepository *repository = in_place_open_repository (fixture);
  int result = vckc_repository_recover (repository, fixture->domain, err);

  vckc_repository_unref (repository, NULL);
  return result;
}

/* It is completed once no program has the image open. */
static void
test_complete (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *temporary = NULL;
  VckcError *error = NULL;
  VckcImageLock *lock;
  char *ids[3];

  in_place_back_up_rounds (fixture, ids, 2);
  temporary = leave_ready (fixture, ids[0], fixture->disks[0].image);
  lock = vckc_image_lock_new (fixture->disks[0].image, "vda", &error);
  assert_ok (lock != NULL, error);
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_BUSY, "is held by another program");
  vckc_image_lock_free (lock);
  g_assert_true (g_file_test (temporary, G_FILE_TEST_EXISTS));
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
  in_place_assert_no_temporary (fixture);
  run_fixture_assert_clean (fixture, fixture->root);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 3);
  in_place_back_up_rounds (fixture, ids + 2, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vda", ids[0], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vdb", ids[1], NULL);
  in_place_free_ids (ids, 3);
}

/* What was written since is kept, and no checkpoint is relied on. */
static void
test_changed (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *temporary = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  VckcError *error = NULL;
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 1);
  temporary = leave_ready (fixture, ids[0], fixture->disks[0].image);
  image_fixture_write (fixture->disks[0].image, 65536, 65536);
  before = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "the image of disk 'vda' was changed");
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
  after = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_assert_cmpstr (before, ==, after);
  in_place_assert_no_temporary (fixture);
  in_place_back_up_rounds (fixture, ids + 1, 1);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 2);
  in_place_free_ids (ids, 2);
}

/* Another image was based on the old one since, or a memory saved that belongs to it. */
static void
assert_kept (RunFixture *fixture, const char *backup)
{
  g_autofree char *before = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_autofree char *temporary = leave_ready (fixture, backup, fixture->disks[0].image);
  g_autofree char *after = NULL;
  VckcError *error = NULL;

  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "or came to be needed as it is");
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
  after = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_assert_cmpstr (before, ==, after);
  run_fixture_assert_clean (fixture, fixture->root);
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
}

static void
define_overlay (RunFixture *fixture, const char *overlay)
{
  const char *const create[] = { "qemu-img", "create", "-q",    "-u",
                                 "-f",       "qcow2",  "-b",    fixture->disks[0].image,
                                 "-F",       "qcow2",  overlay, "1M",
                                 NULL };
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>other</name><uuid>8a6e0f4e-0000-4000-8000-000000000002</uuid>"
      "<memory>1</memory><os><type>hvm</type></os><devices><disk type='file' device='disk'>"
      "<driver name='qemu' type='qcow2'/><source file='%s'/><target dev='sda'/></disk></devices>"
      "</domain>",
      overlay);
  VckcError *error = NULL;
  VckcDomain *other = vckc_domain_define_xml (fixture->connect, xml, &error);

  assert_ok (other != NULL, error);
  vckc_domain_unref (other, NULL);
  g_free (image_fixture_run (create));
}

static void
test_overlay (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay.qcow2", NULL);
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 1);
  define_overlay (fixture, overlay);
  assert_kept (fixture, ids[0]);
  in_place_back_up_rounds (fixture, ids + 1, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[1], "vda", ids[0], NULL);
  in_place_free_ids (ids, 2);
}

static void
test_saved (RunFixture *fixture, gconstpointer data)
{
  const VckcDriver *usual = fixture->connect->driver;
  VckcDriver driver = *usual;
  g_autofree char *temporary = NULL;
  VckcError *error = NULL;
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  fixture->connect->driver = &driver;
  driver.domain_has_managed_save = in_place_has_save_cb;
  assert_kept (fixture, ids[0]);
  driver.domain_has_managed_save = in_place_fail_save_cb;
  temporary = leave_ready (fixture, ids[0], fixture->disks[0].image);
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "it is not known");
  g_assert_true (g_file_test (temporary, G_FILE_TEST_EXISTS));
  fixture->connect->driver = usual;
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
  in_place_assert_holds (fixture, 0, ids[0]);
  in_place_free_ids (ids, 1);
}

/* One of two disks cannot be completed, so neither is. */
static void
test_both_or_none (RunFixture *fixture, gconstpointer data)
{
  g_autoptr (VckcInPlaceJournal) journal = NULL;
  char *before[2], *after[2];
  VckcError *error = NULL;
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 1);
  journal = make_journal (fixture, ids[0]);
  for (guint i = 0; i < 2; i++)
    g_free (add_ready (fixture, journal, i, fixture->disks[i].image));
  write_journal (fixture, journal);
  image_fixture_write (fixture->disks[1].image, 65536, 65536);
  for (guint i = 0; i < 2; i++)
    before[i] = backup_images_hash (fixture->disks[i].image, "qcow2");
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "the image of disk 'vdb' was changed");
  in_place_assert_no_temporary (fixture);
  run_fixture_assert_clean (fixture, fixture->root);
  for (guint i = 0; i < 2; i++)
    {
      after[i] = backup_images_hash (fixture->disks[i].image, "qcow2");
      g_assert_cmpstr (before[i], ==, after[i]);
      g_free (before[i]);
      g_free (after[i]);
    }
  in_place_back_up_rounds (fixture, ids + 1, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[1], "vda", ids[0], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[1], "vdb", ids[0], NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 2);
  in_place_free_ids (ids, 2);
}

/* One disk has its new image, the other one was changed: it is kept, and backed up in full. */
static void
test_half_changed (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  VckcError *error = NULL;
  char *ids[3];

  in_place_back_up_rounds (fixture, ids, 2);
  leave_half (fixture, ids[0]);
  image_fixture_write (fixture->disks[1].image, 65536, 65536);
  before = backup_images_hash (fixture->disks[1].image, "qcow2");
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "the image of disk 'vdb' was changed");
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
  after = backup_images_hash (fixture->disks[1].image, "qcow2");
  g_assert_cmpstr (before, ==, after);
  in_place_assert_no_temporary (fixture);
  run_fixture_assert_clean (fixture, fixture->root);
  in_place_back_up_rounds (fixture, ids + 2, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vda", ids[0], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vdb", NULL, "");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
  in_place_free_ids (ids, 3);
}

/* The disk that has its new image is no longer one of the domain, or has yet another one. */
static void
test_half_detached (RunFixture *fixture, gconstpointer replaced)
{
  RunDisk *disk = &fixture->disks[0];
  VckcError *error = NULL;
  char *ids[3];

  in_place_back_up_rounds (fixture, ids, 2);
  leave_half (fixture, ids[0]);
  disk->attached = GPOINTER_TO_UINT (replaced) % 2 == 1;
  if (disk->attached)
    {
      g_free (disk->image);
      disk->image = g_strdup (fixture->disks[2].image);
      disk->size = fixture->disks[2].size;
    }
  run_fixture_define (fixture);
  assert_ok (recover (fixture, &error) == 0, error);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 1);
  in_place_assert_no_temporary (fixture);
  run_fixture_assert_clean (fixture, fixture->root);
  in_place_back_up_rounds (fixture, ids + 2, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vdb", ids[0], NULL);
  if (disk->attached)
    run_fixture_assert_base (fixture, fixture->root, ids[2], "vda", NULL, "");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
  in_place_free_ids (ids, 3);
}

/* The only disk has its new image, and is detached: there is no checkpoint to be made known. */
static void
test_detached (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *new = NULL;
  VckcError *error = NULL;
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 1);
  new = leave_ready (fixture, ids[0], fixture->disks[0].image);
  g_assert_cmpint (g_rename (new, fixture->disks[0].image), ==, 0);
  fixture->disks[0].attached = false;
  run_fixture_define (fixture);
  assert_ok (recover (fixture, &error) == 0, error);
  run_fixture_assert_clean (fixture, fixture->root);
  in_place_back_up_rounds (fixture, ids + 1, 1);
  in_place_free_ids (ids, 2);
}

/* It is not known whether the new image is there: it is not given up. */
static void
test_hidden (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *image = g_build_filename (fixture->folder, "hidden", "vda.qcow2", NULL);
  g_autofree char *hidden = g_path_get_dirname (image);
  g_autofree char *moved = g_strconcat (hidden, ".moved", NULL);
  g_autoptr (VckcInPlaceJournal) journal = NULL;
  g_autofree char *new = NULL;
  VckcError *error = NULL;
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  g_assert_cmpint (g_mkdir (hidden, 0700), ==, 0);
  g_assert_true (g_file_set_contents (image, "old", -1, NULL));
  journal = make_journal (fixture, ids[0]);
  journal->ready = false;
  new = add_ready (fixture, journal, 0, image);
  write_journal (fixture, journal);
  g_assert_cmpint (g_rename (hidden, moved), ==, 0);
  g_assert_cmpint (symlink (hidden, hidden), ==, 0);
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_SYSTEM_ERROR, "cannot remove");
  g_assert_cmpint (g_unlink (hidden), ==, 0);
  g_assert_cmpint (g_rename (moved, hidden), ==, 0);
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
  g_assert_false (g_file_test (new, G_FILE_TEST_EXISTS));
  run_fixture_assert_clean (fixture, fixture->root);
  in_place_free_ids (ids, 1);
}

/* The storage of the images is not mounted: whatever there is under their folder then, nothing is
 * given up. */
static void
test_not_mounted (RunFixture *fixture, gconstpointer ready)
{
  RunDisk *disk = &fixture->disks[0];
  g_autofree char *image = g_build_filename (fixture->folder, "mounted", "vda.qcow2", NULL);
  g_autofree char *mounted = g_path_get_dirname (image);
  g_autofree char *storage = g_strconcat (mounted, ".storage", NULL);
  g_autoptr (VckcInPlaceJournal) journal = NULL;
  g_autofree char *new = NULL;
  VckcError *error = NULL;
  char *ids[1];

  g_assert_cmpint (g_mkdir (mounted, 0700), ==, 0);
  g_assert_cmpint (g_rename (disk->image, image), ==, 0);
  g_free (disk->image);
  disk->image = g_strdup (image);
  run_fixture_define (fixture);
  in_place_back_up_rounds (fixture, ids, 1);
  journal = make_journal (fixture, ids[0]);
  journal->ready = GPOINTER_TO_UINT (ready) % 2 == 1;
  new = add_ready (fixture, journal, 0, image);
  write_journal (fixture, journal);
  g_assert_cmpint (g_rename (mounted, storage), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      error = NULL;
      g_assert_cmpint (recover (fixture, &error), ==, -1);
      assert_error (error, VCKC_ERROR_OPERATION_FAILED, "mount the storage that they are on");
      if (i == 0)
        g_assert_cmpint (g_mkdir (mounted, 0700), ==, 0);
    }
  g_assert_cmpint (g_rmdir (mounted), ==, 0);
  g_assert_cmpint (g_rename (storage, mounted), ==, 0);
  error = NULL;
  assert_ok (recover (fixture, &error) == 0, error);
  g_assert_false (g_file_test (new, G_FILE_TEST_EXISTS));
  if (journal->ready)
    in_place_assert_holds (fixture, 0, ids[0]);
  run_fixture_assert_clean (fixture, fixture->root);
  in_place_free_ids (ids, 1);
}

/* The images were removed with the disk, which is certain if their folder is there. */
static void
test_removed (RunFixture *fixture, gconstpointer data)
{
  RunDisk *disk = &fixture->disks[0];
  g_autofree char *new = NULL;
  VckcError *error = NULL;
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  new = leave_ready (fixture, ids[0], disk->image);
  g_assert_cmpint (g_unlink (disk->image), ==, 0);
  g_assert_cmpint (g_unlink (new), ==, 0);
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "take the disk out of the domain");
  disk->attached = false;
  run_fixture_define (fixture);
  error = NULL;
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "the image of disk 'vda' was changed");
  run_fixture_assert_clean (fixture, fixture->root);
  in_place_free_ids (ids, 1);
}

/* A journal that names a file which is no disk of the domain. */
static void
test_foreign_file (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->folder, "foreign", NULL);
  g_autofree char *temporary = NULL;
  g_autofree char *content = NULL;
  VckcError *error = NULL;
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 1);
  g_assert_true (g_file_set_contents (file, "mine", -1, NULL));
  temporary = leave_ready (fixture, ids[0], file);
  g_assert_cmpint (recover (fixture, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "disk 'vda'");
  g_assert_true (g_file_get_contents (file, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "mine");
  in_place_back_up_rounds (fixture, ids + 1, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[1], "vda", ids[0], NULL);
  in_place_free_ids (ids, 2);
}

/* Journals and lists of restored disks that make no sense. */
static void
test_damaged_files (RunFixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "", "{", "{}", "{\"format\": 1, \"disks\": []}",
                                       "{\"format\": 1, \"disks\": {\"../x\": {}}}" };
  const char *uuid = vckc_domain_get_uuid (fixture->domain, NULL);
  g_autofree char *journal = g_build_filename (fixture->root->path, uuid,
                                               ".20261127T075307.120667Z-1fae9c02.restore", NULL);
  g_autofree char *list = g_build_filename (fixture->root->path, uuid, "restored.json", NULL);
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      VckcError *error = NULL;
      char *id = NULL;

      g_assert_true (g_file_set_contents (journal, texts[i], -1, NULL));
      g_assert_cmpint (recover (fixture, &error), ==, -1);
      assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "of an interrupted restore is damaged");
      g_assert_cmpint (g_unlink (journal), ==, 0);
      error = NULL;
      g_assert_true (g_file_set_contents (list, texts[i], -1, NULL));
      g_assert_false (vckc_backup_make (fixture->root, fixture->domain, &run_options, &id, &error));
      assert_error (error, VCKC_ERROR_BACKUP_INCONSISTENT, "restored.json' is damaged");
      g_assert_cmpint (g_unlink (list), ==, 0);
    }
  in_place_free_ids (ids, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, seed, function)                                                                  \
  g_test_add ("/vck/backup/in-place-recover/" name, RunFixture, GUINT_TO_POINTER (seed),           \
              run_fixture_set_up, function, run_fixture_tear_down)
  ADD ("complete", 4, test_complete);
  ADD ("changed", 4, test_changed);
  ADD ("both-or-none", 4, test_both_or_none);
  ADD ("half-changed", 4, test_half_changed);
  ADD ("half-detached", 4, test_half_detached);
  ADD ("half-replaced", 5, test_half_detached);
  ADD ("detached", 4, test_detached);
  ADD ("overlay", 4, test_overlay);
  ADD ("saved", 4, test_saved);
  ADD ("hidden", 4, test_hidden);
  ADD ("not-mounted", 4, test_not_mounted);
  ADD ("not-mounted-ready", 5, test_not_mounted);
  ADD ("removed", 4, test_removed);
  ADD ("foreign-file", 4, test_foreign_file);
  ADD ("damaged-files", 4, test_damaged_files);
  return g_test_run ();
}
