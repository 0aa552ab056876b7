/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "describe-deletion.h"

#include <glib.h>
#include <stdlib.h>

/* The bitmaps of that checkpoint, from number *index on: "vda/a- vdb/a-" */
static char *
describe_bitmaps (VckcDeletePlanBitmap **bitmaps, int count, const char *checkpoint, int *index)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;

  for (; *index < count; (*index)++)
    {
      VckcDeletePlanBitmap *bitmap = bitmaps[*index];
      const bool removed = vckc_delete_plan_bitmap_is_removed (bitmap, NULL);
      g_autofree char *word =
          g_strdup_printf ("%s/%s%s", vckc_delete_plan_bitmap_get_disk (bitmap, NULL),
                           vckc_delete_plan_bitmap_get_name (bitmap, NULL), removed ? "-" : "");

      if (g_strcmp0 (vckc_delete_plan_bitmap_get_checkpoint (bitmap, NULL), checkpoint) != 0)
        break;
      g_assert_true (removed == (vckc_delete_plan_bitmap_get_reason (bitmap, NULL) == NULL));
      g_strv_builder_add (words, word);
    }
  strv = g_strv_builder_end (words);
  return g_strjoinv (" ", strv);
}

char *
describe_deletion (VckcDeletePlan *plan)
{
  GString *text = g_string_new (NULL);
  VckcDomainCheckpoint **checkpoints = NULL;
  VckcDeletePlanBitmap **bitmaps = NULL;
  const int n_checkpoints = vckc_delete_plan_list_checkpoints (plan, &checkpoints, NULL);
  const int n_bitmaps = vckc_delete_plan_list_bitmaps (plan, &bitmaps, NULL);
  int index = 0;

  for (int i = 0; i < n_checkpoints; i++)
    {
      const char *name = vckc_domain_checkpoint_get_name (checkpoints[i], NULL);
      g_autofree char *own = describe_bitmaps (bitmaps, n_bitmaps, name, &index);

      g_string_append_printf (text, "%s%s(%s)", i > 0 ? " " : "", name, own);
      vckc_domain_checkpoint_unref (checkpoints[i], NULL);
    }
  g_assert_cmpint (index, ==, n_bitmaps);
  for (int i = 0; i < n_bitmaps; i++)
    vckc_delete_plan_bitmap_unref (bitmaps[i], NULL);
  free (checkpoints);
  free (bitmaps);
  return g_string_free (text, FALSE);
}
