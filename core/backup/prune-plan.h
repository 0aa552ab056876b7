/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which backups a policy keeps, and what has to be done to remove the others. */

#pragma once

#include "backup/chain.h"

/* A backup is kept if any of these keeps it. The newest always is. */
typedef struct
{
  guint keep_last;    /* so many of the newest */
  guint keep_daily;   /* the newest of each of so many days in UTC that have any, the latest ones */
  gint64 keep_within; /* those of so many seconds before now */
} VckcPrunePolicy;

typedef struct
{
  char *id;
  bool keep;
  char *reason;
} VckcPruneChoice;

/* An image of which the levels below it are merged into it. */
typedef struct
{
  char *id;     /* of the backup that is kept */
  char *target; /* of the disk */
  guint levels; /* how many, from the nearest on */
} VckcPruneMerge;

typedef struct
{
  GPtrArray *choices; /* of VckcPruneChoice, oldest first */
  GPtrArray *merges;  /* of VckcPruneMerge, oldest first */
} VckcPrunePlan;

/* `now` in seconds. BACKUP_INCONSISTENT if a backup is damaged: it may need any other. */
VckcPrunePlan *vckc_prune_plan_new (const VckcBackupList *list,
                                    const VckcDomainFolder *folder,
                                    const VckcPrunePolicy *policy,
                                    gint64 now,
                                    VckcError **err);
void vckc_prune_plan_free (VckcPrunePlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcPrunePlan, vckc_prune_plan_free)
