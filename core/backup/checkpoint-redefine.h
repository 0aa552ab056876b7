/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Redefining checkpoints of a domain: their bitmaps are not touched. */

#pragma once

#include "model/checkpoint-def.h"
#include "vckc-types.h"

/* The definition of a checkpoint, with the domain. */
VckcCheckpointDef *vckc_checkpoint_redefine_load (VckcDomainCheckpoint *checkpoint,
                                                  VckcError **err);

bool vckc_checkpoint_redefine (VckcDomain *domain, const VckcCheckpointDef *def, VckcError **err);

/* Takes those of its disks that are keys of `targets` out of the checkpoint, which has others. */
bool
vckc_checkpoint_untrack (VckcDomainCheckpoint *checkpoint, GHashTable *targets, VckcError **err);
