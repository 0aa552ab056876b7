/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What becomes of the checkpoints of a domain that is restored in place. Each step can be done
 * twice. */

#pragma once

#include "backup/in-place-journal.h"
#include "model/domain-def.h"
#include "vckc-types.h"

/* The old images will be gone, and their bitmaps with them. Forgets the checkpoints that no other
 * disk of the domain has; takes the disks out of those of this store; and leaves the others alone,
 * as other programs know better what they need. `def`: the domain as it is. */
bool vckc_in_place_drop_checkpoints (VckcDomain *domain,
                                     const VckcDomainDef *def,
                                     const VckcInPlaceJournal *journal,
                                     const char *store_uuid,
                                     VckcError **err);

/* The new images are there: makes the checkpoint known whose bitmaps they have, of the
 * disks that the domain still has with them. */
bool vckc_in_place_define_checkpoint (VckcDomain *domain,
                                      const VckcDomainDef *def,
                                      const VckcInPlaceJournal *journal,
                                      VckcError **err);
