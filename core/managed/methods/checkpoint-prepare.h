/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a new checkpoint needs, alone or with a backup; all with the job held. */

#pragma once

#include "managed/bitmap-set.h"
#include "managed/engine.h"
#include "model/checkpoint-def.h"

/* Completes what the user left out, and checks that it can be done. */
bool vckc_checkpoint_prepare (VckcEngine *engine,
                              VckcManagedDomain *domain,
                              VckcCheckpointDef *def,
                              VckcError **err);

/* Can the file systems of the guest be frozen? */
bool vckc_checkpoint_check_quiesce (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err);

/* Are the names of all bitmaps free? With the session of the set open. */
bool vckc_checkpoint_check_no_bitmap_exists (const VckcBitmapSet *plan, VckcError **err);

/* Once the bitmaps are made: are they there, and to be stored? Notes the sizes of their disks and
 * their granularity, to detect a resized or replaced disk later. */
bool vckc_checkpoint_note_disks (VckcBitmapSet *plan, VckcCheckpointDef *def, VckcError **err);
