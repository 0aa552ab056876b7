/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Redefining a checkpoint, and making one the current one. */

#pragma once

#include "managed/engine.h"

/* With the job held: redefines a checkpoint, as VCKC_CHECKPOINT_CREATE_REDEFINE does. Returns its
 * name. */
char *vckc_job_redefine (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcCheckpointDef *given /* (transfer full) */,
                         unsigned int flags,
                         VckcError **err);

/* With the job held: makes a checkpoint the current one, if it exists. */
bool vckc_job_set_current (VckcEngine *engine,
                           VckcManagedDomain *domain,
                           const char *name,
                           VckcError **err);
