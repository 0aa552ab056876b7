/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The end of a restore in place: to be completed once its journal is ready, to be taken back
 * before. */

#pragma once

#include "backup/in-place-journal.h"
#include "model/domain-def.h"
#include "vckc-types.h"

/* With all images locked: notes that the disks are restored, drops the old checkpoints, gives the
 * new images their names, makes their checkpoint known, and removes the journal, in this order.
 * What is done already is passed over. OPERATION_FAILED before anything is done if the image of a
 * disk is another than it was. */
bool vckc_in_place_finish (const VckcDomainFolder *folder,
                           VckcDomain *domain,
                           const VckcDomainDef *def,
                           const VckcInPlaceJournal *journal,
                           const char *store_uuid,
                           VckcError **err);

/* Removes the new images and the journal. OPERATION_FAILED if images are not there that may be on
 * storage which is not mounted. */
bool vckc_in_place_take_back (const VckcDomainFolder *folder,
                              const VckcDomainDef *def,
                              const VckcInPlaceJournal *journal,
                              VckcError **err);

/* With the writer's lock held: brings restores of the domain to an end that were interrupted. A
 * disk whose image was changed in between, or came to be needed by another disk or a saved state,
 * keeps that, which is an error, once. */
bool vckc_in_place_recover (const VckcStoreRoot *root,
                            const VckcDomainFolder *folder,
                            VckcDomain *domain,
                            VckcError **err);
