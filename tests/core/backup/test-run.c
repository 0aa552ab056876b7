/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain that is off, from the plan to the restored disk. */

#include <string.h>

#include <glib/gstdio.h>

#include "backup-images.h"
#include "backup/partial.h"
#include "checkpoint-steps.h"
#include "image-fixture.h"
#include "run-fixture.h"

#define MIB (1024 * 1024)

/* Images of the forms with such sizes have clusters of 64 KiB. */
static bool
ends_inside_cluster (const RunDisk *disk)
{
  return disk->size % 65536 != 0;
}

/* All disks of the backup are incremental on the one before. */
static void
assert_incremental (RunFixture *fixture, const char *id, const char *base)
{
  run_fixture_assert_base (fixture, fixture->root, id, "vda", base, NULL);
  run_fixture_assert_base (fixture, fixture->root, id, "vdb", base, NULL);
}

/* The same, but for the second disk if that has grown from inside a cluster. */
static void
assert_grown (RunFixture *fixture, const char *id, const char *base, bool from_inside)
{
  run_fixture_assert_base (fixture, fixture->root, id, "vda", base, NULL);
  run_fixture_assert_base (fixture, fixture->root, id, "vdb", from_inside ? NULL : base,
                           from_inside ? "end inside a cluster" : NULL);
}

/* Rounds of changes to the disks, one of which grows, and one comes and goes and comes. */
static void
test_truth (RunFixture *fixture, gconstpointer seed)
{
  g_autofree char *last = NULL;
  RunDisk *third = &fixture->disks[2];
  const bool from_inside = ends_inside_cluster (&fixture->disks[1]);

  for (guint round = 0; round < 8; round++)
    {
      g_autofree char *id = NULL;

      run_fixture_change (fixture);
      if (round == 3)
        run_fixture_grow (fixture, 1, 3 * MIB);
      third->attached = round == 2 || round == 3 || round >= 6;
      run_fixture_define (fixture);
      id = run_fixture_back_up (fixture);
      if (last == NULL)
        run_fixture_assert_base (fixture, fixture->root, id, "vda", NULL, "no backup");
      else
        assert_grown (fixture, id, last, round == 3 && from_inside);
      if (round == 2 || round == 6)
        run_fixture_assert_base (fixture, fixture->root, id, "vdc", NULL, "does not have disk");
      if (round == 3 || round == 7)
        run_fixture_assert_base (fixture, fixture->root, id, "vdc", last, NULL);
      g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, round == 0 ? 1 : 2);
      g_free (last);
      last = g_steal_pointer (&id);
    }
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 8);
}

#ifdef VCK_HAVE_NBD
/* The same, read over NBD by this process; each backup can be based on one of the other kind. */
static void
test_truth_pull (RunFixture *fixture, gconstpointer seed)
{
  g_autofree char *last = NULL;
  const bool from_inside = ends_inside_cluster (&fixture->disks[1]);

  for (guint round = 0; round < 4; round++)
    {
      g_autofree char *id = NULL;

      run_fixture_change (fixture);
      if (round == 3)
        run_fixture_grow (fixture, 1, 3 * MIB + 512);
      fixture->pull = round != 2;
      id = run_fixture_back_up (fixture);
      if (last != NULL)
        assert_grown (fixture, id, last, round == 3 && from_inside);
      g_free (last);
      last = g_steal_pointer (&id);
    }
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
}
#endif

/* --- disks of another size --- */

static void
resize_all (RunFixture *fixture, guint64 size)
{
  for (guint i = 0; i < RUN_DISKS; i++)
    run_fixture_resize (fixture, i, size);
}

static void
assert_all (RunFixture *fixture, const char *id, const char *base, const char *why_full)
{
  for (guint i = 0; i < RUN_DISKS; i++)
    run_fixture_assert_base (fixture, fixture->root, id, fixture->disks[i].target, base, why_full);
}

static void
attach_all (RunFixture *fixture)
{
  fixture->disks[RUN_DISKS - 1].attached = true;
  run_fixture_define (fixture);
}

/* What was cut off inside a cluster comes back when the disk grows; whole clusters do not. */
static void
test_cut_and_grown (RunFixture *fixture, gconstpointer seed)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *fourth = NULL;
  g_autofree char *fifth = NULL;
  g_autofree char *sixth = NULL;

  attach_all (fixture);
  for (guint i = 0; i < RUN_DISKS; i++)
    image_fixture_write (fixture->disks[i].image, 0, 8 * MIB);
  first = run_fixture_back_up (fixture);
  resize_all (fixture, 4 * MIB + 512);
  second = run_fixture_back_up (fixture);
  assert_all (fixture, second, NULL, "was made smaller");
  resize_all (fixture, 8 * MIB);
  third = run_fixture_back_up (fixture);
  assert_all (fixture, third, NULL, "end inside a cluster");
  resize_all (fixture, 4 * MIB);
  fourth = run_fixture_back_up (fixture);
  assert_all (fixture, fourth, NULL, "was made smaller");
  resize_all (fixture, 8 * MIB + 512);
  fifth = run_fixture_back_up (fixture);
  assert_all (fixture, fifth, fourth, NULL);
  run_fixture_change (fixture);
  sixth = run_fixture_back_up (fixture);
  assert_all (fixture, sixth, fifth, NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 6);
}

/* A backup that cannot be the base shows that the disk was smaller since an older one. */
static void
test_smaller_meanwhile (RunFixture *fixture, gconstpointer data)
{
  VckcBackupOptions options = run_options;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  attach_all (fixture);
  for (guint i = 0; i < RUN_DISKS; i++)
    image_fixture_write (fixture->disks[i].image, 0, 8 * MIB);
  resize_all (fixture, 8 * MIB);
  first = run_fixture_back_up (fixture);
  resize_all (fixture, 4 * MIB);
  options.plan.no_checkpoint = true;
  second = run_fixture_back_up_to (fixture, fixture->root, &options);
  resize_all (fixture, 8 * MIB);
  third = run_fixture_back_up (fixture);
  assert_all (fixture, third, NULL, "was made smaller");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
}

/* The first disk gets another image, on top of its own. */
static void
put_overlay (RunFixture *fixture)
{
  RunDisk *disk = &fixture->disks[0];
  g_autofree char *overlay = g_strconcat (disk->image, ".overlay", NULL);
  const char *const argv[] = { "qemu-img",  "create", "-q",    "-f",    "qcow2", "-b",
                               disk->image, "-F",     "qcow2", overlay, NULL };

  g_free (image_fixture_run (argv));
  g_free (disk->image);
  disk->image = g_steal_pointer (&overlay);
  run_fixture_define (fixture);
}

/* The bitmap is in an image that is not the disk's own any more: what the old checkpoint has on the
 * other disk is deleted. */
static void
test_overlay (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *checkpoint = run_fixture_make_checkpoint (fixture->root, first);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *image = g_strdup (fixture->disks[0].image);

  put_overlay (fixture);
  run_fixture_change (fixture);
  second = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, second, "vdb", first, NULL);
  g_assert_true (run_fixture_has_bitmap (&fixture->disks[1], checkpoint));
  run_fixture_change (fixture);
  third = run_fixture_back_up (fixture);
  assert_incremental (fixture, third, second);
  g_assert_false (run_fixture_has_bitmap (&fixture->disks[1], checkpoint));
  g_assert_true (run_fixture_has_bitmap (&(RunDisk){ .image = image }, checkpoint));
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 2);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
}

/* --- stores --- */

/* A checkpoint of the same name that another program has made is not the store's. */
static void
test_same_name (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *name = run_fixture_make_checkpoint (fixture->root, first);

  delete_checkpoint (fixture->domain, name);
  run_fixture_change (fixture);
  create_checkpoint (fixture->domain, name);
  second = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, second, "vda", NULL, "another one of that name");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 2);
}

/* Each goes on with its own last backup, and removes no checkpoint but its own. */
static void
test_two_stores (RunFixture *fixture, gconstpointer data)
{
  VckcStoreRoot *roots[] = { fixture->root, run_fixture_open_store (fixture, "other") };
  char *last[] = { NULL, NULL };

  create_checkpoint (fixture->domain, "mine");
  for (guint round = 0; round < 7; round++)
    {
      guint i = round % 2;
      char *id;

      run_fixture_change (fixture);
      id = run_fixture_back_up_to (fixture, roots[i], &run_options);
      run_fixture_assert_base (fixture, roots[i], id, "vda", last[i], last[i] == NULL ? "" : NULL);
      g_free (last[i]);
      last[i] = id;
    }
  g_assert_cmpuint (run_fixture_check (fixture, roots[0]), ==, 4);
  g_assert_cmpuint (run_fixture_check (fixture, roots[1]), ==, 3);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 5);
  g_free (last[0]);
  g_free (last[1]);
  vckc_store_root_free (roots[1]);
}

/* A backup that is damaged is not built upon. */
static void
test_damaged_backup (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = run_fixture_back_up (fixture);
  g_autofree char *third = NULL;
  g_autofree char *manifest =
      g_build_filename (fixture->root->path, vckc_domain_get_uuid (fixture->domain, NULL), second,
                        VCKC_MANIFEST_FILE, NULL);

  g_assert_true (g_file_set_contents (manifest, "{", -1, NULL));
  run_fixture_change (fixture);
  third = run_fixture_back_up (fixture);
  assert_incremental (fixture, third, first);
}

/* What the last backup copied is not known, so that the bitmaps cannot be compared with it. */
static void
test_damaged_blocks (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *blocks = NULL;

  run_fixture_change (fixture);
  second = run_fixture_back_up (fixture);
  assert_incremental (fixture, second, first);
  blocks = g_build_filename (fixture->root->path, vckc_domain_get_uuid (fixture->domain, NULL),
                             second, "vda.blocks", NULL);
  g_assert_true (g_file_test (blocks, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (blocks, "VCK", -1, NULL));
  third = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, third, "vda", NULL, "the list of blocks");
  run_fixture_assert_base (fixture, fixture->root, third, "vdb", second, NULL);
}

/* --- what fails --- */

/* Nothing is left, and the next backup is incremental. */
static void
test_held_image (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *third = NULL;
  char *second = NULL;
  VckcError *error = NULL;
  ImageHolder holder;
  bool ok;

  image_holder_start (&holder, fixture->disks[1].image);
  ok = vckc_backup_make (fixture->root, fixture->domain, &run_options, &second, &error);
  image_holder_stop (&holder);
  g_assert_false (ok);
  g_assert_null (second);
  assert_error (error, VCKC_ERROR_BUSY, "");
  run_fixture_assert_clean (fixture, fixture->root);
  third = run_fixture_back_up (fixture);
  assert_incremental (fixture, third, first);
}

/* Another process is at it. */
static void
test_locked_store (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autoptr (VckcDomainFolder) folder = vckc_domain_folder_open (
      fixture->root, vckc_domain_get_uuid (fixture->domain, NULL), false, NULL);
  char *second = NULL;
  VckcError *error = NULL;

  g_assert_true (vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_WRITER, true, NULL));
  g_assert_false (vckc_backup_make (fixture->root, fixture->domain, &run_options, &second, &error));
  assert_error (error, VCKC_ERROR_BUSY, "another process is changing the backups");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 1);
}

/* Folders that were begun: nothing, and what makes no sense. */
static void
test_left_overs (RunFixture *fixture, gconstpointer data)
{
  static const char *const pending[] = { NULL, "{", "not json" };
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (pending); i++)
    {
      g_autofree char *name = g_strdup_printf (".2020112%uT075307.120667Z-1fae9c02.partial", i);
      g_autofree char *path = g_build_filename (
          fixture->root->path, vckc_domain_get_uuid (fixture->domain, NULL), name, NULL);
      g_autofree char *file = g_build_filename (path, VCKC_PARTIAL_PENDING_FILE, NULL);

      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      if (pending[i] != NULL)
        g_assert_true (g_file_set_contents (file, pending[i], -1, NULL));
    }
  run_fixture_change (fixture);
  last = run_fixture_back_up (fixture);
  assert_incremental (fixture, last, first);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < n_backup_forms; i += RUN_DISKS)
    {
      g_autofree char *path = g_strdup_printf ("/vck/backup/run/truth/%u", i);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (i), run_fixture_set_up, test_truth,
                  run_fixture_tear_down);
    }
#ifdef VCK_HAVE_NBD
  for (guint i = 0; i < n_backup_forms; i += RUN_DISKS)
    {
      g_autofree char *path = g_strdup_printf ("/vck/backup/run/truth-pull/%u", i);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (i), run_fixture_set_up, test_truth_pull,
                  run_fixture_tear_down);
    }
#endif
  for (guint i = 0; i < n_backup_forms; i += RUN_DISKS)
    {
      g_autofree char *path = g_strdup_printf ("/vck/backup/run/cut-and-grown/%u", i);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (i), run_fixture_set_up, test_cut_and_grown,
                  run_fixture_tear_down);
    }
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/run/" name, RunFixture, NULL, run_fixture_set_up, function,             \
              run_fixture_tear_down)
  ADD ("overlay", test_overlay);
  ADD ("smaller-meanwhile", test_smaller_meanwhile);
  ADD ("same-name", test_same_name);
  ADD ("two-stores", test_two_stores);
  ADD ("damaged-backup", test_damaged_backup);
  ADD ("damaged-blocks", test_damaged_blocks);
  ADD ("held-image", test_held_image);
  ADD ("locked-store", test_locked_store);
  ADD ("left-overs", test_left_overs);
  return g_test_run ();
}
