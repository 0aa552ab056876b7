/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the images say of the disks of one checkpoint: their states and sizes, which are put into a
 * copy of its definition. With the job held. */

#pragma once

#include "managed/bitmap-set.h"
#include "managed/engine.h"

/* A copy of the definition of the checkpoint that the handle stands for. */
VckcCheckpointDef *vckc_checkpoint_state_copy_def (VckcEngine *engine,
                                                   VckcManagedDomain *domain,
                                                   const VckcDomainCheckpoint *checkpoint,
                                                   VckcError **err);

/* Adds a tracked disk of the copy, which the domain has, to the plan if its image can be looked at
 * and is the one it was. Else its state says so. */
bool vckc_checkpoint_state_plan_disk (VckcEngine *engine,
                                      const VckcDomainDef *domain,
                                      const VckcCheckpointNode *node,
                                      const VckcCheckpointDef *def,
                                      VckcCheckpointDiskDef *disk,
                                      VckcBitmapSet *plan,
                                      VckcError **err);

/* The same for all tracked disks. A disk that the domain no longer has is gone; of one that cannot
 * be looked at nothing is known. */
bool vckc_checkpoint_state_plan (VckcEngine *engine,
                                 const VckcDomainDef *domain,
                                 const VckcCheckpointNode *node,
                                 VckcCheckpointDef *def,
                                 VckcBitmapSet *plan,
                                 VckcError **err);

/* Puts what was found into the copy; the plan is open. */
bool vckc_checkpoint_state_read (VckcEngine *engine,
                                 const VckcDomainDef *domain,
                                 VckcCheckpointDef *def,
                                 const VckcCheckpointNode *node,
                                 VckcBitmapSet *plan,
                                 VckcError **err);
