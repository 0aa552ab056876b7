/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How much an incremental backup has to copy of a disk. */

#pragma once

#include "backup/plan-handles.h"

/* Of the disk that has `base_checkpoint`, by what its bitmap holds now. */
bool vckc_plan_count_bytes (VckcDomain *domain,
                            const VckcBackupPlanDisk *disk,
                            guint64 *ret_bytes,
                            VckcError **err);
