/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Planning deletions, and doing what was planned. */

#pragma once

#include "../describe-deletion.h"
#include "contract.h"
#include "model/delete-plan.h"

/* Nothing may change by that. */
VckcDeletePlan *plan_deletion (Fixture *fixture,
                               VckcDomainCheckpoint *checkpoint,
                               unsigned int flags,
                               VckcError **err);

/* Deletes the checkpoints that were planned to go, and no other, or is refused as planning was. */
int delete_as_planned (Fixture *fixture,
                       VckcDomainCheckpoint *checkpoint,
                       unsigned int flags,
                       VckcError **err);

/* The same, which must succeed; and the bitmaps that were planned to be removed are gone, and the
 * others there. */
void delete_with_bitmaps (Fixture *fixture, VckcDomainCheckpoint *checkpoint, unsigned int flags);
