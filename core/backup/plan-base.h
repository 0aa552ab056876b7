/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * On which backup of the store the next one of a disk can be based: the newest one that is whole,
 * and whose checkpoint has recorded all that was written since.
 */

#pragma once

#include "backup/backup-list.h"
#include "backup/plan-handles.h"
#include "backup/restored-file.h"

/* What all disks have in common. All is borrowed. */
typedef struct
{
  VckcDomain *domain;
  const VckcDomainFolder *folder; /* (nullable) */
  const VckcBackupList *list;     /* (nullable) */
  const VckcRestored *restored;   /* (nullable) */
  const char *store_uuid;
  GHashTable *measured;    /* by vckc_plan_make_key(): VckcDomainCheckpointDisk */
  GHashTable *checkpoints; /* those that the domain has: name -> UUID, NULL if it has none */
  const VckcPlanOptions *options;
} VckcPlanContext;

char *vckc_plan_make_key (const char *checkpoint, const char *target);

/* Sets the base of a disk that is tracked, and the bytes that are copied with it, or why it has to
 * be copied in full. False only if that could not be found out. */
bool
vckc_plan_choose_base (const VckcPlanContext *context, VckcBackupPlanDisk *disk, VckcError **err);
