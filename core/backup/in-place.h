/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Restoring disks of a domain that is off under the paths that they have. The new images are made
 * beside the old ones, with the bitmap of a new checkpoint in them before they get their names, so
 * nothing can be written that it does not record. The next backup is incremental on the one that
 * was restored.
 */

#pragma once

#include "backup/domain-folder.h"
#include "vckc-types.h"

/* Restores a disk of the backup or, with NULL, all. All are restored or none; what is interrupted
 * is brought to an end by vckc_in_place_recover(). Without a checkpoint the next backup is full. */
bool vckc_in_place_restore (const VckcStoreRoot *root,
                            VckcDomain *domain,
                            const char *backup,
                            const char *target,
                            bool without_checkpoint,
                            VckcError **err);
