/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-tree.h"

#include "handles/handles.h"

struct _VckcCheckpointTree
{
  GHashTable *by_name;            /* the node's name -> owned VckcCheckpointNode */
  VckcCheckpointNode *first_root; /* most recently linked first */
  VckcCheckpointNode *current;    /* (nullable) */
};

static void
node_free (gpointer data)
{
  VckcCheckpointNode *node = data;

  vckc_checkpoint_def_free (node->def);
  g_free (node);
}

VckcCheckpointTree *
vckc_checkpoint_tree_new (void)
{
  VckcCheckpointTree *tree = g_new0 (VckcCheckpointTree, 1);

  tree->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, node_free);
  return tree;
}

void
vckc_checkpoint_tree_free (VckcCheckpointTree *tree)
{
  if (tree == NULL)
    return;
  g_hash_table_unref (tree->by_name);
  g_free (tree);
}

guint
vckc_checkpoint_tree_size (const VckcCheckpointTree *tree)
{
  return g_hash_table_size (tree->by_name);
}

VckcCheckpointNode *
vckc_checkpoint_tree_lookup (const VckcCheckpointTree *tree, const char *name)
{
  return g_hash_table_lookup (tree->by_name, name);
}

VckcCheckpointNode *
vckc_checkpoint_tree_current (const VckcCheckpointTree *tree)
{
  return tree->current;
}

void
vckc_checkpoint_tree_set_current (VckcCheckpointTree *tree, VckcCheckpointNode *node)
{
  tree->current = node;
}

VckcCheckpointNode *
vckc_checkpoint_tree_first_root (const VckcCheckpointTree *tree)
{
  return tree->first_root;
}

/* --- links --- */

/* Where the list that a child of `parent` is in begins. */
static VckcCheckpointNode **
list_head (VckcCheckpointTree *tree, VckcCheckpointNode *parent)
{
  return parent != NULL ? &parent->first_child : &tree->first_root;
}

static void
link_node (VckcCheckpointTree *tree, VckcCheckpointNode *node, VckcCheckpointNode *parent)
{
  VckcCheckpointNode **head = list_head (tree, parent);

  node->parent = parent;
  node->previous_sibling = NULL;
  node->next_sibling = *head;
  if (*head != NULL)
    (*head)->previous_sibling = node;
  *head = node;
  if (parent != NULL)
    parent->n_children++;
}

static void
unlink_node (VckcCheckpointTree *tree, VckcCheckpointNode *node)
{
  if (node->previous_sibling != NULL)
    node->previous_sibling->next_sibling = node->next_sibling;
  else
    *list_head (tree, node->parent) = node->next_sibling;
  if (node->next_sibling != NULL)
    node->next_sibling->previous_sibling = node->previous_sibling;
  if (node->parent != NULL)
    node->parent->n_children--;
}

static VckcCheckpointNode *
find_parent (const VckcCheckpointTree *tree, const VckcCheckpointDef *def)
{
  if (def->parent_name == NULL)
    return NULL;
  return vckc_checkpoint_tree_lookup (tree, def->parent_name);
}

/* Adds a node without any link. */
static VckcCheckpointNode *
add_node (VckcCheckpointTree *tree, VckcCheckpointDef *def)
{
  gsize name_size = strlen (def->name) + 1;
  VckcCheckpointNode *node = g_malloc0 (sizeof *node + name_size);

  node->def = def;
  node->incarnation = vckc_incarnation_new ();
  memcpy (node->name, def->name, name_size);
  g_hash_table_insert (tree->by_name, node->name, node);
  return node;
}

VckcCheckpointNode *
vckc_checkpoint_tree_insert (VckcCheckpointTree *tree, VckcCheckpointDef *def)
{
  VckcCheckpointNode *parent = find_parent (tree, def);
  VckcCheckpointNode *node;

  g_assert (vckc_checkpoint_tree_lookup (tree, def->name) == NULL);
  node = add_node (tree, def);
  link_node (tree, node, parent);
  return node;
}

void
vckc_checkpoint_tree_replace (VckcCheckpointTree *tree,
                              VckcCheckpointNode *node,
                              VckcCheckpointDef *def)
{
  VckcCheckpointNode *parent = find_parent (tree, def);

  g_assert (g_str_equal (node->name, def->name));
  g_assert (parent == NULL || !vckc_checkpoint_node_is_within (parent, node));
  vckc_checkpoint_def_free (node->def);
  node->def = def;
  unlink_node (tree, node);
  link_node (tree, node, parent);
}

static void
set_parent_name (VckcCheckpointNode *node, const VckcCheckpointNode *parent)
{
  g_free (node->def->parent_name);
  node->def->parent_name = parent == NULL ? NULL : g_strdup (parent->def->name);
}

void
vckc_checkpoint_tree_remove (VckcCheckpointTree *tree, VckcCheckpointNode *node)
{
  VckcCheckpointNode *parent = node->parent;

  unlink_node (tree, node);
  while (node->first_child != NULL)
    {
      VckcCheckpointNode *child = node->first_child;

      unlink_node (tree, child);
      link_node (tree, child, parent);
      set_parent_name (child, parent);
    }
  if (tree->current == node)
    tree->current = parent;
  g_hash_table_remove (tree->by_name, node->name);
}

/* --- walking --- */

bool
vckc_checkpoint_node_is_within (const VckcCheckpointNode *node, const VckcCheckpointNode *ancestor)
{
  while (node != NULL && node != ancestor)
    node = node->parent;
  return node != NULL;
}

VckcCheckpointNode *
vckc_checkpoint_node_next (const VckcCheckpointNode *node, const VckcCheckpointNode *top)
{
  if (node->first_child != NULL)
    return node->first_child;
  while (node != NULL && node != top && node->next_sibling == NULL)
    node = node->parent;
  return node == NULL || node == top ? NULL : node->next_sibling;
}

static bool
is_selected (const VckcCheckpointNode *node, unsigned int flags)
{
  if ((flags & VCKC_CHECKPOINT_LIST_LEAVES) && node->n_children > 0)
    return false;
  return !(flags & VCKC_CHECKPOINT_LIST_NO_LEAVES) || node->n_children > 0;
}

GPtrArray *
vckc_checkpoint_tree_list (const VckcCheckpointTree *tree,
                           const VckcCheckpointNode *parent,
                           unsigned int flags)
{
  GPtrArray *nodes = g_ptr_array_sized_new (parent == NULL ? vckc_checkpoint_tree_size (tree) : 0);
  VckcCheckpointNode *node = parent != NULL ? parent->first_child : tree->first_root;
  bool deep = parent != NULL ? flags & VCKC_CHECKPOINT_LIST_DESCENDANTS
                             : !(flags & VCKC_CHECKPOINT_LIST_ROOTS);

  while (node != NULL)
    {
      if (is_selected (node, flags))
        g_ptr_array_add (nodes, node);
      node = deep ? vckc_checkpoint_node_next (node, parent) : node->next_sibling;
    }
  return nodes;
}

/* --- loading --- */

enum
{
  MARK_NONE,
  MARK_ON_WAY, /* of the walk up that is under way */
  MARK_DONE,   /* leads to a root */
};

static bool
is_older (const VckcCheckpointDef *a, const VckcCheckpointDef *b)
{
  if (a->creation_time != b->creation_time)
    return a->creation_time < b->creation_time;
  return g_strcmp0 (a->name, b->name) < 0;
}

/* Makes a node a root whose definition wants something else. */
static void
orphan_node (VckcCheckpointNode *node, GPtrArray *broken)
{
  node->parent = NULL;
  set_parent_name (node, NULL);
  g_ptr_array_add (broken, g_strdup (node->def->name));
}

/* Opens the circle that `node` is in. */
static void
break_circle (VckcCheckpointNode *node, GPtrArray *broken)
{
  VckcCheckpointNode *oldest = node;

  for (VckcCheckpointNode *other = node->parent; other != node; other = other->parent)
    if (is_older (other->def, oldest->def))
      oldest = other;
  orphan_node (oldest, broken);
}

/* Walks up from a node along the parent pointers, which are not yet verified. All walks together
 * pass each node a few times at most. */
static void
check_way_up (VckcCheckpointNode *start, GPtrArray *broken)
{
  VckcCheckpointNode *end = start;
  bool is_circle;

  while (end != NULL && end->mark == MARK_NONE)
    {
      end->mark = MARK_ON_WAY;
      end = end->parent;
    }
  is_circle = end != NULL && end->mark == MARK_ON_WAY;
  for (VckcCheckpointNode *node = start; node != NULL && node->mark == MARK_ON_WAY;
       node = node->parent)
    node->mark = MARK_DONE;
  if (is_circle)
    break_circle (end, broken);
}

/* Adds nodes with their definitions; returns them in the order of the definitions. */
static GPtrArray *
add_nodes (VckcCheckpointTree *tree, GPtrArray *defs, GPtrArray *broken)
{
  GPtrArray *nodes = g_ptr_array_sized_new (defs->len);

  for (guint i = 0; i < defs->len; i++)
    {
      VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      if (vckc_checkpoint_tree_lookup (tree, def->name) == NULL)
        {
          g_ptr_array_add (nodes, add_node (tree, def));
          continue;
        }
      g_ptr_array_add (broken, g_strdup (def->name));
      vckc_checkpoint_def_free (def);
    }
  return nodes;
}

static void
set_parent_by_name (VckcCheckpointTree *tree, VckcCheckpointNode *node, GPtrArray *broken)
{
  node->parent = find_parent (tree, node->def);
  if (node->parent == NULL && node->def->parent_name != NULL)
    orphan_node (node, broken);
}

VckcCheckpointTree *
vckc_checkpoint_tree_new_from_defs (GPtrArray *defs, GPtrArray **ret_broken)
{
  VckcCheckpointTree *tree = vckc_checkpoint_tree_new ();
  g_autoptr (GPtrArray) broken = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) nodes = add_nodes (tree, defs, broken);

  for (guint i = 0; i < nodes->len; i++)
    set_parent_by_name (tree, g_ptr_array_index (nodes, i), broken);
  for (guint i = 0; i < nodes->len; i++)
    check_way_up (g_ptr_array_index (nodes, i), broken);
  for (guint i = 0; i < nodes->len; i++)
    {
      VckcCheckpointNode *node = g_ptr_array_index (nodes, i);

      link_node (tree, node, node->parent);
    }
  /* The definitions are the tree's now. */
  g_ptr_array_set_free_func (defs, NULL);
  g_ptr_array_unref (defs);
  if (ret_broken != NULL)
    *ret_broken = g_steal_pointer (&broken);
  return tree;
}

/* Is it the checkpoint that it was, or another one of that name? */
static bool
is_same_life (const VckcCheckpointDef *one, const VckcCheckpointDef *other)
{
  if (one->uuid != NULL && other->uuid != NULL)
    return g_str_equal (one->uuid, other->uuid);
  return one->creation_time == other->creation_time;
}

void
vckc_checkpoint_tree_keep_incarnations (const VckcCheckpointTree *before, VckcCheckpointTree *now)
{
  for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (now); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    {
      const VckcCheckpointNode *known = vckc_checkpoint_tree_lookup (before, node->name);

      if (known != NULL && is_same_life (known->def, node->def))
        node->incarnation = known->incarnation;
    }
}
