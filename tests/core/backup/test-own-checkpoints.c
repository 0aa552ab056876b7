/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Checkpoints of a store that have lost some of their bitmaps: what is left of them is deleted, and
 * nothing else. */

#include <stdlib.h>

#include <glib/gstdio.h>

#include "backup/own-checkpoints.h"
#include "checkpoint-steps.h"
#include "image-fixture.h"
#include "run-fixture.h"

static void
set_up (RunFixture *fixture, gconstpointer seed)
{
  run_fixture_set_up (fixture, seed);
  for (guint i = 0; i < RUN_DISKS; i++)
    fixture->disks[i].attached = true;
  run_fixture_define (fixture);
  create_checkpoint (fixture->domain, "old");
}

static void
change_bitmap (const RunDisk *disk, const char *action)
{
  const char *const argv[] = {
    "qemu-img", "bitmap", action, "-f", "qcow2", disk->image, "old", NULL
  };

  image_fixture_run_quietly (argv);
}

/* Its bitmap, which goes on, holds less than that of the next checkpoint. */
static void
make_short (RunFixture *fixture, const RunDisk *disk)
{
  create_checkpoint (fixture->domain, "next");
  image_fixture_write (disk->image, 0, 65536);
  change_bitmap (disk, "--clear");
}

/* An image with the same bitmaps, which is not the image of the disk. */
static void
replace_image (const RunDisk *disk)
{
  g_autofree char *copy = g_strconcat (disk->image, ".copy", NULL);
  const char *const argv[] = { "cp", disk->image, copy, NULL };

  image_fixture_run_quietly (argv);
  g_assert_cmpint (g_rename (copy, disk->image), ==, 0);
}

static void
assert_state (RunFixture *fixture, guint disk, VckcCheckpointState state)
{
  VckcDomainCheckpointDisk **disks;
  VckcError *error = NULL;
  int n = vckc_domain_measure_checkpoints (fixture->domain, &disks, &error);

  assert_ok (n >= RUN_DISKS, error);
  g_assert_cmpstr (vckc_domain_checkpoint_disk_get_checkpoint (disks[disk], NULL), ==, "old");
  g_assert_cmpint (vckc_domain_checkpoint_disk_get_state (disks[disk], NULL), ==, state);
  for (int i = 0; i < n; i++)
    vckc_domain_checkpoint_disk_unref (disks[i], NULL);
  free (disks);
}

static void
delete_old (RunFixture *fixture)
{
  VckcError *error = NULL;
  bool deleted = vckc_own_checkpoint_delete (fixture->domain, "old", &error);

  assert_ok (deleted, error);
  g_assert_null (vckc_domain_checkpoint_lookup_by_name (fixture->domain, "old", 0, &error));
  assert_error (error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT, "old");
}

static guint
count_findings (RunFixture *fixture, VckcFindingKind kind)
{
  VckcFinding **findings;
  VckcError *error = NULL;
  int n = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);
  guint count = 0;

  assert_ok (n >= 0, error);
  for (int i = 0; i < n; i++)
    {
      if (vckc_finding_get_kind (findings[i], NULL) == kind)
        count++;
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  return count;
}

/* A bitmap that is worth nothing is no reason not to delete it. */
static void
test_short (RunFixture *fixture, gconstpointer data)
{
  RunDisk *disks = fixture->disks;

  make_short (fixture, &disks[1]);
  change_bitmap (&disks[0], "--remove");
  assert_state (fixture, 0, VCKC_CHECKPOINT_STATE_MISSING);
  assert_state (fixture, 1, VCKC_CHECKPOINT_STATE_REPLACED);
  assert_state (fixture, 2, VCKC_CHECKPOINT_STATE_READY);
  delete_old (fixture);
  for (guint i = 0; i < RUN_DISKS; i++)
    {
      g_assert_false (run_fixture_has_bitmap (&disks[i], "\"old\""));
      g_assert_true (run_fixture_has_bitmap (&disks[i], "\"next\""));
    }
  g_assert_cmpuint (count_findings (fixture, VCKC_FINDING_BITMAP_FOREIGN), ==, 0);
}

/* What is left in an image is noted as ours; what is in another image is not ours. */
static void
test_replaced (RunFixture *fixture, gconstpointer data)
{
  RunDisk *disks = fixture->disks;

  make_short (fixture, &disks[1]);
  replace_image (&disks[0]);
  assert_state (fixture, 0, VCKC_CHECKPOINT_STATE_REPLACED);
  assert_state (fixture, 1, VCKC_CHECKPOINT_STATE_REPLACED);
  delete_old (fixture);
  g_assert_true (run_fixture_has_bitmap (&disks[0], "\"old\""));
  g_assert_true (run_fixture_has_bitmap (&disks[1], "\"old\""));
  g_assert_false (run_fixture_has_bitmap (&disks[2], "\"old\""));
  g_assert_cmpuint (count_findings (fixture, VCKC_FINDING_BITMAP_ORPHAN), ==, 1);
  g_assert_cmpuint (count_findings (fixture, VCKC_FINDING_BITMAP_FOREIGN), ==, 1);
}

/* It is kept as long as an image is away, and which image that was is not forgotten. */
static void
test_unreachable (RunFixture *fixture, gconstpointer data)
{
  RunDisk *disks = fixture->disks;
  g_autofree char *away = g_strconcat (disks[1].image, ".away", NULL);
  const char *const copy[] = { "cp", away, disks[1].image, NULL };
  VckcError *error = NULL;

  replace_image (&disks[0]);
  g_assert_cmpint (g_rename (disks[1].image, away), ==, 0);
  g_assert_false (vckc_own_checkpoint_delete (fixture->domain, "old", &error));
  g_assert_nonnull (error);
  vckc_error_free (error);
  g_assert_cmpint (run_fixture_count_checkpoints (fixture), ==, 1);
  g_assert_true (run_fixture_has_bitmap (&disks[2], "\"old\""));

  image_fixture_run_quietly (copy);
  delete_old (fixture);
  g_assert_true (run_fixture_has_bitmap (&disks[1], "\"old\""));
  g_assert_false (run_fixture_has_bitmap (&disks[2], "\"old\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
  g_test_add ("/vck/backup/own-checkpoints/" name, RunFixture, NULL, set_up, function,             \
              run_fixture_tear_down)
  ADD ("short", test_short);
  ADD ("replaced", test_replaced);
  ADD ("unreachable", test_unreachable);
  return g_test_run ();
}
