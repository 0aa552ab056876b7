/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Whose child each checkpoint of a domain is, as the events so far have led to, and what the lists
 * of children make of it: the list of all checkpoints has the tree, and the lists of children
 * follow it.
 *
 * Each checkpoint has a rank, the greater the later it came into the list of all; children are in
 * the order of their ranks.
 *
 * To be used in the main context of the connection.
 */

#pragma once

#include "vck-private.h"

typedef struct _VckCheckpointTree VckCheckpointTree;

/* `domain` is borrowed. */
VckCheckpointTree *vck_checkpoint_tree_new (VckDomain *domain);
void vck_checkpoint_tree_free (VckCheckpointTree *self);

/* There is this checkpoint, or it has another parent. */
void vck_checkpoint_tree_add (VckCheckpointTree *self, VckCheckpoint *row);
void vck_checkpoint_tree_change (VckCheckpointTree *self, VckCheckpoint *row);
void vck_checkpoint_tree_remove (VckCheckpointTree *self, VckCheckpoint *row);
/* There are these, and no others. */
void vck_checkpoint_tree_replace (VckCheckpointTree *self, GPtrArray *rows);

/* Queues the children that there are for a list that is new. */
void vck_checkpoint_tree_fill (VckCheckpointTree *self, VckCheckpointList *list);

/* Makes the changes of all lists of children, and then announces the checkpoints again that got
 * their first child or lost their last. */
void vck_checkpoint_tree_run (VckCheckpointTree *self);
