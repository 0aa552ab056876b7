/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a backup is to do, worked out of its document before anything is made. */

#pragma once

#include "managed/engine.h"
#include "model/backup-def.h"
#include "model/checkpoint-def.h"

/* What a call asked for. */
typedef struct
{
  VckcBackupDef *def;            /* owned */
  VckcCheckpointDef *checkpoint; /* (nullable), owned: to be made with it */
  unsigned int flags;
} VckcBackupRequest;

void vckc_backup_request_clear (VckcBackupRequest *request);

/* Can a domain of that name be backed up in that mode, in this way? */
bool vckc_backup_check_mode (const char *name, const VckcBackupRequest *request, VckcError **err);

/* With the job held, and the checkpoint prepared: completes the document, and finds what each disk
 * starts from. */
VckcBackupStatus *vckc_backup_make_plan (VckcEngine *engine,
                                         VckcManagedDomain *domain,
                                         VckcBackupRequest *request,
                                         VckcError **err);
