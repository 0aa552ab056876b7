/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Disks that are restored under their own paths, and what is backed up after that. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "backup-images.h"
#include "handles/handles.h"
#include "image-fixture.h"
#include "in-place-fixture.h"

/* The next backups are incremental on what was restored, and copy only what was written since. */
static void
test_all (RunFixture *fixture, gconstpointer data)
{
  char *ids[6];
  VckcBackupList *list;
  struct stat before, after;

  in_place_back_up_rounds (fixture, ids, 4);
  run_fixture_change (fixture);
  g_assert_cmpint (chmod (fixture->disks[0].image, 0640), ==, 0);
  g_assert_cmpint (stat (fixture->disks[0].image, &before), ==, 0);
  in_place_restore (fixture, ids[1], NULL, 0);
  g_assert_cmpint (stat (fixture->disks[0].image, &after), ==, 0);
  g_assert_cmpuint (before.st_mode, ==, after.st_mode);
  in_place_assert_holds (fixture, 0, ids[1]);
  in_place_assert_holds (fixture, 1, ids[1]);
  in_place_assert_no_temporary (fixture);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 1);

  image_fixture_write (fixture->disks[0].image, 0, 65536);
  ids[4] = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, ids[4], "vda", ids[1], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[4], "vdb", ids[1], NULL);
  list = run_fixture_load (fixture, fixture->root);
  g_assert_cmpuint (
      vckc_manifest_find_disk (vckc_backup_list_find (list, ids[4])->manifest, "vda")->bytes, ==,
      65536);
  vckc_backup_list_free (list);
  run_fixture_change (fixture);
  ids[5] = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, ids[5], "vda", ids[4], NULL);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 2);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 6);
  in_place_free_ids (ids, 6);
}

/* The other disk goes on with its own newest backup. */
static void
test_one (RunFixture *fixture, gconstpointer data)
{
  char *ids[6];

  in_place_back_up_rounds (fixture, ids, 3);
  run_fixture_change (fixture);
  in_place_restore (fixture, ids[0], "vda", 0);
  in_place_assert_holds (fixture, 0, ids[0]);
  in_place_assert_no_temporary (fixture);
  in_place_back_up_rounds (fixture, ids + 3, 3);
  run_fixture_assert_base (fixture, fixture->root, ids[3], "vda", ids[0], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[3], "vdb", ids[2], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[5], "vda", ids[4], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[5], "vdb", ids[4], NULL);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 2);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 6);
  in_place_free_ids (ids, 6);
}

/* Twice in a row, the second time from another backup. */
static void
test_again (RunFixture *fixture, gconstpointer data)
{
  char *ids[4];

  in_place_back_up_rounds (fixture, ids, 3);
  in_place_restore (fixture, ids[0], NULL, 0);
  run_fixture_change (fixture);
  in_place_restore (fixture, ids[1], NULL, 0);
  in_place_assert_holds (fixture, 1, ids[1]);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 1);
  in_place_back_up_rounds (fixture, ids + 3, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[3], "vda", ids[1], NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
  in_place_free_ids (ids, 4);
}

static void
test_no_checkpoint (RunFixture *fixture, gconstpointer data)
{
  char *ids[4];

  in_place_back_up_rounds (fixture, ids, 2);
  in_place_restore (fixture, ids[0], NULL, VCKC_RESTORE_NO_CHECKPOINT);
  in_place_assert_holds (fixture, 0, ids[0]);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 0);
  in_place_back_up_rounds (fixture, ids + 2, 2);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vda", NULL,
                           "was restored from the backup");
  run_fixture_assert_base (fixture, fixture->root, ids[3], "vda", ids[2], NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
  in_place_free_ids (ids, 4);
}

/* What a disk is restored from is kept until the next backup; a disk that was grown is shorter
 * again. */
static void
test_prune (RunFixture *fixture, gconstpointer data)
{
  VckcRepository *repository = in_place_open_repository (fixture);
  VckcPruneDecision **decisions;
  VckcError *error = NULL;
  char *ids[4];
  int n;

  in_place_back_up_rounds (fixture, ids, 1);
  run_fixture_grow (fixture, 0, 1024 * 1024);
  in_place_back_up_rounds (fixture, ids + 1, 2);
  in_place_restore (fixture, ids[0], NULL, 0);
  fixture->disks[0].size -= 1024 * 1024;
  n = vckc_repository_prune (repository, vckc_domain_get_uuid (fixture->domain, NULL), 1, 0, 0,
                             &decisions, 0, &error);
  assert_ok (n == 3, error);
  g_assert_nonnull (
      strstr (vckc_prune_decision_get_reason (decisions[0], NULL), "was restored from it"));
  for (int i = 0; i < n; i++)
    vckc_prune_decision_unref (decisions[i], NULL);
  free (decisions);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 2);
  in_place_back_up_rounds (fixture, ids + 3, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[3], "vda", ids[0], NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
  vckc_repository_unref (repository, NULL);
  in_place_free_ids (ids, 4);
}

/* The store deletes the bitmaps of its old checkpoint that are still there, and no others. */
static void
assert_retired (RunFixture *fixture, const VckcStoreRoot *root, const char *old, const char *new)
{
  g_autofree char *old_name = run_fixture_make_checkpoint (root, old);
  g_autofree char *new_name = run_fixture_make_checkpoint (root, new);

  g_assert_false (run_fixture_has_bitmap (&fixture->disks[1], old_name));
  g_assert_true (run_fixture_has_bitmap (&fixture->disks[1], new_name));
  g_assert_true (run_fixture_has_bitmap (&fixture->disks[1], "both"));
}

/* Checkpoints of other programs: one that has no other disk goes, and one that has is not touched.
 * The other store makes a full backup of what was restored, and retires its old checkpoint. */
static void
test_others (RunFixture *fixture, gconstpointer data)
{
  static const char *const documents[] = {
    "<domaincheckpoint><name>both</name></domaincheckpoint>",
    "<domaincheckpoint><name>one</name><disks><disk name='vda' checkpoint='bitmap'/></disks>"
    "</domaincheckpoint>",
  };
  VckcStoreRoot *other = run_fixture_open_store (fixture, "other");
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint;
  g_autofree char *elsewhere = NULL;
  g_autofree char *id = NULL;
  g_autofree char *last = NULL;
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  id = run_fixture_back_up_to (fixture, other, &run_options);
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      checkpoint = vckc_domain_checkpoint_create_xml (fixture->domain, documents[i], 0, &error);
      assert_ok (checkpoint != NULL, error);
      vckc_domain_checkpoint_unref (checkpoint, NULL);
    }
  in_place_restore (fixture, ids[0], "vda", 0);
  g_assert_null (vckc_domain_checkpoint_lookup_by_name (fixture->domain, "one", 0, &error));
  assert_error (error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "one");
  error = NULL;
  checkpoint = vckc_domain_checkpoint_lookup_by_name (fixture->domain, "both", 0, &error);
  assert_ok (checkpoint != NULL, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  run_fixture_change (fixture);
  elsewhere = run_fixture_back_up_to (fixture, other, &run_options);
  run_fixture_assert_base (fixture, other, elsewhere, "vda", NULL, "another image");
  run_fixture_assert_base (fixture, other, elsewhere, "vdb", id, NULL);
  last = run_fixture_back_up_to (fixture, other, &run_options);
  run_fixture_assert_base (fixture, other, last, "vda", elsewhere, NULL);
  assert_retired (fixture, other, id, last);
  g_assert_cmpuint (run_fixture_check (fixture, other), ==, 3);
  vckc_store_root_free (other);
  in_place_free_ids (ids, 1);
}

/* --- what is refused --- */

/* Nothing is changed: the disks, the checkpoints, and what the next backup is based on. */
static void
assert_refused (RunFixture *fixture,
                const char *id,
                const char *disk,
                VckcErrorCode code,
                const char *part)
{
  g_autofree char *before = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_autofree char *after = NULL;
  int n = run_fixture_count_checkpoints (fixture);
  VckcError *error = NULL;

  g_assert_cmpint (in_place_try_restore (fixture, id, disk, 0, &error), ==, -1);
  assert_error (error, code, part);
  after = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, n);
  in_place_assert_no_temporary (fixture);
  run_fixture_assert_clean (fixture, fixture->root);
}

static void
test_held (RunFixture *fixture, gconstpointer data)
{
  ImageHolder holder;
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 1);
  image_holder_start (&holder, fixture->disks[1].image);
  {
    VckcError *error = NULL;

    g_assert_cmpint (in_place_try_restore (fixture, ids[0], NULL, 0, &error), ==, -1);
    assert_error (error, VCKC_ERROR_BUSY, "is held by another program");
  }
  image_holder_stop (&holder);
  in_place_assert_no_temporary (fixture);
  in_place_back_up_rounds (fixture, ids + 1, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[1], "vda", ids[0], NULL);
  in_place_free_ids (ids, 2);
}

static void
test_backing_file (RunFixture *fixture, gconstpointer data)
{
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  assert_refused (fixture, ids[0], "vda", VCKC_ERROR_CONFIG_UNSUPPORTED, "has a backing file");
  in_place_free_ids (ids, 1);
}

/* They are gone with the old image, and no backup has them. */
static void
test_snapshots (RunFixture *fixture, gconstpointer data)
{
  const char *image = fixture->disks[1].image;
  const char *const create[] = { "qemu-img", "snapshot", "-c", "before", image, NULL };
  const char *const delete[] = { "qemu-img", "snapshot", "-d", "before", image, NULL };
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  g_free (image_fixture_run (create));
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_CONFIG_UNSUPPORTED, "has internal snapshots");
  g_free (image_fixture_run (delete));
  in_place_restore (fixture, ids[0], NULL, 0);
  in_place_free_ids (ids, 1);
}

/* Other names of the image, and other disks that need it. */
static void
test_needed_by_others (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_build_filename (fixture->folder, "name", NULL);
  g_autofree char *overlay = g_build_filename (fixture->folder, "overlay.qcow2", NULL);
  g_autofree char *xml = g_strdup_printf (
      "<domain type='kvm'><name>other</name><memory>1</memory><os><type>hvm</type></os><devices>"
      "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='%s'/>"
      "<target dev='sda'/></disk></devices></domain>",
      overlay);
  const char *const create[] = {
    "qemu-img", "create", "-q",    "-f", "qcow2", "-b", fixture->disks[0].image,
    "-F",       "qcow2",  overlay, NULL
  };
  VckcError *error = NULL;
  VckcDomain *other;
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  g_assert_cmpint (link (fixture->disks[0].image, name), ==, 0);
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_CONFIG_UNSUPPORTED, "has another name");
  g_assert_cmpint (g_unlink (name), ==, 0);
  g_free (image_fixture_run (create));
  other = vckc_domain_define_xml (fixture->connect, xml, &error);
  assert_ok (other != NULL, error);
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "also needed by disk 'sda' of domain 'other'");
  vckc_domain_unref (other, NULL);
  in_place_free_ids (ids, 1);
}

static void
test_missing (RunFixture *fixture, gconstpointer data)
{
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  assert_refused (fixture, ids[0], "vdx", VCKC_ERROR_NO_BACKUP, "has no disk 'vdx'");
  fixture->disks[1].attached = false;
  run_fixture_define (fixture);
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_CONFIG_UNSUPPORTED, "no longer has it");
  in_place_free_ids (ids, 1);
}

static void
test_damaged (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *image = NULL;
  char *ids[2];

  in_place_back_up_rounds (fixture, ids, 2);
  image = g_build_filename (fixture->root->path, vckc_domain_get_uuid (fixture->domain, NULL),
                            ids[0], "vda.qcow2", NULL);
  g_assert_cmpint (truncate (image, 65536), ==, 0);
  assert_refused (fixture, ids[1], NULL, VCKC_ERROR_BACKUP_INCONSISTENT, "not what its manifest");
  in_place_free_ids (ids, 2);
}

static void
test_managed_save (RunFixture *fixture, gconstpointer data)
{
  const VckcDriver *usual = fixture->connect->driver;
  VckcDriver driver = *usual;
  char *ids[1];

  in_place_back_up_rounds (fixture, ids, 1);
  fixture->connect->driver = &driver;
  driver.domain_has_managed_save = in_place_has_save_cb;
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_OPERATION_INVALID, "has a saved state");
  driver.domain_has_managed_save = in_place_fail_save_cb;
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_SYSTEM_ERROR, "it is not known");
  fixture->connect->driver = usual;
  in_place_free_ids (ids, 1);
}

/* The name of the image is such that there can be no longer one. */
static void
test_long_name (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *base = g_strnfill (230, 'x');
  char *image = g_build_filename (fixture->folder, base, NULL);
  char *ids[2];

  g_assert_cmpint (g_rename (fixture->disks[0].image, image), ==, 0);
  g_free (fixture->disks[0].image);
  fixture->disks[0].image = image;
  run_fixture_define (fixture);
  in_place_back_up_rounds (fixture, ids, 1);
  assert_refused (fixture, ids[0], NULL, VCKC_ERROR_SYSTEM_ERROR, "cannot make the image");
  in_place_back_up_rounds (fixture, ids + 1, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[1], "vda", ids[0], NULL);
  in_place_free_ids (ids, 2);
}

/* --- another program does not keep to the locks --- */

static const VckcDriver *changing_driver;
static const char *changing_image;

/* Asked once more when the new images are complete: changes the old one. */
static int
change_cb (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err)
{
  g_autofree char *folder = g_path_get_dirname (changing_image);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  struct stat info;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".vck-restore") && stat (changing_image, &info) == 0)
      g_assert_cmpint (truncate (changing_image, info.st_size + 65536), ==, 0);
  return changing_driver->domain_get_state (domain, ret_state, err);
}

/* Nothing is replaced, and what is noted stays true. */
static void
test_changed_meanwhile (RunFixture *fixture, gconstpointer data)
{
  VckcDriver driver = *fixture->connect->driver;
  VckcRepository *repository = in_place_open_repository (fixture);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  VckcError *error = NULL;
  int n_checkpoints, result;
  char *ids[3];

  in_place_back_up_rounds (fixture, ids, 2);
  run_fixture_change (fixture);
  before = backup_images_hash (fixture->disks[0].image, "qcow2");
  n_checkpoints = run_fixture_count_checkpoints (fixture);
  changing_driver = fixture->connect->driver;
  changing_image = fixture->disks[1].image;
  driver.domain_get_state = change_cb;
  fixture->connect->driver = &driver;
  result = in_place_try_restore (fixture, ids[0], NULL, 0, &error);
  fixture->connect->driver = changing_driver;
  g_assert_cmpint (result, ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "was changed meanwhile");
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, n_checkpoints);
  error = NULL;
  g_assert_cmpint (vckc_repository_recover (repository, fixture->domain, &error), ==, -1);
  assert_error (error, VCKC_ERROR_OPERATION_FAILED, "the image of disk 'vdb' was changed");
  vckc_repository_unref (repository, NULL);
  in_place_assert_no_temporary (fixture);
  after = backup_images_hash (fixture->disks[0].image, "qcow2");
  g_assert_cmpstr (before, ==, after);
  in_place_back_up_rounds (fixture, ids + 2, 1);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vda", ids[1], NULL);
  run_fixture_assert_base (fixture, fixture->root, ids[2], "vdb", ids[1], NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
  in_place_free_ids (ids, 3);
}

/* --- comparing images with backups --- */

static int
count_lost (RunFixture *fixture)
{
  VckcRepository *repository = in_place_open_repository (fixture);
  VckcBackupFinding **findings;
  VckcError *error = NULL;
  int n = vckc_repository_verify_domain (repository, fixture->domain, &findings, &error);

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpint (vckc_backup_finding_get_kind (findings[i], NULL), ==,
                       VCKC_BACKUP_FINDING_LOST_BLOCKS);
      g_assert_nonnull (strstr (vckc_backup_finding_get_message (findings[i], NULL), "has lost "));
      vckc_backup_finding_unref (findings[i], NULL);
    }
  free (findings);
  vckc_repository_unref (repository, NULL);
  return n;
}

static void
resize (const char *image, guint64 size)
{
  g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  const char *const argv[] = { "qemu-img", "resize", "-q",  "--shrink", "-f",
                               "qcow2",    image,    bytes, NULL };

  g_free (image_fixture_run (argv));
}

/* Whatever is written, zeroed, discarded and restored, nothing is lost. What was cut off is. */
static void
test_lost_blocks (RunFixture *fixture, gconstpointer data)
{
  RunDisk *disk = &fixture->disks[0];
  const guint64 cut = disk->size / 2 / 65536 * 65536;
  char *ids[3];

  image_fixture_write (disk->image, cut, 4 * 65536);
  in_place_back_up_rounds (fixture, ids, 1);
  g_assert_cmpint (count_lost (fixture), ==, 0);
  run_fixture_change (fixture);
  g_assert_cmpint (count_lost (fixture), ==, 0);
  in_place_back_up_rounds (fixture, ids + 1, 2);
  g_assert_cmpint (count_lost (fixture), ==, 0);
  in_place_restore (fixture, ids[0], "vda", 0);
  g_assert_cmpint (count_lost (fixture), ==, 0);
  run_fixture_change (fixture);
  g_assert_cmpint (count_lost (fixture), ==, 0);
  resize (disk->image, cut);
  resize (disk->image, disk->size);
  g_assert_cmpint (count_lost (fixture), ==, 1);
  in_place_free_ids (ids, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, seed, function)                                                                  \
  g_test_add ("/vck/backup/in-place/" name, RunFixture, GUINT_TO_POINTER (seed),                   \
              run_fixture_set_up, function, run_fixture_tear_down)
  ADD ("all", 4, test_all);
  ADD ("all-other-form", 5, test_all);
  ADD ("one", 2, test_one);
  ADD ("again", 4, test_again);
  ADD ("no-checkpoint", 4, test_no_checkpoint);
  ADD ("prune", 5, test_prune);
  ADD ("others", 4, test_others);
  ADD ("held", 4, test_held);
  ADD ("backing-file", 1, test_backing_file);
  ADD ("snapshots", 4, test_snapshots);
  ADD ("needed-by-others", 4, test_needed_by_others);
  ADD ("missing", 4, test_missing);
  ADD ("damaged", 4, test_damaged);
  ADD ("managed-save", 4, test_managed_save);
  ADD ("long-name", 4, test_long_name);
  ADD ("changed-meanwhile", 4, test_changed_meanwhile);
  for (guint seed = 0; seed < n_backup_forms; seed += 2)
    {
      g_autofree char *path = g_strdup_printf ("/vck/backup/in-place/lost-blocks/%u", seed);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (seed), run_fixture_set_up, test_lost_blocks,
                  run_fixture_tear_down);
    }
  return g_test_run ();
}
