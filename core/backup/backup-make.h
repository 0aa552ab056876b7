/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backing up a domain into a store. */

#pragma once

#include "backup/plan.h"

typedef struct
{
  VckcPlanOptions plan;
  const char *label; /* (nullable) */
  bool quiesce;
  bool checksum;
  bool no_fallback; /* fail where a disk would have to be copied in full */
  bool unencrypted; /* data of another host may cross the network unencrypted */
} VckcBackupOptions;

/* The plan of a backup that would be made now. Nothing is changed. */
VckcBackupPlan *vckc_backup_plan (const VckcStoreRoot *root,
                                  VckcDomain *domain,
                                  const VckcPlanOptions *options,
                                  VckcError **err);

/* Makes a backup, and waits for its end. What earlier ones have left that were interrupted is
 * completed or removed first. *ret_id is NULL if there was too little to copy. When it fails, or is
 * cancelled, nothing of it is left; CANCELLED, NO_SPACE, OPERATION_FAILED. */
bool vckc_backup_make (const VckcStoreRoot *root,
                       VckcDomain *domain,
                       const VckcBackupOptions *options,
                       char **ret_id,
                       VckcError **err);

/* Completes or removes backups of the domain that were interrupted. */
bool vckc_backup_recover_all (const VckcStoreRoot *root, VckcDomain *domain, VckcError **err);
