/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: plans of checkpoints, as they were made. */

#include "vckc-checkpoint-plan.h"

#include "api/entry.h"
#include "model/checkpoint-plan.h"

int
vckc_checkpoint_plan_ref (VckcCheckpointPlan *plan, VckcError **err)
{
  if (!vckc_check_handle (plan, &vckc_checkpoint_plan_class, err))
    return -1;
  vckc_object_ref (plan);
  return 0;
}

int
vckc_checkpoint_plan_unref (VckcCheckpointPlan *plan, VckcError **err)
{
  if (!vckc_check_handle (plan, &vckc_checkpoint_plan_class, err))
    return -1;
  vckc_object_unref (plan);
  return 0;
}

const char *
vckc_checkpoint_plan_get_name (VckcCheckpointPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_checkpoint_plan_class, err) ? plan->name : NULL;
}

int
vckc_checkpoint_plan_list_disks (VckcCheckpointPlan *plan,
                                 VckcCheckpointPlanDisk ***ret_disks,
                                 VckcError **err)
{
  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (plan, &vckc_checkpoint_plan_class, err))
    return -1;
  return vckc_object_array_return_refs (plan->disks, (gpointer **) ret_disks);
}

int
vckc_checkpoint_plan_disk_ref (VckcCheckpointPlanDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_checkpoint_plan_disk_class, err))
    return -1;
  vckc_object_ref (disk);
  return 0;
}

int
vckc_checkpoint_plan_disk_unref (VckcCheckpointPlanDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_checkpoint_plan_disk_class, err))
    return -1;
  vckc_object_unref (disk);
  return 0;
}

const char *
vckc_checkpoint_plan_disk_get_target (VckcCheckpointPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_checkpoint_plan_disk_class, err) ? disk->target : NULL;
}

bool
vckc_checkpoint_plan_disk_is_tracked (VckcCheckpointPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_checkpoint_plan_disk_class, err) && disk->tracked;
}

const char *
vckc_checkpoint_plan_disk_get_reason (VckcCheckpointPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_checkpoint_plan_disk_class, err) ? disk->reason : NULL;
}

const char *
vckc_checkpoint_plan_disk_get_bitmap (VckcCheckpointPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_checkpoint_plan_disk_class, err) ? disk->bitmap : NULL;
}
