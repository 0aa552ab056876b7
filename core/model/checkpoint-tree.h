/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The checkpoints of one domain: found by name in constant time, linked to parent
 * and children, with at most one current. Nothing here recurses, so a chain may be as
 * long as memory allows. Not locked: the engine's domain mutex covers it.
 */

#pragma once

#include "model/checkpoint-def.h"

typedef struct _VckcCheckpointTree VckcCheckpointTree;
typedef struct _VckcCheckpointNode VckcCheckpointNode;

/* Links are for reading; only functions of the tree change them. */
struct _VckcCheckpointNode
{
  VckcCheckpointDef *def;           /* owned */
  VckcCheckpointNode *parent;       /* NULL for a root */
  VckcCheckpointNode *first_child;  /* most recently linked first */
  VckcCheckpointNode *next_sibling; /* of a root: the next root */
  VckcCheckpointNode *previous_sibling;
  guint n_children;
  guint64 incarnation; /* of the checkpoint */
  guint mark;          /* of vckc_checkpoint_tree_new_from_defs() */
  char name[];         /* that of def, close by for long lists */
};

VckcCheckpointTree *vckc_checkpoint_tree_new (void);
void vckc_checkpoint_tree_free (VckcCheckpointTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcCheckpointTree, vckc_checkpoint_tree_free)

guint vckc_checkpoint_tree_size (const VckcCheckpointTree *tree);
VckcCheckpointNode *vckc_checkpoint_tree_lookup (const VckcCheckpointTree *tree, const char *name);
VckcCheckpointNode *vckc_checkpoint_tree_current (const VckcCheckpointTree *tree);
void vckc_checkpoint_tree_set_current (VckcCheckpointTree *tree, VckcCheckpointNode *node);
VckcCheckpointNode *vckc_checkpoint_tree_first_root (const VckcCheckpointTree *tree);

/* Adds a definition under the node its parent_name names, or as a root if it names none
 * or one that does not exist. The name must not be taken. Constant time. */
VckcCheckpointNode *vckc_checkpoint_tree_insert (VckcCheckpointTree *tree,
                                                 VckcCheckpointDef *def /* (transfer full) */);

/* Replaces the definition of a node, and puts the node under the parent of the new
 * definition; children stay. The name must be the same and the parent no descendant. */
void vckc_checkpoint_tree_replace (VckcCheckpointTree *tree,
                                   VckcCheckpointNode *node,
                                   VckcCheckpointDef *def /* (transfer full) */);

/* Takes a node out; its children become children of its parent (or roots) and their
 * definitions say so. If it was current, its parent is. Time: its children. */
void vckc_checkpoint_tree_remove (VckcCheckpointTree *tree, VckcCheckpointNode *node);

/* Is `node` below `ancestor`, or the same? Walks up. */
bool vckc_checkpoint_node_is_within (const VckcCheckpointNode *node,
                                     const VckcCheckpointNode *ancestor);

/* The next node in depth-first order, parents first, within the tree below `top`
 * (all of the forest if `top` is NULL); NULL at the end. Start with `top`, or with the
 * first root. Nothing is allocated. */
VckcCheckpointNode *vckc_checkpoint_node_next (const VckcCheckpointNode *node,
                                               const VckcCheckpointNode *top);

/* Loads many definitions at once, in any order: links them by parent name. A parent
 * that is missing makes the node a root and is forgotten in its definition; so does the
 * parent of the oldest node of a circle. Of several definitions with one name the first
 * counts. `ret_broken` (NULL-tolerant) gets the names of those nodes. No node is current. */
VckcCheckpointTree *vckc_checkpoint_tree_new_from_defs (GPtrArray *defs /* (transfer full) */,
                                                        GPtrArray **ret_broken);

/* A checkpoint that is there still stays the one it was: its node in the tree `now` gets the
 * incarnation that it has in `before`. */
void vckc_checkpoint_tree_keep_incarnations (const VckcCheckpointTree *before,
                                             VckcCheckpointTree *now);

/* Nodes that the VckcCheckpointListFlags select, parents before children: from the
 * whole forest if `parent` is NULL, else from below `parent`. The nodes are borrowed. */
GPtrArray *vckc_checkpoint_tree_list (const VckcCheckpointTree *tree,
                                      const VckcCheckpointNode *parent,
                                      unsigned int flags);
