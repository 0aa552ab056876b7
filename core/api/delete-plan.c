/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: plans of deletions, as they were made. */

#include "vckc-delete-plan.h"

#include "api/entry.h"
#include "model/delete-plan.h"

int
vckc_delete_plan_ref (VckcDeletePlan *plan, VckcError **err)
{
  if (!vckc_check_handle (plan, &vckc_delete_plan_class, err))
    return -1;
  vckc_object_ref (plan);
  return 0;
}

int
vckc_delete_plan_unref (VckcDeletePlan *plan, VckcError **err)
{
  if (!vckc_check_handle (plan, &vckc_delete_plan_class, err))
    return -1;
  vckc_object_unref (plan);
  return 0;
}

int
vckc_delete_plan_list_checkpoints (VckcDeletePlan *plan,
                                   VckcDomainCheckpoint ***ret_checkpoints,
                                   VckcError **err)
{
  if (ret_checkpoints != NULL)
    *ret_checkpoints = NULL;
  if (!vckc_check_handle (plan, &vckc_delete_plan_class, err))
    return -1;
  return vckc_object_array_return_refs (plan->checkpoints, (gpointer **) ret_checkpoints);
}

int
vckc_delete_plan_list_bitmaps (VckcDeletePlan *plan,
                               VckcDeletePlanBitmap ***ret_bitmaps,
                               VckcError **err)
{
  if (ret_bitmaps != NULL)
    *ret_bitmaps = NULL;
  if (!vckc_check_handle (plan, &vckc_delete_plan_class, err))
    return -1;
  return vckc_object_array_return_refs (plan->bitmaps, (gpointer **) ret_bitmaps);
}

int
vckc_delete_plan_bitmap_ref (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  if (!vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err))
    return -1;
  vckc_object_ref (bitmap);
  return 0;
}

int
vckc_delete_plan_bitmap_unref (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  if (!vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err))
    return -1;
  vckc_object_unref (bitmap);
  return 0;
}

const char *
vckc_delete_plan_bitmap_get_name (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err) ? bitmap->name : NULL;
}

const char *
vckc_delete_plan_bitmap_get_checkpoint (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err) ? bitmap->checkpoint
                                                                         : NULL;
}

const char *
vckc_delete_plan_bitmap_get_disk (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err) ? bitmap->disk : NULL;
}

const char *
vckc_delete_plan_bitmap_get_source (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err) ? bitmap->source : NULL;
}

const char *
vckc_delete_plan_bitmap_get_reason (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err) ? bitmap->reason : NULL;
}

bool
vckc_delete_plan_bitmap_is_removed (VckcDeletePlanBitmap *bitmap, VckcError **err)
{
  return vckc_check_handle (bitmap, &vckc_delete_plan_bitmap_class, err) && bitmap->reason == NULL;
}
