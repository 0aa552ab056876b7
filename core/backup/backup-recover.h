/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups that were interrupted. */

#pragma once

#include "backup/partial.h"
#include "vckc-types.h"

/* With the writer's lock held: brings restores in place to an end that were interrupted, completes
 * each backup that was when all was copied, and removes the others with the checkpoints that they
 * have made. One that QEMU still makes is waited
 * for, which can be cancelled. */
bool vckc_backups_recover (const VckcStoreRoot *root,
                           const VckcDomainFolder *folder,
                           VckcDomain *domain,
                           VckcError **err);

/* Removes a backup that is not to be, with its checkpoint. */
bool vckc_backup_take_away (const VckcPartial *partial,
                            const VckcStoreRoot *root,
                            VckcDomain *domain,
                            VckcError **err);
