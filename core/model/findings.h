/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What there is to say of a disk of a checkpoint that is not as it should be: the same words,
 * whoever looked. */

#pragma once

#include "handles/handles.h"
#include "model/block-bitmap.h"
#include "model/checkpoint-def.h"

/* A bitmap in that state, which is none of UNKNOWN, READY and GONE. */
VckcFinding *vckc_judgement_of_bitmap (const char *checkpoint,
                                       const VckcCheckpointDiskDef *disk,
                                       VckcCheckpointState state);

/* A bitmap that is missing since all bitmaps of its image are lost. */
VckcFinding *vckc_judgement_of_lost (const char *checkpoint,
                                     const VckcCheckpointDiskDef *disk,
                                     VckcBlockLoss loss);

/* A disk that was removed from the definition of the domain. */
VckcFinding *vckc_judgement_of_gone (const char *checkpoint, const VckcCheckpointDiskDef *disk);

/* A disk that could not be examined, whatever the cause: `problem` says it. */
VckcFinding *vckc_judgement_of_unreachable (const char *checkpoint,
                                            const VckcCheckpointDiskDef *disk,
                                            const char *problem);

/* A bitmap that is not in the image of the disk but in `file`, which the image is based on. */
VckcFinding *vckc_judgement_of_in_backing (const char *checkpoint,
                                           const VckcCheckpointDiskDef *disk,
                                           const char *file);

/* A disk that has another image than when the checkpoint was made, or a bitmap that is not the one
 * that was made. `reason` says by what that is known: it follows a colon. */
VckcFinding *vckc_judgement_of_image_replaced (const char *checkpoint,
                                               const VckcCheckpointDiskDef *disk,
                                               const char *reason);
VckcFinding *vckc_judgement_of_bitmap_replaced (const char *checkpoint,
                                                const VckcCheckpointDiskDef *disk,
                                                const char *reason);

/* Bitmaps of no checkpoint: left by one of ours, or not known. */
VckcFinding *vckc_judgement_of_orphan (const char *target, const char *bitmap);
VckcFinding *vckc_judgement_of_foreign (const char *target, const char *bitmap);

/* A bitmap of another domain that has the same image; no repair touches it. `owner`: whose it is,
 * such as "checkpoint 'c' of domain 'd'". */
VckcFinding *vckc_judgement_of_shared (const char *target, const char *bitmap, const char *owner);

/* The flags of a repair that name a kind. */
#define VCKC_JUDGEMENT_REPAIR_KINDS                                                                \
  (VCKC_REPAIR_BROKEN | VCKC_REPAIR_ORPHANS | VCKC_REPAIR_FOREIGN | VCKC_REPAIR_UNREADABLE         \
   | VCKC_REPAIR_INTERRUPTED)

VckcFindingSeverity vckc_judgement_severity (VckcFindingKind kind);

/* Is a finding of that kind repaired with these flags, as the caller of a repair gave them? */
bool vckc_judgement_is_repaired (VckcFindingKind kind, unsigned int flags);

/* Sets the outcome of each VckcFinding to what a repair with these flags would do. */
void vckc_judgement_plan (GPtrArray *findings, unsigned int flags);

/* What a repair would act on is repaired now. */
void vckc_judgement_settle (GPtrArray *findings);

/* Is the bitmap of the finding in the image, so that it goes with the repair? A bitmap that was
 * replaced or switched off is somebody else's work now and stays. */
bool vckc_judgement_takes_bitmap (const VckcFinding *finding);
