/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain that is off, from the plan to the restored disk. */

#include <string.h>

#include <glib/gstdio.h>

#include "backup-images.h"
#include "backup/partial.h"
#include "image-fixture.h"
#include "run-fixture.h"

#define MIB (1024 * 1024)

/* All disks of the backup are incremental on the one before. */
static void
assert_incremental (RunFixture *fixture, const char *id, const char *base)
{
  run_fixture_assert_base (fixture, fixture->root, id, "vda", base, NULL);
  run_fixture_assert_base (fixture, fixture->root, id, "vdb", base, NULL);
}

/* Rounds of changes to the disks, one of which grows, and one comes and goes and comes. */
static void
test_truth (RunFixture *fixture, gconstpointer seed)
{
  g_autofree char *last = NULL;
  RunDisk *third = &fixture->disks[2];

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
        assert_incremental (fixture, id, last);
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

  for (guint round = 0; round < 4; round++)
    {
      g_autofree char *id = NULL;

      run_fixture_change (fixture);
      if (round == 3)
        run_fixture_grow (fixture, 1, 3 * MIB + 512);
      fixture->pull = round != 2;
      id = run_fixture_back_up (fixture);
      if (last != NULL)
        assert_incremental (fixture, id, last);
      g_free (last);
      last = g_steal_pointer (&id);
    }
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
}
#endif

/* --- bitmaps that were tampered with --- */

static void
run_bitmap (RunFixture *fixture, const char *how, const char *checkpoint)
{
  const char *const argv[] = { "qemu-img", "bitmap", how, "-f", "qcow2", fixture->disks[0].image,
                               checkpoint, NULL };

  g_free (image_fixture_run (argv));
}

static void
tamper_clear (RunFixture *fixture, const char *checkpoint)
{
  run_bitmap (fixture, "--clear", checkpoint);
}

static void
tamper_make_anew (RunFixture *fixture, const char *checkpoint)
{
  run_bitmap (fixture, "--remove", checkpoint);
  run_bitmap (fixture, "--add", checkpoint);
}

static void
tamper_off_for_a_while (RunFixture *fixture, const char *checkpoint)
{
  run_bitmap (fixture, "--disable", checkpoint);
  image_fixture_write (fixture->disks[0].image, 0, fixture->disks[0].size);
  run_bitmap (fixture, "--enable", checkpoint);
}

/* Bits of a bitmap that is not the store's. */
static void
tamper_merge (RunFixture *fixture, const char *checkpoint)
{
  const char *image = fixture->disks[0].image;
  const char *const merge[] = { "qemu-img", "bitmap", "--merge",  "other", "-f",
                                "qcow2",    image,    checkpoint, NULL };

  run_bitmap (fixture, "--add", "other");
  image_fixture_write (image, 0, fixture->disks[0].size);
  run_bitmap (fixture, "--clear", checkpoint);
  g_free (image_fixture_run (merge));
  run_bitmap (fixture, "--remove", "other");
}

static void
tamper_switch_off (RunFixture *fixture, const char *checkpoint)
{
  run_bitmap (fixture, "--disable", checkpoint);
}

static void
tamper_abandon (RunFixture *fixture, const char *checkpoint)
{
  image_fixture_abandon (fixture->disks[0].image);
}

typedef struct
{
  const char *name;
  void (*tamper) (RunFixture *fixture, const char *checkpoint);
  const char *why_full;
} Tampering;

static const Tampering tamperings[] = {
  { "cleared", tamper_clear, "that were written to since checkpoint" },
  { "made-anew", tamper_make_anew, "that were written to since checkpoint" },
  { "off-for-a-while", tamper_off_for_a_while, "that were written to since checkpoint" },
  { "switched-off", tamper_switch_off, "was switched off" },
  { "abandoned", tamper_abandon, "was in use when its writer died" },
};

/* Two backups, and what the next one makes of the bitmap of the second. */
static void
test_tampering (RunFixture *fixture, gconstpointer number)
{
  const Tampering *tampering = &tamperings[GPOINTER_TO_UINT (number)];
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *fourth = NULL;
  g_autofree char *checkpoint = NULL;

  run_fixture_change (fixture);
  second = run_fixture_back_up (fixture);
  assert_incremental (fixture, second, first);
  checkpoint = run_fixture_make_checkpoint (fixture->root, second);
  run_fixture_change (fixture);
  tampering->tamper (fixture, checkpoint);
  run_fixture_change (fixture);
  third = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, third, "vda", NULL, tampering->why_full);
  run_fixture_assert_base (fixture, fixture->root, third, "vdb", second, NULL);
  run_fixture_change (fixture);
  fourth = run_fixture_back_up (fixture);
  assert_incremental (fixture, fourth, third);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
}

static void
delete_checkpoint (RunFixture *fixture, const char *id)
{
  g_autofree char *name = run_fixture_make_checkpoint (fixture->root, id);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, &error);

  assert_ok (checkpoint != NULL, error);
  assert_ok (vckc_domain_checkpoint_delete (checkpoint, 0, &error) == 0, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
}

/* A bitmap that was tampered with, and found out once, is not used when the next one is gone. */
static void
test_found_out_before (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *fourth = NULL;
  g_autofree char *checkpoint = NULL;

  run_fixture_change (fixture);
  second = run_fixture_back_up (fixture);
  checkpoint = run_fixture_make_checkpoint (fixture->root, second);
  run_fixture_change (fixture);
  tamper_clear (fixture, checkpoint);
  third = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, third, "vda", NULL, "written to since");
  run_fixture_assert_base (fixture, fixture->root, third, "vdb", second, NULL);
  delete_checkpoint (fixture, third);
  fourth = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, fourth, "vda", NULL, "was deleted");
  run_fixture_assert_base (fixture, fixture->root, fourth, "vdb", second, NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
}

/* A bitmap that lacks what the later one has cannot be what was written since. */
static void
test_foreign_bits (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = run_fixture_back_up (fixture);
  g_autofree char *checkpoint = run_fixture_make_checkpoint (fixture->root, second);
  g_autofree char *older = run_fixture_make_checkpoint (fixture->root, first);
  g_autofree char *third = NULL;

  tamper_merge (fixture, checkpoint);
  run_bitmap (fixture, "--clear", older);
  third = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, third, "vda", NULL,
                           "is not known: the image or the bitmap");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
}

/* The bitmap is gone: the one before it has all that was written since. */
static void
test_removed (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *checkpoint = NULL;

  run_fixture_change (fixture);
  second = run_fixture_back_up (fixture);
  checkpoint = run_fixture_make_checkpoint (fixture->root, second);
  run_fixture_change (fixture);
  run_bitmap (fixture, "--remove", checkpoint);
  third = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, third, "vda", first, NULL);
  run_fixture_assert_base (fixture, fixture->root, third, "vdb", second, NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 3);
}

/* A checkpoint of the same name that another program has made is not the store's. */
static void
test_same_name (RunFixture *fixture, gconstpointer data)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *name = run_fixture_make_checkpoint (fixture->root, first);
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name></domaincheckpoint>", name);
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, &error);

  assert_ok (checkpoint != NULL, error);
  assert_ok (vckc_domain_checkpoint_delete (checkpoint, 0, &error) == 0, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  run_fixture_change (fixture);
  checkpoint = vckc_domain_checkpoint_create_xml (fixture->domain, xml, 0, &error);
  assert_ok (checkpoint != NULL, error);
  vckc_domain_checkpoint_unref (checkpoint, NULL);
  second = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, second, "vda", NULL, "another one of that name");
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 2);
}

/* --- stores --- */

/* Each goes on with its own last backup, and removes no checkpoint but its own. */
static void
test_two_stores (RunFixture *fixture, gconstpointer data)
{
  VckcStoreRoot *roots[] = { fixture->root, run_fixture_open_store (fixture, "other") };
  char *last[] = { NULL, NULL };
  VckcError *error = NULL;
  VckcDomainCheckpoint *mine = vckc_domain_checkpoint_create_xml (
      fixture->domain, "<domaincheckpoint><name>mine</name></domaincheckpoint>", 0, &error);

  assert_ok (mine != NULL, error);
  vckc_domain_checkpoint_unref (mine, NULL);
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
  for (guint i = 0; i < G_N_ELEMENTS (tamperings); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/backup/run/", tamperings[i].name, NULL);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (i), run_fixture_set_up, test_tampering,
                  run_fixture_tear_down);
    }
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/run/" name, RunFixture, NULL, run_fixture_set_up, function,             \
              run_fixture_tear_down)
  ADD ("found-out-before", test_found_out_before);
  ADD ("foreign-bits", test_foreign_bits);
  ADD ("removed", test_removed);
  ADD ("same-name", test_same_name);
  ADD ("two-stores", test_two_stores);
  ADD ("damaged-backup", test_damaged_backup);
  ADD ("damaged-blocks", test_damaged_blocks);
  ADD ("held-image", test_held_image);
  ADD ("locked-store", test_locked_store);
  ADD ("left-overs", test_left_overs);
  return g_test_run ();
}
