/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A backup in pull mode: QEMU offers the disks as they are at one moment, and this process writes
 * the images. The job is begun and ended here. That it has ended well says nothing of the images,
 * so what was interrupted can only be removed.
 */

#pragma once

#include "backup/manifest.h"
#include "backup/partial.h"
#include "backup/plan-handles.h"
#include "handles/job-info.h"

/* All is borrowed. */
typedef struct
{
  VckcDomain *domain;
  const VckcBackupPlan *plan;
  const VckcPartial *partial;
  VckcManifest *manifest;     /* its disks get the number of bytes */
  const char *checkpoint_xml; /* (nullable) */
  bool quiesce;
  bool unencrypted;
} VckcBackupPull;

/* NO_SUPPORT if Vck was built without libnbd. */
bool vckc_backup_pull_check_support (VckcError **err);

/* Makes all images. Whatever becomes of it, no job is left, as far as that can be had. How it has
 * ended is DONE, or NULL is returned with the error. */
VckcJobInfo *vckc_backup_pull (const VckcBackupPull *pull, VckcError **err);

/* Is the job one in pull mode that was begun for this backup of the store? */
bool vckc_backup_pull_is_job_of (const VckcJobInfo *info, const char *store_uuid, const char *id);
