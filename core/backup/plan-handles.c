/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/plan-handles.h"

static void
plan_disk_free (gpointer object)
{
  VckcBackupPlanDisk *disk = object;

  g_free (disk->target);
  g_free (disk->source);
  g_free (disk->base);
  g_free (disk->base_file);
  g_free (disk->base_checkpoint);
  g_free (disk->why_full);
  g_free (disk->note);
}

const VckcObjectClass vckc_backup_plan_disk_class = {
  .name = "disk of a plan",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = plan_disk_free,
};

static void
plan_free (gpointer object)
{
  VckcBackupPlan *plan = object;

  g_ptr_array_unref (plan->disks);
  g_free (plan->left_out);
  g_free (plan->why_pull);
}

const VckcObjectClass vckc_backup_plan_class = {
  .name = "plan of a backup",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = plan_free,
};

VckcBackupPlan *
vckc_backup_plan_new (void)
{
  VckcBackupPlan *plan = vckc_object_new (&vckc_backup_plan_class, sizeof *plan);

  plan->disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  return plan;
}

VckcBackupPlanDisk *
vckc_backup_plan_disk_new (const char *target, const char *source, guint64 virtual_size)
{
  VckcBackupPlanDisk *disk = vckc_object_new (&vckc_backup_plan_disk_class, sizeof *disk);

  disk->target = g_strdup (target);
  disk->source = g_strdup (source);
  disk->virtual_size = virtual_size;
  return disk;
}
