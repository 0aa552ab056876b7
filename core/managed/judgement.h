/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What there is to say of a disk of a checkpoint that is not as it should be: the same words,
 * whoever looked. */

#pragma once

#include "../object.h"
#include "checkpoint-def.h"

/* A bitmap in that state, which is none of UNKNOWN, READY and GONE. */
VckcFinding *vckc_judgement_of_bitmap (const char                  *checkpoint,
                                       const VckcCheckpointDiskDef *disk,
                                       VckcCheckpointState          state);

/* A disk that cannot be looked at. `problem` (nullable): why; NULL if the domain has no such disk.
 * `absent`: it may be back later. */
VckcFinding *vckc_judgement_of_gone (const char                  *checkpoint,
                                     const VckcCheckpointDiskDef *disk,
                                     const char                  *problem,
                                     bool                         absent);

/* Bitmaps of no checkpoint: left by one of ours, or not known. */
VckcFinding *vckc_judgement_of_orphan (const char *target, const char *bitmap);
VckcFinding *vckc_judgement_of_foreign (const char *target, const char *bitmap);

/* The flags of a repair that name a kind. */
#define VCKC_JUDGEMENT_REPAIR_KINDS                                                                \
  (VCKC_REPAIR_BROKEN | VCKC_REPAIR_ORPHANS | VCKC_REPAIR_FOREIGN | VCKC_REPAIR_UNREADABLE          \
   | VCKC_REPAIR_INTERRUPTED)

/* Which of them asks for the repair of such a finding; 0 where nothing can be done. */
unsigned int vckc_judgement_repair_flag (VckcFindingKind kind);

/* Is the bitmap of the finding in the image, so that it goes with the repair? A bitmap that was
 * replaced or switched off is somebody else's work now and stays. */
bool vckc_judgement_takes_bitmap (const VckcFinding *finding);
