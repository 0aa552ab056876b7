/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Deletes as planned: planning changes nothing, and what it said is what is done. */

#include "planned-deletion.h"

#include <stdlib.h>
#include <string.h>

#include "../refusal.h"

/* libvirt does not let a read-only connection ask QEMU. */
static void
assert_not_let (Fixture *fixture, const VckcError *error)
{
  g_assert_cmpstr (fixture->target.name, ==, "libvirt-embed");
  g_test_message ("read-only: %s", vckc_error_get_message (error));
  assert_refused (error, VCKC_ERROR_OPERATION_DENIED);
}

/* Plans with a connection that may not write and with one that may, both of which say the same. */
VckcDeletePlan *
plan_deletion (Fixture *fixture,
               VckcDomainCheckpoint *checkpoint,
               unsigned int flags,
               VckcError **err)
{
  g_autoptr (VckcDomain) reader =
      vckc_domain_lookup_by_uuid (fixture->read_only, DOMAIN_UUID, NULL);
  g_autoptr (VckcDomainCheckpoint) same = vckc_domain_checkpoint_lookup_by_name (
      reader, vckc_domain_checkpoint_get_name (checkpoint, NULL), 0, NULL);
  g_autofree char *before = fixture_list (fixture, NULL, 0);
  g_autoptr (GBytes) image = fixture_read_image (fixture, "vda");
  g_autoptr (VckcError) unread = NULL;
  g_autoptr (VckcDeletePlan) read = vckc_domain_checkpoint_plan_delete (same, flags, &unread);
  VckcDeletePlan *plan = vckc_domain_checkpoint_plan_delete (checkpoint, flags, err);
  g_autoptr (GBytes) image_after = fixture_read_image (fixture, "vda");
  g_autofree char *after = fixture_list (fixture, NULL, 0);

  if (plan != NULL && read == NULL)
    assert_not_let (fixture, unread);
  else if (plan != NULL)
    {
      g_autofree char *text = describe_deletion (plan);
      g_autofree char *text_read = describe_deletion (read);

      g_test_message ("%s", text);
      g_assert_cmpstr (text, ==, text_read);
    }
  g_assert_true (plan != NULL || read == NULL);
  g_assert_cmpstr (before, ==, after);
  g_assert_true (image == NULL || g_bytes_equal (image, image_after));
  return plan;
}

/* Those that are there and do not go, or are gone. */
static char *
list_others (Fixture *fixture, const char *planned)
{
  g_autofree char *all = fixture_list (fixture, NULL, 0);
  g_auto (GStrv) names = g_strsplit (all, " ", -1);
  GString *others = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *word = g_strdup_printf (" %s(", names[i]);

      if (strstr (planned, word) == NULL)
        g_string_append_printf (others, "%s ", names[i]);
    }
  return g_string_free (others, FALSE);
}

/* With the plan, which has led to success. */
static int
delete_by_plan (Fixture *fixture,
                VckcDomainCheckpoint *checkpoint,
                unsigned int flags,
                VckcDeletePlan *plan,
                VckcError **err)
{
  g_autofree char *text = describe_deletion (plan);
  g_autofree char *planned = g_strconcat (" ", text, NULL);
  g_autofree char *others = list_others (fixture, planned);
  const int result = vckc_domain_checkpoint_delete (checkpoint, flags, err);
  g_autofree char *left = list_others (fixture, "");

  if (result == 0)
    g_assert_cmpstr (left, ==, others);
  return result;
}

int
delete_as_planned (Fixture *fixture,
                   VckcDomainCheckpoint *checkpoint,
                   unsigned int flags,
                   VckcError **err)
{
  g_autoptr (VckcError) unplanned = NULL;
  g_autoptr (VckcDeletePlan) plan = plan_deletion (fixture, checkpoint, flags, &unplanned);
  VckcError *error = NULL;
  const int result = plan != NULL ? delete_by_plan (fixture, checkpoint, flags, plan, &error)
                                  : vckc_domain_checkpoint_delete (checkpoint, flags, &error);

  if (error != NULL ? plan != NULL || vckc_error_get_code (error) != vckc_error_get_code (unplanned)
                    : plan == NULL)
    g_error ("planned: %s; deleted: %s", plan == NULL ? vckc_error_get_message (unplanned) : "well",
             error != NULL ? vckc_error_get_message (error) : "well");
  if (error != NULL)
    vckc_propagate_error (err, error);
  return result;
}

/* Whose bitmaps are where, as verifying says: "missing:a/vda " of a checkpoint, "left:vda/a " of
 * none. NULL if there are none in any image. */
static char *
list_bitmaps (Fixture *fixture)
{
  GString *text = g_string_new (NULL);
  VckcFinding **findings = NULL;
  g_autoptr (VckcError) error = NULL;
  const int count = vckc_domain_verify_checkpoints (fixture->domain, &findings, &error);

  if (error != NULL)
    {
      g_assert_cmpint (vckc_error_get_code (error), ==, VCKC_ERROR_OPERATION_UNSUPPORTED);
      g_string_free (text, TRUE);
      return NULL;
    }
  for (int i = 0; i < count; i++)
    {
      const VckcFindingKind kind = vckc_finding_get_kind (findings[i], NULL);
      const char *disk = vckc_finding_get_disk (findings[i], NULL);

      if (kind == VCKC_FINDING_BITMAP_MISSING)
        g_string_append_printf (text, "missing:%s/%s ",
                                vckc_finding_get_checkpoint (findings[i], NULL), disk);
      else if (kind == VCKC_FINDING_BITMAP_ORPHAN || kind == VCKC_FINDING_BITMAP_FOREIGN)
        g_string_append_printf (text, "left:%s/%s ", disk,
                                vckc_finding_get_bitmap (findings[i], NULL));
      vckc_finding_unref (findings[i], NULL);
    }
  free (findings);
  return g_string_free (text, FALSE);
}

static bool
has_word (const char *text, const char *kind, const char *first, const char *second)
{
  g_autofree char *word = g_strdup_printf ("%s:%s/%s ", kind, first, second);

  return strstr (text, word) != NULL;
}

/* `before` and `now`: as list_bitmaps() has it. */
static void
assert_bitmaps_are_as_planned (VckcDeletePlan *plan, const char *before, const char *now)
{
  VckcDeletePlanBitmap **bitmaps = NULL;
  const int count = vckc_delete_plan_list_bitmaps (plan, &bitmaps, NULL);

  for (int i = 0; i < count; i++)
    {
      const char *disk = vckc_delete_plan_bitmap_get_disk (bitmaps[i], NULL);
      const char *name = vckc_delete_plan_bitmap_get_name (bitmaps[i], NULL);
      const char *checkpoint = vckc_delete_plan_bitmap_get_checkpoint (bitmaps[i], NULL);
      const bool was_there = !has_word (before, "missing", checkpoint, disk);
      const bool removed = vckc_delete_plan_bitmap_is_removed (bitmaps[i], NULL);

      g_assert_true (was_there || !removed);
      g_assert_true (has_word (now, "left", disk, name) == (was_there && !removed));
      vckc_delete_plan_bitmap_unref (bitmaps[i], NULL);
    }
  free (bitmaps);
}

void
delete_with_bitmaps (Fixture *fixture, VckcDomainCheckpoint *checkpoint, unsigned int flags)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDeletePlan) plan = plan_deletion (fixture, checkpoint, flags, NULL);
  g_autofree char *before = list_bitmaps (fixture);
  g_autofree char *now = NULL;

  delete_as_planned (fixture, checkpoint, flags, &error);
  if (error != NULL)
    g_error ("%s", vckc_error_get_message (error));
  now = list_bitmaps (fixture);
  if (before != NULL)
    assert_bitmaps_are_as_planned (plan, before, now);
}
