/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The handles of plans of checkpoints, filled in by those who plan; afterwards nothing changes. */

#pragma once

#include "handles/object.h"
#include "model/checkpoint-def.h"
#include "vckc-checkpoint-plan.h"

struct _VckcCheckpointPlanDisk
{
  VckcObject object;
  char *target;
  bool tracked;
  char *bitmap; /* (nullable): of one that is tracked, if its name is known */
  char *reason; /* why it is not tracked; NULL if it is */
};

struct _VckcCheckpointPlan
{
  VckcObject object;
  char *name;       /* (nullable): NULL if it is chosen later */
  GPtrArray *disks; /* of VckcCheckpointPlanDisk: all of the domain */
};

extern const VckcObjectClass vckc_checkpoint_plan_class;
extern const VckcObjectClass vckc_checkpoint_plan_disk_class;

/* The plan of a checkpoint that is ready to be created, without reasons. `is_named`: it was given
 * its name; else the one that it has is none that it will have. */
VckcCheckpointPlan *vckc_checkpoint_plan_new (const VckcCheckpointDef *def, bool is_named);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcCheckpointPlan, vckc_object_unref)
