/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/delete-plan.h"

static void
delete_plan_bitmap_free (gpointer object)
{
  VckcDeletePlanBitmap *bitmap = object;

  g_free (bitmap->name);
  g_free (bitmap->checkpoint);
  g_free (bitmap->disk);
  g_free (bitmap->source);
  g_free (bitmap->reason);
}

const VckcObjectClass vckc_delete_plan_bitmap_class = {
  .name = "bitmap of the plan of a deletion",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = delete_plan_bitmap_free,
};

static void
delete_plan_free (gpointer object)
{
  VckcDeletePlan *plan = object;

  g_ptr_array_unref (plan->checkpoints);
  g_ptr_array_unref (plan->bitmaps);
}

const VckcObjectClass vckc_delete_plan_class = {
  .name = "plan of a deletion",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = delete_plan_free,
};

VckcDeletePlan *
vckc_delete_plan_new (void)
{
  VckcDeletePlan *plan = vckc_object_new (&vckc_delete_plan_class, sizeof *plan);

  plan->checkpoints = g_ptr_array_new_with_free_func (vckc_object_unref);
  plan->bitmaps = g_ptr_array_new_with_free_func (vckc_object_unref);
  return plan;
}

void
vckc_delete_plan_add_checkpoint (VckcDeletePlan *plan, VckcDomainCheckpoint *checkpoint)
{
  g_ptr_array_add (plan->checkpoints, checkpoint);
}

static const char *const reasons[] = {
  [VCKC_BITMAP_OUTCOME_REMOVED] = NULL,
  [VCKC_BITMAP_OUTCOME_KEPT] = "only the metadata is deleted",
  [VCKC_BITMAP_OUTCOME_OUT_OF_REACH] = "the domain does not have its image any more",
};

void
vckc_delete_plan_add_bitmap (VckcDeletePlan *plan,
                             const VckcCheckpointDef *def,
                             const VckcCheckpointDiskDef *disk,
                             const char *source,
                             VckcBitmapOutcome outcome)
{
  VckcDeletePlanBitmap *bitmap = vckc_object_new (&vckc_delete_plan_bitmap_class, sizeof *bitmap);

  bitmap->name = g_strdup (disk->bitmap);
  bitmap->checkpoint = g_strdup (def->name);
  bitmap->disk = g_strdup (disk->name);
  bitmap->source = g_strdup (source);
  bitmap->reason = g_strdup (reasons[outcome]);
  g_ptr_array_add (plan->bitmaps, bitmap);
}
