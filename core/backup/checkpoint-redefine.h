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

/* Redefines the checkpoint without those of its disks that are keys of `targets`. */
bool vckc_checkpoint_redefine_without (VckcDomain *domain,
                                       VckcCheckpointDef *def,
                                       GHashTable *targets,
                                       VckcError **err);
