/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-plan.h"

static void
checkpoint_plan_disk_free (gpointer object)
{
  VckcCheckpointPlanDisk *disk = object;

  g_free (disk->target);
  g_free (disk->bitmap);
  g_free (disk->reason);
}

const VckcObjectClass vckc_checkpoint_plan_disk_class = {
  .name = "disk of the plan of a checkpoint",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = checkpoint_plan_disk_free,
};

static void
checkpoint_plan_free (gpointer object)
{
  VckcCheckpointPlan *plan = object;

  g_ptr_array_unref (plan->disks);
  g_free (plan->name);
}

const VckcObjectClass vckc_checkpoint_plan_class = {
  .name = "plan of a checkpoint",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = checkpoint_plan_free,
};

static VckcCheckpointPlanDisk *
checkpoint_plan_disk_new (const VckcCheckpointDef *def,
                          const VckcCheckpointDiskDef *disk,
                          bool is_named)
{
  VckcCheckpointPlanDisk *planned =
      vckc_object_new (&vckc_checkpoint_plan_disk_class, sizeof *planned);

  planned->target = g_strdup (disk->name);
  planned->tracked = disk->tracked;
  if (disk->tracked && (is_named || g_strcmp0 (disk->bitmap, def->name) != 0))
    planned->bitmap = g_strdup (disk->bitmap);
  return planned;
}

VckcCheckpointPlan *
vckc_checkpoint_plan_new (const VckcCheckpointDef *def, bool is_named)
{
  VckcCheckpointPlan *plan = vckc_object_new (&vckc_checkpoint_plan_class, sizeof *plan);

  plan->name = is_named ? g_strdup (def->name) : NULL;
  plan->disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (guint i = 0; i < def->disks->len; i++)
    g_ptr_array_add (plan->disks,
                     checkpoint_plan_disk_new (def, g_ptr_array_index (def->disks, i), is_named));
  return plan;
}
