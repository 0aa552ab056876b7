/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Makers of findings, with the same messages in every driver, and what a repair does with each. */

#pragma once

#include "handles/handles.h"
#include "model/block-bitmap.h"
#include "model/checkpoint-def.h"

/* A bitmap in that state, which is none of UNKNOWN, READY and GONE. */
VckcFinding *vckc_finding_new_bitmap_state (const char *checkpoint,
                                            const VckcCheckpointDiskDef *disk,
                                            VckcCheckpointState state);

/* A disk that was removed from the definition of the domain. */
VckcFinding *vckc_finding_new_missing_disk (const char *checkpoint,
                                            const VckcCheckpointDiskDef *disk);

/* A disk that could not be examined; `problem` says why. */
VckcFinding *vckc_finding_new_unreachable_disk (const char *checkpoint,
                                                const VckcCheckpointDiskDef *disk,
                                                const char *problem);

/* What is known of a bitmap that is not in the image of its disk. */
typedef struct
{
  const char *file;     /* (nullable): the file below the image that has it */
  const char *problem;  /* (nullable): why the files below could not be examined */
  const char *replaced; /* (nullable): why the image is known to be another one */
  VckcBlockLoss loss;   /* of all bitmaps of the image */
} VckcAbsentBitmap;

/* The first of these that applies; else the bitmap is missing. */
VckcFinding *vckc_finding_new_absent_bitmap (const char *checkpoint,
                                             const VckcCheckpointDiskDef *disk,
                                             const VckcAbsentBitmap *absent);

/* A disk that has another image than when the checkpoint was made, or a bitmap that is not the one
 * that was made. `reason` says by what that is known: it follows a colon. */
VckcFinding *vckc_finding_new_image_replaced (const char *checkpoint,
                                              const VckcCheckpointDiskDef *disk,
                                              const char *reason);
VckcFinding *vckc_finding_new_bitmap_replaced (const char *checkpoint,
                                               const VckcCheckpointDiskDef *disk,
                                               const char *reason);

/* The names of found bitmaps (VckcBlockBitmap by name), sorted. */
GList *vckc_findings_sort_names (GHashTable *bitmaps);

/* Bitmaps of no checkpoint: left by one of ours, or not known. */
VckcFinding *vckc_finding_new_orphan (const char *target, const char *bitmap);
VckcFinding *vckc_finding_new_foreign (const char *target, const char *bitmap);

/* A bitmap of another domain that has the same image; no repair touches it. `owner`: its owner,
 * such as "checkpoint 'c' of domain 'd'". */
VckcFinding *vckc_finding_new_shared (const char *target, const char *bitmap, const char *owner);

/* Adds a note if so many of the found bitmaps (VckcBlockBitmap by name) of a disk record that the
 * guest notices. */
void vckc_findings_add_many (GPtrArray *findings, const char *target, GHashTable *bitmaps);

/* The flags of a repair that name a kind. */
#define VCKC_REPAIR_KINDS                                                                          \
  (VCKC_REPAIR_BROKEN | VCKC_REPAIR_ORPHANS | VCKC_REPAIR_FOREIGN | VCKC_REPAIR_UNREADABLE         \
   | VCKC_REPAIR_INTERRUPTED)

VckcFindingSeverity vckc_finding_kind_get_severity (VckcFindingKind kind);

/* Is a finding of that kind repaired with these flags, as the caller of a repair gave them? */
bool vckc_finding_kind_is_repaired (VckcFindingKind kind, unsigned int flags);

/* Sets the outcome of each VckcFinding to what a repair with these flags would do. */
void vckc_findings_plan_repair (GPtrArray *findings, unsigned int flags);

/* Marks what a repair would act on as done. */
void vckc_findings_set_done (GPtrArray *findings);

/* Does a repair remove the bitmap of the finding? One that was replaced or switched off belongs to
 * another program now and stays. */
bool vckc_finding_removes_bitmap (const VckcFinding *finding);
