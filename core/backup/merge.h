/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Making a disk of a backup independent of the levels below it. They are merged into a copy of the
 * lowest of them, which takes the name of the disk's image when all of it is stored; so an image
 * that is in the list is never written to. Interrupted anywhere, the backups are what they were, or
 * vckc_merge_recover() does what is left.
 */

#pragma once

#include "backup/chain.h"

/* Merges so many levels into the disk, with the lock of the writer held. NO_SPACE if there is no
 * room for the copy. */
bool vckc_merge (VckcDomainFolder *folder,
                 const VckcStoreRoot *root,
                 const char *id,
                 const char *target,
                 guint levels,
                 VckcError **err);

/* Removes a backup that no other is based on, with the lock of the writer held. */
bool vckc_merge_remove_backup (VckcDomainFolder *folder,
                               const VckcStoreRoot *root,
                               const char *id,
                               VckcError **err);

/* Ends what an interrupted merge or removal has left, with the lock of the writer held. */
bool vckc_merge_recover (VckcDomainFolder *folder, const VckcStoreRoot *root, VckcError **err);
