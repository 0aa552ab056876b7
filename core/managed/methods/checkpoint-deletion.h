/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What becomes of the others when checkpoints are deleted; with the job held. */

#pragma once

#include "managed/bitmap-set.h"
#include "managed/engine.h"

/* What one deletion does. Nodes and strings are borrowed from the domain's tree. */
typedef struct
{
  VckcCheckpointNode *node;    /* the one that is asked for */
  GPtrArray *to_delete;        /* nodes, parents before children */
  GPtrArray *to_reparent;      /* nodes, children of the deleted one, which get its parent */
  VckcCheckpointNode *parent;  /* of these afterwards, or NULL */
  VckcCheckpointNode *current; /* the current one afterwards, or NULL */
} VckcDeletion;

void vckc_deletion_init (VckcDeletion *deletion,
                         VckcCheckpointTree *tree,
                         VckcCheckpointNode *node,
                         unsigned int flags);
void vckc_deletion_clear (VckcDeletion *deletion);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VckcDeletion, vckc_deletion_clear)

/* One that is gone by then is not deleted. */
void vckc_deletion_leave_out (VckcDeletion *deletion, const char *name /* (nullable) */);

/* The way forward: what completes the deletion, should it not end. */
VckcJournal *vckc_deletion_make_redo (const VckcDeletion *deletion,
                                      const VckcBitmapSet *plan,
                                      const VckcOrphanBitmaps *orphans);

/* Takes them out of the tree; with the mutex held. */
void vckc_deletion_unlink_locked (VckcEngine *engine,
                                  VckcManagedDomain *domain,
                                  const VckcDeletion *deletion);

/* Deletes the checkpoint of a backup that failed, and keeps `backup` of that, in one step. Of its
 * bitmaps those that are there are removed, and those in images that the domain has no more are
 * noted. If that is interrupted or fails half-way, the next job completes it. */
bool vckc_job_take_back_checkpoint (VckcEngine *engine,
                                    VckcManagedDomain *domain,
                                    VckcCheckpointNode *node,
                                    const char *backup,
                                    VckcError **err);
