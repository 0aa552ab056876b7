/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Removing backups by a policy. */

#pragma once

#include "backup/prune-plan.h"

/* Removes what the policy does not keep; with `dry_run` says only what it would do. */
VckcPrunePlan *vckc_prune (VckcDomainFolder *folder,
                           const VckcStoreRoot *root,
                           const VckcPrunePolicy *policy,
                           bool dry_run,
                           VckcError **err);
