/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Writing one checkpoint, and undoing that; all with the job held. */

#pragma once

#include "managed/engine.h"

/* What makes the checkpoints what they are now, should an operation on `name` not end. */
VckcJournal *
vckc_checkpoint_make_undo (VckcManagedDomain *domain, const char *operation, const char *name);

/* Writes a definition, makes `current` the current one, and clears the journal. */
bool vckc_checkpoint_write (VckcEngine *engine,
                            VckcManagedDomain *domain,
                            const VckcCheckpointDef *def,
                            const char *current,
                            VckcError **err);

/* After a failure. What cannot be undone now is undone by the next job. */
void vckc_checkpoint_undo (VckcEngine *engine, VckcManagedDomain *domain, VckcJournal *undo);

/* Adds it to the tree; with the mutex held. */
void vckc_checkpoint_link_locked (VckcEngine *engine,
                                  VckcManagedDomain *domain,
                                  VckcCheckpointDef *def /* (transfer full) */,
                                  bool make_current);
