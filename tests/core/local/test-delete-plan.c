/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What deleting is planned to do to images that are away, replaced, held or damaged. */

#include <glib/gstdio.h>
#include <string.h>

#include "../describe-deletion.h"
#include "image-fixture.h"
#include "running-fixture.h"

#define METADATA_ONLY VCKC_CHECKPOINT_DELETE_METADATA_ONLY

static VckcDomainCheckpoint *
look_up (RunningFixture *fixture, const char *name)
{
  VckcError *error = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (fixture->domain, name, 0, &error);

  assert_ok (checkpoint != NULL, error);
  return checkpoint;
}

/* Planning changes neither image. */
static VckcDeletePlan *
try_plan (RunningFixture *fixture, const char *name, unsigned int flags, VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = look_up (fixture, name);
  char *before[2], *after[2];
  VckcDeletePlan *plan;

  for (guint i = 0; i < 2; i++)
    before[i] = g_file_test (fixture->images[i], G_FILE_TEST_EXISTS)
                    ? image_fixture_hash (fixture->images[i])
                    : NULL;
  plan = vckc_domain_checkpoint_plan_delete (checkpoint, flags, err);
  for (guint i = 0; i < 2; i++)
    {
      after[i] = before[i] != NULL ? image_fixture_hash (fixture->images[i]) : NULL;
      g_assert_cmpstr (before[i], ==, after[i]);
      g_free (before[i]);
      g_free (after[i]);
    }
  return plan;
}

static VckcDeletePlan *
plan (RunningFixture *fixture, const char *name, unsigned int flags, const char *expected)
{
  VckcError *error = NULL;
  VckcDeletePlan *made = try_plan (fixture, name, flags, &error);
  g_autofree char *text = NULL;

  assert_ok (made != NULL, error);
  text = describe_deletion (made);
  g_assert_cmpstr (text, ==, expected);
  return made;
}

static void
assert_planned (RunningFixture *fixture, const char *name, unsigned int flags, const char *expected)
{
  vckc_delete_plan_unref (plan (fixture, name, flags, expected), NULL);
}

/* Planning and deleting are refused for the same reason. */
static void
assert_refused (RunningFixture *fixture, const char *name, VckcErrorCode code, const char *part)
{
  VckcError *unplanned = NULL;
  VckcError *error = NULL;
  g_autofree char *message = NULL;

  g_assert_null (try_plan (fixture, name, 0, &unplanned));
  message = g_strdup (vckc_error_get_message (unplanned));
  assert_error (unplanned, code, part);
  g_assert_false (running_try_delete (fixture, name, &error));
  g_assert_cmpstr (vckc_error_get_message (error), ==, message);
  assert_error (error, code, part);
}

static void
assert_deleted (RunningFixture *fixture, const char *name)
{
  VckcError *error = NULL;

  assert_ok (running_try_delete (fixture, name, &error), error);
}

/* Where an image is while it is away. */
static char *
get_other_path (RunningFixture *fixture)
{
  return g_build_filename (fixture->folder, "away.qcow2", NULL);
}

static void
test_image_away (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *away = get_other_path (fixture);

  running_create (fixture, "a");
  g_assert_cmpint (g_rename (fixture->images[0], away), ==, 0);
  assert_refused (fixture, "a", VCKC_ERROR_SYSTEM_ERROR, "make the disk reachable");
  assert_planned (fixture, "a", METADATA_ONLY, "a(vda/a vdb/a)");
  g_assert_cmpint (g_rename (away, fixture->images[0]), ==, 0);
  assert_planned (fixture, "a", 0, "a(vda/a- vdb/a-)");
  assert_deleted (fixture, "a");
}

/* With a bitmap of the same name. */
static void
test_image_replaced (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *away = get_other_path (fixture);
  const char *const copy[] = { "cp", away, fixture->images[0], NULL };

  running_create (fixture, "a");
  g_assert_cmpint (g_rename (fixture->images[0], away), ==, 0);
  image_fixture_run_quietly (copy);
  assert_refused (fixture, "a", VCKC_ERROR_CHECKPOINT_INCONSISTENT, "has another image");
  assert_planned (fixture, "a", METADATA_ONLY, "a(vda/a vdb/a)");
}

static void
test_bitmap_missing (RunningFixture *fixture, gconstpointer data)
{
  const char *const remove[] = { "qemu-img", "bitmap", "--remove", fixture->images[1], "a", NULL };

  running_create (fixture, "a");
  running_create (fixture, "b");
  image_fixture_run_quietly (remove);
  assert_refused (fixture, "a", VCKC_ERROR_CHECKPOINT_INCONSISTENT, "'a' is missing on disk 'vdb'");
  assert_planned (fixture, "a", METADATA_ONLY, "a(vda/a vdb/a)");
  assert_planned (fixture, "b", 0, "b(vda/b- vdb/b-)");
}

/* What is left in an image that the domain does not have any more. */
static void
test_disk_gone (RunningFixture *fixture, gconstpointer data)
{
  g_autofree char *metadata = running_make_metadata (fixture);
  VckcDeletePlan *made;
  VckcDeletePlanBitmap **bitmaps = NULL;

  running_create (fixture, "a");
  vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = running_define_from_disk (fixture, metadata, 1);
  made = plan (fixture, "a", 0, "a(vda/a vdb/a-)");
  g_assert_cmpint (vckc_delete_plan_list_bitmaps (made, &bitmaps, NULL), ==, 2);
  g_assert_null (vckc_delete_plan_bitmap_get_source (bitmaps[0], NULL));
  g_assert_cmpstr (vckc_delete_plan_bitmap_get_reason (bitmaps[0], NULL), ==,
                   "the domain does not have its image any more");
  g_assert_cmpstr (vckc_delete_plan_bitmap_get_source (bitmaps[1], NULL), ==, fixture->images[1]);
  for (guint i = 0; i < 2; i++)
    vckc_delete_plan_bitmap_unref (bitmaps[i], NULL);
  free (bitmaps);
  vckc_delete_plan_unref (made, NULL);

  assert_deleted (fixture, "a");
  vckc_domain_unref (fixture->domain, NULL);
  fixture->domain = running_define_from_disk (fixture, metadata, 0);
  running_assert_findings (fixture, "9");
}

/* Another program has an image open: planning does not hold it, so that this is not seen. */
static void
test_image_held (RunningFixture *fixture, gconstpointer data)
{
  ImageHolder holder;
  VckcError *error = NULL;

  running_create (fixture, "a");
  image_holder_start (&holder, fixture->images[0]);
  assert_planned (fixture, "a", 0, "a(vda/a- vdb/a-)");
  g_assert_false (running_try_delete (fixture, "a", &error));
  assert_error (error, VCKC_ERROR_BUSY, "held by another program");
  image_holder_stop (&holder);
  assert_planned (fixture, "a", 0, "a(vda/a- vdb/a-)");
  assert_deleted (fixture, "a");
}

/* The bitmaps are worthless, and the image has to be repaired before it is changed. */
static void
test_not_closed (RunningFixture *fixture, gconstpointer data)
{
  const char *const amend[] = { "qemu-img",         "amend", "-o", "lazy_refcounts=on",
                                fixture->images[0], NULL };

  image_fixture_run_quietly (amend);
  running_create (fixture, "a");
  image_fixture_abandon (fixture->images[0]);
  assert_planned (fixture, "a", 0, "a(vda/a- vdb/a-)");
  assert_deleted (fixture, "a");
}

/* QEMU runs, and so does a job that reads a bitmap. */
static void
export_bitmap (RunningFixture *fixture, const char *bitmap)
{
  g_autofree char *path = g_build_filename (fixture->folder, "nbd", NULL);

  machine_fixture_serve (fixture->machine, path);
  machine_fixture_export (fixture->machine, "b", bitmap);
}

static void
test_bitmap_busy (RunningFixture *fixture, gconstpointer data)
{
  machine_fixture_start (fixture->machine);
  running_create (fixture, "a");
  running_create (fixture, "b");
  export_bitmap (fixture, "a");
  assert_refused (fixture, "a", VCKC_ERROR_BUSY, "'a' on disk 'vdb' is used by a job");
  assert_planned (fixture, "a", METADATA_ONLY, "a(vda/a vdb/a)");
  assert_planned (fixture, "b", 0, "b(vda/b- vdb/b-)");
  assert_deleted (fixture, "b");
  machine_fixture_run (fixture->machine, "nbd-server-stop", NULL);
  assert_planned (fixture, "a", 0, "a(vda/a- vdb/a-)");
  assert_deleted (fixture, "a");
}

/* QEMU runs without one of the disks. */
static void
test_not_attached (RunningFixture *fixture, gconstpointer data)
{
  const char *const arguments[] = { running_plain_b[0], running_plain_b[1], NULL };

  running_create (fixture, "a");
  running_start_with (fixture, arguments);
  assert_refused (fixture, "a", VCKC_ERROR_CONFIG_UNSUPPORTED, "does not have disk 'vda' attached");
  assert_planned (fixture, "a", METADATA_ONLY, "a(vda/a vdb/a)");
}

/* QEMU has given its images away. */
static void
test_saved (RunningFixture *fixture, gconstpointer data)
{
  machine_fixture_start (fixture->machine);
  running_create (fixture, "a");
  machine_fixture_save (fixture->machine);
  assert_refused (fixture, "a", VCKC_ERROR_OPERATION_INVALID, "");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/vck/delete-plan/" name, RunningFixture, NULL, running_set_up, function,            \
              running_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("image-away", test_image_away);
  ADD ("image-replaced", test_image_replaced);
  ADD ("bitmap-missing", test_bitmap_missing);
  ADD ("disk-gone", test_disk_gone);
  ADD ("image-held", test_image_held);
  ADD ("not-closed", test_not_closed);
  ADD ("bitmap-busy", test_bitmap_busy);
  ADD ("not-attached", test_not_attached);
  ADD ("saved", test_saved);
  return g_test_run ();
}
