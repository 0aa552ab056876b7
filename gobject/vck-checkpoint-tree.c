/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-checkpoint-tree.h"

#include "vck-list.h"

/* A checkpoint that there is, or one that is the parent of such a one. */
typedef struct _Node Node;
struct _Node
{
  VckCheckpoint *row; /* owned reference; NULL for the one above all roots */
  Node *parent;       /* of one that there is; the roots have one, too */
  Node *first_child;
  Node *next;
  Node *previous;
  guint64 rank; /* 0 if it is not there */
  guint n_children;
  gboolean was_parent;  /* the lists have shown that it has children */
  gboolean is_unshown;  /* it came after the last run */
  gboolean is_reported; /* it is in `touched` */
};

struct _VckCheckpointTree
{
  VckDomain *domain; /* borrowed: alive as long as the tree */
  Node top;
  GHashTable *nodes; /* VckCheckpoint -> Node, owned */
  guint64 last_rank;
  guint n_strays;     /* whose parent is not there: another event reports the new one */
  GPtrArray *changed; /* of owned references: lists with changes that were not made yet */
  GPtrArray *touched; /* of owned references: checkpoints that came, got or lost children */
};

static void
node_free (gpointer data)
{
  Node *node = data;

  g_object_unref (node->row);
  g_free (node);
}

VckCheckpointTree *
vck_checkpoint_tree_new (VckDomain *domain)
{
  VckCheckpointTree *self = g_new0 (VckCheckpointTree, 1);

  self->domain = domain;
  self->nodes = g_hash_table_new_full (NULL, NULL, NULL, node_free);
  self->changed = g_ptr_array_new_with_free_func (g_object_unref);
  self->touched = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
vck_checkpoint_tree_free (VckCheckpointTree *self)
{
  g_ptr_array_unref (self->touched);
  g_ptr_array_unref (self->changed);
  g_hash_table_unref (self->nodes);
  g_free (self);
}

/* --- nodes --- */

static Node *
tree_get_node (VckCheckpointTree *self, VckCheckpoint *row)
{
  Node *node = g_hash_table_lookup (self->nodes, row);

  if (node != NULL)
    return node;
  node = g_new0 (Node, 1);
  node->row = g_object_ref (row);
  g_hash_table_insert (self->nodes, row, node);
  return node;
}

static gboolean
is_absent (const Node *node)
{
  return node->row != NULL && node->rank == 0;
}

static void
tree_drop_unneeded (VckCheckpointTree *self, Node *node)
{
  if (is_absent (node) && node->n_children == 0)
    g_hash_table_remove (self->nodes, node->row);
}

static void
tree_touch (VckCheckpointTree *self, Node *node)
{
  if (node->row == NULL || node->is_reported)
    return;
  node->is_reported = TRUE;
  g_ptr_array_add (self->touched, g_object_ref (node->row));
}

/* --- lists --- */

/* A reference to the list of the children, or NULL if there is none. */
static VckCheckpointList *
tree_ref_list (VckCheckpointTree *self, const Node *node)
{
  return node->row != NULL
             ? vck_list_slots_ref (vck_checkpoint_get_lists (node->row), VCK_LIST_SLOT_MAIN)
             : vck_list_slots_ref (vck_domain_get_lists (self->domain), VCK_LIST_SLOT_ROOTS);
}

/* The rows of the list of the children, to be changed; NULL if there is no list. */
static VckRows *
tree_open_rows (VckCheckpointTree *self, const Node *node)
{
  g_autoptr (VckCheckpointList) list = tree_ref_list (self, node);

  if (list == NULL)
    return NULL;
  if (!g_ptr_array_find (self->changed, list, NULL))
    g_ptr_array_add (self->changed, g_object_ref (list));
  return vck_list_get_rows (vck_list_of (list));
}

/* --- parents --- */

static void
tree_link (VckCheckpointTree *self, Node *node, Node *parent)
{
  VckRows *rows = tree_open_rows (self, parent);

  node->parent = parent;
  node->previous = NULL;
  node->next = parent->first_child;
  if (node->next != NULL)
    node->next->previous = node;
  parent->first_child = node;
  parent->n_children++;
  if (is_absent (parent))
    self->n_strays++;
  tree_touch (self, parent);
  if (rows != NULL)
    vck_rows_queue_add (rows, node->row, node->rank);
}

static void
tree_unlink (VckCheckpointTree *self, Node *node)
{
  Node *parent = node->parent;
  VckRows *rows = tree_open_rows (self, parent);

  if (node->previous != NULL)
    node->previous->next = node->next;
  else
    parent->first_child = node->next;
  if (node->next != NULL)
    node->next->previous = node->previous;
  node->parent = NULL;
  parent->n_children--;
  if (is_absent (parent))
    self->n_strays--;
  tree_touch (self, parent);
  if (rows != NULL)
    vck_rows_queue_remove (rows, node->row);
  tree_drop_unneeded (self, parent);
}

static void
tree_set_parent (VckCheckpointTree *self, Node *node)
{
  g_autoptr (VckCheckpoint) row = vck_checkpoint_find_parent (node->row);
  Node *parent = row != NULL ? tree_get_node (self, row) : &self->top;

  if (node->parent == parent)
    return;
  if (node->parent != NULL)
    tree_unlink (self, node);
  tree_link (self, node, parent);
}

/* --- events --- */

void
vck_checkpoint_tree_add (VckCheckpointTree *self, VckCheckpoint *row)
{
  Node *node = tree_get_node (self, row);

  if (is_absent (node))
    {
      node->rank = ++self->last_rank;
      node->is_unshown = TRUE;
      self->n_strays -= node->n_children;
      tree_touch (self, node);
    }
  tree_set_parent (self, node);
}

void
vck_checkpoint_tree_change (VckCheckpointTree *self, VckCheckpoint *row)
{
  Node *node = g_hash_table_lookup (self->nodes, row);

  if (node != NULL && !is_absent (node))
    tree_set_parent (self, node);
}

void
vck_checkpoint_tree_remove (VckCheckpointTree *self, VckCheckpoint *row)
{
  Node *node = g_hash_table_lookup (self->nodes, row);

  if (node == NULL || is_absent (node))
    return;
  tree_unlink (self, node);
  node->rank = 0;
  self->n_strays += node->n_children;
  tree_drop_unneeded (self, node);
}

/* Those that are there and not in the set. */
static GPtrArray *
tree_list_others (VckCheckpointTree *self, GHashTable *wanted)
{
  GPtrArray *others = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    if (!g_hash_table_contains (wanted, row))
      g_ptr_array_add (others, g_object_ref (row));
  return others;
}

void
vck_checkpoint_tree_replace (VckCheckpointTree *self, GPtrArray *rows)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);
  g_autoptr (GPtrArray) others = NULL;

  for (guint i = 0; i < rows->len; i++)
    g_hash_table_add (wanted, rows->pdata[i]);
  others = tree_list_others (self, wanted);
  for (guint i = 0; i < others->len; i++)
    vck_checkpoint_tree_remove (self, others->pdata[i]);
  for (guint i = 0; i < rows->len; i++)
    vck_checkpoint_tree_add (self, rows->pdata[i]);
}

/* --- what the lists get --- */

static gint
compare_ranks_cb (gconstpointer a, gconstpointer b)
{
  const guint64 one = (*(const Node *const *) a)->rank;
  const guint64 other = (*(const Node *const *) b)->rank;

  return (one > other) - (one < other);
}

void
vck_checkpoint_tree_fill (VckCheckpointTree *self, VckCheckpointList *list)
{
  VckCheckpoint *row = vck_checkpoint_list_get_parent (list);
  const Node *parent = row != NULL ? g_hash_table_lookup (self->nodes, row) : &self->top;
  g_autoptr (GPtrArray) children = g_ptr_array_new ();
  VckRows *rows = vck_list_get_rows (vck_list_of (list));

  for (Node *node = parent != NULL ? parent->first_child : NULL; node != NULL; node = node->next)
    g_ptr_array_add (children, node);
  g_ptr_array_sort (children, compare_ranks_cb);
  for (guint i = 0; i < children->len; i++)
    {
      const Node *node = g_ptr_array_index (children, i);

      vck_rows_queue_add (rows, node->row, node->rank);
    }
}

/* What comes with children needs not be announced again: the lists of children change first. */
static void
tree_settle_new (VckCheckpointTree *self)
{
  for (guint i = 0; i < self->touched->len; i++)
    {
      Node *node = g_hash_table_lookup (self->nodes, self->touched->pdata[i]);

      if (node == NULL || !node->is_unshown)
        continue;
      node->is_unshown = FALSE;
      node->was_parent = node->n_children > 0;
    }
}

/* The greater, the sooner a list changes: that of the roots is next to last. */
static guint64
tree_get_priority (VckCheckpointTree *self, gpointer list)
{
  VckCheckpoint *row = vck_checkpoint_list_get_parent (list);
  const Node *node = row != NULL ? g_hash_table_lookup (self->nodes, row) : &self->top;

  return node == NULL || is_absent (node) ? 0 : node->rank + 1;
}

/* Those of children come before that of their parent, so that they are there when it shows them.
 * Those of what is gone come last: who shows them has let go of them by then, all at once. */
static gint
compare_lists_cb (gconstpointer a, gconstpointer b, gpointer tree)
{
  const guint64 one = tree_get_priority (tree, *(const gpointer *) a);
  const guint64 other = tree_get_priority (tree, *(const gpointer *) b);

  return (one < other) - (one > other);
}

static void
tree_announce (VckCheckpointTree *self, VckCheckpoint *row)
{
  Node *node = g_hash_table_lookup (self->nodes, row);
  g_autoptr (VckCheckpointList) list = NULL;

  if (node == NULL || is_absent (node))
    return;
  node->is_reported = FALSE;
  if (node->was_parent == (node->n_children > 0))
    return;
  node->was_parent = !node->was_parent;
  list = tree_ref_list (self, node->parent);
  if (list != NULL)
    vck_rows_announce (vck_list_get_rows (vck_list_of (list)), row, node->rank);
}

/* A handler may come here again, which continues what is under way. */
void
vck_checkpoint_tree_run (VckCheckpointTree *self)
{
  tree_settle_new (self);
  g_ptr_array_sort_with_data (self->changed, compare_lists_cb, self);
  while (self->changed->len > 0)
    {
      g_autoptr (VckCheckpointList) list = g_object_ref (self->changed->pdata[0]);

      vck_list_run (vck_list_of (list));
      g_ptr_array_remove (self->changed, list);
    }
  while (self->n_strays == 0 && self->touched->len > 0)
    {
      g_autoptr (VckCheckpoint) row =
          g_ptr_array_steal_index (self->touched, self->touched->len - 1);

      tree_announce (self, row);
    }
}
