/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The tree of checkpoints by itself. The ids are rows of docs/internals/semantics.md. */

#include "model/checkpoint-tree.h"

#include "list-cases.h"
#include "tree-text.h"
#include "vckc-domain-checkpoint.h"

#define BRANCHING "a b<a c<b x<a y<x root2 z<root2 cur=c"

/* --- deleting --- */

typedef struct
{
  const char *id;
  const char *before;
  const char *name;
  unsigned int flags;
  const char *after;
} DeletionCase;

#define CHILDREN VCKC_CHECKPOINT_DELETE_CHILDREN
#define CHILDREN_ONLY VCKC_CHECKPOINT_DELETE_CHILDREN_ONLY

static const DeletionCase deletion_cases[] = {
  { "T02", "a b<a c<b cur=c", "b", 0, "a c<a cur=c" },
  { "T03", "a b<a c<b cur=c", "c", 0, "a b<a cur=b" },
  { "T04", "a b<a c<b cur=c", "a", 0, "b c<b cur=c" },
  { "T05", "a cur=a", "a", 0, " cur=-" },
  { "T06", "a b<a c<b cur=c", "b", CHILDREN, "a cur=a" },
  { "T07", "a b<a c<b cur=c", "a", CHILDREN_ONLY, "a cur=a" },
  { "T08", "a b<a c<b cur=c", "c", CHILDREN_ONLY, "a b<a c<b cur=c" },
  { "T54", BRANCHING, "a", 0, "b c<b root2 x y<x z<root2 cur=c" },
  { "T55", BRANCHING, "a", CHILDREN, "root2 z<root2 cur=-" },
  { "T56", BRANCHING, "a", CHILDREN_ONLY, "a root2 z<root2 cur=a" },
  { "T57", BRANCHING, "b", 0, "a c<a root2 x<a y<x z<root2 cur=c" },
  { "T58", BRANCHING, "b", CHILDREN, "a root2 x<a y<x z<root2 cur=a" },
  { "T59", BRANCHING, "b", CHILDREN_ONLY, "a b<a root2 x<a y<x z<root2 cur=b" },
  { "T60", BRANCHING, "c", 0, "a b<a root2 x<a y<x z<root2 cur=b" },
  { "T61", BRANCHING, "x", 0, "a b<a c<b root2 y<a z<root2 cur=c" },
  { "T62", BRANCHING, "x", CHILDREN, "a b<a c<b root2 z<root2 cur=c" },
  { "T63", BRANCHING, "x", CHILDREN_ONLY, "a b<a c<b root2 x<a z<root2 cur=c" },
  { "T64", BRANCHING, "root2", 0, "a b<a c<b x<a y<x z cur=c" },
  { "T65", BRANCHING, "root2", CHILDREN, "a b<a c<b x<a y<x cur=c" },
};

static void
test_delete (gconstpointer data)
{
  const DeletionCase *deletion = data;
  g_autoptr (VckcCheckpointTree) tree = tree_text_parse (deletion->before);
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (tree, deletion->name);

  if (deletion->flags != 0)
    {
      g_autoptr (GPtrArray) below = vckc_checkpoint_tree_list (
          tree, node, VCKC_CHECKPOINT_LIST_DESCENDANTS | VCKC_CHECKPOINT_LIST_TOPOLOGICAL);

      for (guint i = below->len; i > 0; i--)
        vckc_checkpoint_tree_remove (tree, g_ptr_array_index (below, i - 1));
    }
  if (deletion->flags != CHILDREN_ONLY)
    vckc_checkpoint_tree_remove (tree, node);
  tree_text_assert (tree, deletion->after);
}

/* --- listing --- */

static char *
describe_list (const GPtrArray *nodes)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (guint i = 0; i < nodes->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (nodes, i);

      g_ptr_array_add (words, node->def->name);
    }
  return tree_text_join (words);
}

/* No node after one below it: T53. */
static void
check_topological (const GPtrArray *nodes)
{
  for (guint i = 0; i < nodes->len; i++)
    for (guint j = i + 1; j < nodes->len; j++)
      g_assert_false (vckc_checkpoint_node_is_within (g_ptr_array_index (nodes, i),
                                                      g_ptr_array_index (nodes, j)));
}

static void
test_list (gconstpointer data)
{
  const ListCase *list = data;
  g_autoptr (VckcCheckpointTree) tree = tree_text_parse (BRANCHING);
  const VckcCheckpointNode *parent =
      list->checkpoint != NULL ? vckc_checkpoint_tree_lookup (tree, list->checkpoint) : NULL;
  g_autoptr (GPtrArray) nodes = vckc_checkpoint_tree_list (tree, parent, list->flags);
  g_autofree char *text = describe_list (nodes);

  g_assert_cmpstr (text, ==, list->expect);
  check_topological (nodes);
}

/* --- redefining --- */

static void
replace (VckcCheckpointTree *tree, const char *word)
{
  VckcCheckpointDef *def = tree_text_parse_def (word);

  vckc_checkpoint_tree_replace (tree, vckc_checkpoint_tree_lookup (tree, def->name), def);
}

static void
test_replace (void)
{
  g_autoptr (VckcCheckpointTree) tree = tree_text_parse ("a b<a c<b cur=c");

  replace (tree, "b"); /* T20 */
  tree_text_assert (tree, "a b c<b cur=c");
  replace (tree, "b<a");
  replace (tree, "c<a"); /* T21 */
  tree_text_assert (tree, "a b<a c<a cur=c");
  replace (tree, "a"); /* T22 */
  tree_text_assert (tree, "a b<a c<a cur=c");
}

static void
test_replace_definition (void)
{
  g_autoptr (VckcCheckpointTree) tree = tree_text_parse ("a b<a");
  VckcCheckpointDef *def = tree_text_make_def ("a", NULL);

  def->description = g_strdup ("new");
  vckc_checkpoint_tree_replace (tree, vckc_checkpoint_tree_lookup (tree, "a"), def);
  g_assert_true (vckc_checkpoint_tree_lookup (tree, "a")->def == def);
  tree_text_assert (tree, "a b<a cur=-");
}

/* --- others --- */

static void
test_empty (void)
{
  g_autoptr (VckcCheckpointTree) tree = vckc_checkpoint_tree_new ();
  g_autoptr (GPtrArray) nodes = vckc_checkpoint_tree_list (tree, NULL, 0);

  g_assert_cmpuint (nodes->len, ==, 0);
  g_assert_cmpuint (vckc_checkpoint_tree_size (tree), ==, 0);
  g_assert_null (vckc_checkpoint_tree_lookup (tree, "a"));
  g_assert_null (vckc_checkpoint_tree_lookup (tree, ""));
  g_assert_null (vckc_checkpoint_tree_first_root (tree));
  g_assert_null (vckc_checkpoint_tree_current (tree));
  vckc_checkpoint_tree_free (NULL);
}

static void
test_insert_unknown_parent (void)
{
  g_autoptr (VckcCheckpointTree) tree = vckc_checkpoint_tree_new ();
  VckcCheckpointNode *node = vckc_checkpoint_tree_insert (tree, tree_text_make_def ("a", "gone"));

  g_assert_null (node->parent);
  g_assert_true (vckc_checkpoint_tree_first_root (tree) == node);
}

static void
test_is_within (void)
{
  g_autoptr (VckcCheckpointTree) tree = tree_text_parse (BRANCHING);
  const VckcCheckpointNode *a = vckc_checkpoint_tree_lookup (tree, "a");
  const VckcCheckpointNode *c = vckc_checkpoint_tree_lookup (tree, "c");
  const VckcCheckpointNode *z = vckc_checkpoint_tree_lookup (tree, "z");

  g_assert_true (vckc_checkpoint_node_is_within (c, a));
  g_assert_true (vckc_checkpoint_node_is_within (a, a));
  g_assert_false (vckc_checkpoint_node_is_within (a, c));
  g_assert_false (vckc_checkpoint_node_is_within (z, a));
}

static void
test_walk_below (void)
{
  g_autoptr (VckcCheckpointTree) tree = tree_text_parse (BRANCHING);
  const VckcCheckpointNode *top = vckc_checkpoint_tree_lookup (tree, "b");
  const VckcCheckpointNode *node = vckc_checkpoint_node_next (top, top);

  g_assert_cmpstr (node->def->name, ==, "c");
  g_assert_null (vckc_checkpoint_node_next (node, top));
  g_assert_null (vckc_checkpoint_node_next (node, node));
}

/* --- loading --- */

typedef struct
{
  const char *name;
  const char *defs; /* with @ and a creation time, if it matters */
  const char *after;
  const char *broken;
} LoadCase;

static const LoadCase load_cases[] = {
  { "nothing", "", " cur=-", "" },
  { "chain", "a b<a c<b", "a b<a c<b cur=-", "" },
  { "any-order", "c<b z<root2 b<a a root2 x<a", "a b<a c<b root2 x<a z<root2 cur=-", "" },
  { "missing-parent", "a d<zz e<d", "a d e<d cur=-", "d" },
  { "self", "a<a", "a cur=-", "a" },
  { "circle", "a<b@2 b<a@1", "a<b b cur=-", "b" },
  { "circle-same-age", "b<a a<b", "a b<a cur=-", "a" },
  { "circle-of-three", "a<b@3 b<c@1 c<a@2", "a<b b c<a cur=-", "b" },
  { "circle-with-tail", "t<u u<a a<b@2 b<c@3 c<a@1 v<c", "a<b b<c c t<u u<a v<c cur=-", "c" },
  { "two-circles", "a<b b<a x<y y<x", "a b<a x y<x cur=-", "a x" },
  { "same-name", "a b<a a<b", "a b<a cur=-", "a" },
};

static GPtrArray *
defs_new_from_text (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  GPtrArray *defs = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], "@", 2);
      VckcCheckpointDef *def = tree_text_parse_def (parts[0]);

      if (parts[1] != NULL)
        def->creation_time = g_ascii_strtoll (parts[1], NULL, 10);
      g_ptr_array_add (defs, def);
    }
  return defs;
}

static void
test_load (gconstpointer data)
{
  const LoadCase *load = data;
  g_autoptr (GPtrArray) broken = NULL;
  g_autoptr (VckcCheckpointTree) tree =
      vckc_checkpoint_tree_new_from_defs (defs_new_from_text (load->defs), &broken);
  g_autoptr (VckcCheckpointTree) other =
      vckc_checkpoint_tree_new_from_defs (defs_new_from_text (load->defs), NULL);
  g_autofree char *names = tree_text_join (broken);

  tree_text_assert (tree, load->after);
  tree_text_assert (other, load->after);
  g_assert_cmpstr (names, ==, load->broken);
}

/* --- at random, against a plain model --- */

#define N_NAMES 40

/* parents[i]: -2 not there, -1 a root, else the parent */
typedef struct
{
  int parents[N_NAMES];
  int current;
} Model;

static char *
describe_model (const Model *model)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  for (int i = 0; i < N_NAMES; i++)
    if (model->parents[i] == -1)
      g_ptr_array_add (words, g_strdup_printf ("n%d", i));
    else if (model->parents[i] >= 0)
      g_ptr_array_add (words, g_strdup_printf ("n%d<n%d", i, model->parents[i]));
  text = tree_text_join (words);
  return model->current < 0 ? g_strdup_printf ("%s cur=-", text)
                            : g_strdup_printf ("%s cur=n%d", text, model->current);
}

static bool
model_is_within (const Model *model, int node, int ancestor)
{
  while (node >= 0 && node != ancestor)
    node = model->parents[node];
  return node == ancestor;
}

static void
model_remove (Model *model, int number)
{
  for (int i = 0; i < N_NAMES; i++)
    if (model->parents[i] == number)
      model->parents[i] = model->parents[number];
  if (model->current == number)
    model->current = model->parents[number];
  model->parents[number] = -2;
}

static VckcCheckpointDef *
numbered_def_new (int number, int parent)
{
  g_autofree char *name = g_strdup_printf ("n%d", number);
  g_autofree char *parent_name = g_strdup_printf ("n%d", parent);

  return tree_text_make_def (name, parent >= 0 ? parent_name : NULL);
}

static void
change_at_random (Model *model, VckcCheckpointTree *tree)
{
  int number = g_test_rand_int_range (0, N_NAMES);
  int parent = g_test_rand_int_range (-1, N_NAMES);
  g_autofree char *name = g_strdup_printf ("n%d", number);
  VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (tree, name);

  if (parent >= 0 && model->parents[parent] == -2)
    parent = -1;
  g_assert_true ((node != NULL) == (model->parents[number] != -2));
  if (node == NULL)
    {
      model->parents[number] = parent;
      node = vckc_checkpoint_tree_insert (tree, numbered_def_new (number, parent));
    }
  else if (g_test_rand_bit () || model_is_within (model, parent, number))
    {
      model_remove (model, number);
      vckc_checkpoint_tree_remove (tree, node);
      return;
    }
  else
    {
      model->parents[number] = parent;
      vckc_checkpoint_tree_replace (tree, node, numbered_def_new (number, parent));
    }
  if (g_test_rand_bit ())
    {
      model->current = number;
      vckc_checkpoint_tree_set_current (tree, node);
    }
}

static void
test_random (void)
{
  g_autoptr (VckcCheckpointTree) tree = vckc_checkpoint_tree_new ();
  Model model = { .current = -1 };

  for (guint i = 0; i < N_NAMES; i++)
    model.parents[i] = -2;
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *expected = NULL;

      change_at_random (&model, tree);
      expected = describe_model (&model);
      tree_text_assert (tree, expected);
    }
}

/* --- */

#define ADD_CASES(path, field, cases, function)                                                    \
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)                                                 \
    {                                                                                              \
      g_autofree char *case_path = g_strconcat (path "/", cases[i].field, NULL);                   \
                                                                                                   \
      g_test_add_data_func (case_path, &cases[i], function);                                       \
    }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_CASES ("/vck/checkpoint-tree/delete", id, deletion_cases, test_delete)
  for (const ListCase *row = list_cases; row->id != NULL; row++)
    {
      g_autofree char *path = g_strconcat ("/vck/checkpoint-tree/list/", row->id, NULL);

      g_test_add_data_func (path, row, test_list);
    }
  ADD_CASES ("/vck/checkpoint-tree/load", name, load_cases, test_load)
  g_test_add_func ("/vck/checkpoint-tree/empty", test_empty);
  g_test_add_func ("/vck/checkpoint-tree/insert-unknown-parent", test_insert_unknown_parent);
  g_test_add_func ("/vck/checkpoint-tree/replace", test_replace);
  g_test_add_func ("/vck/checkpoint-tree/replace-definition", test_replace_definition);
  g_test_add_func ("/vck/checkpoint-tree/is-within", test_is_within);
  g_test_add_func ("/vck/checkpoint-tree/walk-below", test_walk_below);
  g_test_add_func ("/vck/checkpoint-tree/random", test_random);
  return g_test_run ();
}
