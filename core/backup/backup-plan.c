/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: plans of backups, as they were made. */

#include "vckc-repository-backup.h"

#include "api/entry.h"
#include "backup/plan-handles.h"

int
vckc_backup_plan_ref (VckcBackupPlan *plan, VckcError **err)
{
  if (!vckc_check_handle (plan, &vckc_backup_plan_class, err))
    return -1;
  vckc_object_ref (plan);
  return 0;
}

int
vckc_backup_plan_unref (VckcBackupPlan *plan, VckcError **err)
{
  if (!vckc_check_handle (plan, &vckc_backup_plan_class, err))
    return -1;
  vckc_object_unref (plan);
  return 0;
}

int64_t
vckc_backup_plan_get_bytes (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) ? (int64_t) plan->bytes : -1;
}

int64_t
vckc_backup_plan_get_room_needed (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) ? (int64_t) plan->room_needed : -1;
}

int64_t
vckc_backup_plan_get_room_free (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) ? (int64_t) plan->room_free : -1;
}

const char *
vckc_backup_plan_get_left_out (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) ? plan->left_out : NULL;
}

VckcBackupMode
vckc_backup_plan_get_mode (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) ? plan->mode : 0;
}

const char *
vckc_backup_plan_get_why_pull (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) ? plan->why_pull : NULL;
}

bool
vckc_backup_plan_is_needed (VckcBackupPlan *plan, VckcError **err)
{
  return vckc_check_handle (plan, &vckc_backup_plan_class, err) && plan->needed;
}

int
vckc_backup_plan_list_disks (VckcBackupPlan *plan, VckcBackupPlanDisk ***ret_disks, VckcError **err)
{
  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (plan, &vckc_backup_plan_class, err))
    return -1;
  return vckc_object_array_return_refs (plan->disks, (gpointer **) ret_disks);
}

int
vckc_backup_plan_disk_ref (VckcBackupPlanDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_backup_plan_disk_class, err))
    return -1;
  vckc_object_ref (disk);
  return 0;
}

int
vckc_backup_plan_disk_unref (VckcBackupPlanDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_backup_plan_disk_class, err))
    return -1;
  vckc_object_unref (disk);
  return 0;
}

const char *
vckc_backup_plan_disk_get_target (VckcBackupPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_plan_disk_class, err) ? disk->target : NULL;
}

const char *
vckc_backup_plan_disk_get_base (VckcBackupPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_plan_disk_class, err) ? disk->base : NULL;
}

const char *
vckc_backup_plan_disk_get_why_full (VckcBackupPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_plan_disk_class, err) ? disk->why_full : NULL;
}

const char *
vckc_backup_plan_disk_get_note (VckcBackupPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_plan_disk_class, err) ? disk->note : NULL;
}

int64_t
vckc_backup_plan_disk_get_virtual_size (VckcBackupPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_plan_disk_class, err) ? (int64_t) disk->virtual_size
                                                                     : -1;
}

int64_t
vckc_backup_plan_disk_get_bytes (VckcBackupPlanDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_plan_disk_class, err) ? (int64_t) disk->bytes : -1;
}
