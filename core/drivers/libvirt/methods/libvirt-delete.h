/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Deleting checkpoints. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

int vckc_libvirt_checkpoint_delete (VckcDomainCheckpoint *checkpoint,
                                    unsigned int flags,
                                    VckcError **err);

VckcDeletePlan *vckc_libvirt_checkpoint_plan_delete (VckcDomainCheckpoint *checkpoint,
                                                     unsigned int flags,
                                                     VckcError **err);
