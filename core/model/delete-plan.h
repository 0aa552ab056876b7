/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The handles of plans of deletions, filled in by those who plan; afterwards nothing changes. */

#pragma once

#include "handles/handles.h"
#include "model/checkpoint-def.h"
#include "vckc-delete-plan.h"

struct _VckcDeletePlanBitmap
{
  VckcObject object;
  char *name;
  char *checkpoint;
  char *disk;   /* target */
  char *source; /* (nullable): the image of the disk */
  char *reason; /* why it is left; NULL if it is removed */
};

struct _VckcDeletePlan
{
  VckcObject object;
  GPtrArray *checkpoints; /* of VckcDomainCheckpoint: parents first */
  GPtrArray *bitmaps;     /* of VckcDeletePlanBitmap: in the order of these */
};

/* What becomes of a bitmap. */
typedef enum
{
  VCKC_BITMAP_OUTCOME_REMOVED,
  VCKC_BITMAP_OUTCOME_KEPT,         /* that is asked for */
  VCKC_BITMAP_OUTCOME_OUT_OF_REACH, /* the domain does not have its image any more */
} VckcBitmapOutcome;

extern const VckcObjectClass vckc_delete_plan_class;
extern const VckcObjectClass vckc_delete_plan_bitmap_class;

VckcDeletePlan *vckc_delete_plan_new (void);

/* Adds a checkpoint that goes. */
void vckc_delete_plan_add_checkpoint (VckcDeletePlan *plan,
                                      VckcDomainCheckpoint *checkpoint /* (transfer full) */);

/* Adds the bitmap of a disk that such a checkpoint tracks. `source`: the image of the disk. */
void vckc_delete_plan_add_bitmap (VckcDeletePlan *plan,
                                  const VckcCheckpointDef *def,
                                  const VckcCheckpointDiskDef *disk,
                                  const char *source /* (nullable) */,
                                  VckcBitmapOutcome outcome);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDeletePlan, vckc_object_unref)
