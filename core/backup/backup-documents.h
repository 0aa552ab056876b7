/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The two documents that begin a backup as it was planned. */

#pragma once

#include "backup/partial.h"
#include "backup/plan-handles.h"

/* A <domainbackup> that writes to the images in the folder. */
char *vckc_backup_document_new (const VckcBackupPlan *plan, const VckcPartial *partial);

/* A <domaincheckpoint> of that name for the disks that are tracked; NULL if there are none. */
char *
vckc_checkpoint_document_new (const VckcBackupPlan *plan, const char *name, const char *label);

/* The backing file of the image of a disk, as its header has it; NULL if it is full. */
char *vckc_backup_make_backing (const VckcBackupPlanDisk *disk);

/* What the image of a disk is called. */
char *vckc_backup_make_file (const char *target);
