/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Checkpoints that the backups of a store have made, which are known by their names. Others are not
 * touched. */

#pragma once

#include "backup/manifest.h"
#include "vckc-types.h"

/* Deletes the checkpoint of that name, if there is one. */
bool vckc_own_checkpoint_delete (VckcDomain *domain, const char *name, VckcError **err);

/* After the backup: keeps its checkpoint and those of the backups that it is based on, or the
 * newest one if it is based on none, and deletes the other ones of the store. Whether that succeeds
 * is not important: the next time tries again. */
void vckc_own_checkpoints_retire (VckcDomain *domain, const VckcManifest *manifest);
