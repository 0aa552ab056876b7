/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Bitmaps that were tampered with, of a domain that is off: what the next backup makes of them. */

#include "backup/merge.h"
#include "backup/verify.h"
#include "checkpoint-steps.h"
#include "image-fixture.h"
#include "run-fixture.h"

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
  run_fixture_assert_base (fixture, fixture->root, second, "vda", first, NULL);
  checkpoint = run_fixture_make_checkpoint (fixture->root, second);
  run_fixture_change (fixture);
  tampering->tamper (fixture, checkpoint);
  run_fixture_change (fixture);
  third = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, third, "vda", NULL, tampering->why_full);
  run_fixture_assert_base (fixture, fixture->root, third, "vdb", second, NULL);
  run_fixture_change (fixture);
  fourth = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, fourth, "vda", third, NULL);
  run_fixture_assert_base (fixture, fixture->root, fourth, "vdb", third, NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
}

/* Merges so many levels into each disk of the backup. The store has no fault then. */
static void
merge (RunFixture *fixture, const char *id, guint levels)
{
  const char *uuid = vckc_domain_get_uuid (fixture->domain, NULL);
  g_autoptr (VckcDomainFolder) folder = vckc_domain_folder_open (fixture->root, uuid, false, NULL);
  g_autoptr (GPtrArray) findings = g_ptr_array_new ();
  VckcError *error = NULL;
  bool ok;

  for (guint i = 0; i < RUN_DISKS; i++)
    if (fixture->disks[i].attached)
      {
        ok = vckc_merge (folder, fixture->root, id, fixture->disks[i].target, levels, &error);
        assert_ok (ok, error);
      }
  ok = vckc_verify (folder, fixture->root, false, findings, &error);
  assert_ok (ok, error);
  for (guint i = 0; i < findings->len; i++)
    g_error ("%s", vckc_backup_finding_get_message (g_ptr_array_index (findings, i), NULL));
}

/* What the last backup copied is known after it was merged with the one below it, or with all. */
static void
test_after_merge (RunFixture *fixture, gconstpointer levels)
{
  g_autofree char *first = run_fixture_back_up (fixture);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *fourth = NULL;
  g_autofree char *checkpoint = NULL;

  run_fixture_change (fixture);
  second = run_fixture_back_up (fixture);
  run_fixture_change (fixture);
  third = run_fixture_back_up (fixture);
  merge (fixture, third, GPOINTER_TO_UINT (levels));
  run_fixture_change (fixture);
  checkpoint = run_fixture_make_checkpoint (fixture->root, third);
  tamper_clear (fixture, checkpoint);
  fourth = run_fixture_back_up (fixture);
  run_fixture_assert_base (fixture, fixture->root, fourth, "vda", NULL, "written to since");
  run_fixture_assert_base (fixture, fixture->root, fourth, "vdb", third, NULL);
  g_assert_cmpuint (run_fixture_check (fixture, fixture->root), ==, 4);
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
  g_free (checkpoint);
  checkpoint = run_fixture_make_checkpoint (fixture->root, third);
  delete_checkpoint (fixture->domain, checkpoint);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tamperings); i++)
    {
      g_autofree char *path = g_strconcat ("/vck/backup/tampering/", tamperings[i].name, NULL);

      g_test_add (path, RunFixture, GUINT_TO_POINTER (i), run_fixture_set_up, test_tampering,
                  run_fixture_tear_down);
    }
#define ADD(name, data, function)                                                                  \
  g_test_add ("/vck/backup/tampering/" name, RunFixture, GUINT_TO_POINTER (data),                  \
              run_fixture_set_up, function, run_fixture_tear_down)
  ADD ("merged-with-one", 1, test_after_merge);
  ADD ("merged-with-all", 2, test_after_merge);
  ADD ("found-out-before", 0, test_found_out_before);
  ADD ("foreign-bits", 0, test_foreign_bits);
  ADD ("removed", 0, test_removed);
  return g_test_run ();
}
