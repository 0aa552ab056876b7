/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups in pull mode of simulated disks, which can be read as any other: what they hold is
 * written to images that have no name, and a storage daemon offers these. The domain is not held.
 */

#pragma once

#include "drivers/memory/memory-images.h"
#include "drivers/memory/testing/memory-fault.h"
#include "managed/backends/block-backup.h"

/* `disks` are those of the session. */
VckcBlockBackup *vckc_memory_pull_open (VckcMemoryFault *fault,
                                        VckcMemoryImages *images,
                                        VckcBlockSession *session,
                                        const VckcBlockDisk *disks,
                                        const VckcBlockBackupPlan *plan,
                                        VckcError **err);
