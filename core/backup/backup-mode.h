/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether QEMU writes the images of a backup, or this process reads the disks. */

#pragma once

#include "backup/plan-handles.h"

/* Sets the mode of the plan, and why. `pull`: it was asked for. */
bool vckc_backup_mode_choose (VckcDomain *domain, bool pull, VckcBackupPlan *plan, VckcError **err);

/* Is this error of beginning a push a sign that QEMU cannot open the images? Then they can be
 * written here: where the driver says that QEMU may be another user's. */
bool vckc_backup_mode_is_out_of_reach (VckcDomain *domain, const VckcError *error);
