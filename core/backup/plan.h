/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a backup of a domain would copy, disk by disk, and why. */

#pragma once

#include "backup/backup-list.h"
#include "backup/plan-handles.h"

/* Plans a backup of all disks of the domain that can be written to. `folder` and `list` are NULL if
 * the store has no backup of the domain yet. */
VckcBackupPlan *vckc_plan_make (VckcDomain *domain,
                                const VckcStoreRoot *root,
                                const VckcDomainFolder *folder,
                                const VckcBackupList *list,
                                const VckcPlanOptions *options,
                                VckcError **err);
