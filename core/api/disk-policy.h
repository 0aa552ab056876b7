/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which disks a new checkpoint tracks, of those that it does not list. */

#pragma once

#include "handles/handles.h"
#include "model/checkpoint-plan.h"

/* Adds to the disks that `def` lists those that it tracks by the policy. Blocks. Fails with
 * CONFIG_UNSUPPORTED if it would track none, and with SYSTEM_ERROR if a disk cannot be examined. */
bool vckc_disk_policy_apply (VckcDiskPolicy policy,
                             VckcCheckpointDef *def,
                             VckcDomain *domain,
                             VckcError **err);

/* Notes in the plan why the disks that it does not track are not. `def`: as it was after the policy
 * was applied. Blocks. */
bool vckc_disk_policy_explain (VckcDiskPolicy policy,
                               const VckcCheckpointDef *def,
                               VckcDomain *domain,
                               VckcCheckpointPlan *plan,
                               VckcError **err);
