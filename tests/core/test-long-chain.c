/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A million checkpoints in one chain: no recursion, no time that grows faster than the chain. */

#include "model/checkpoint-tree.h"

#include "vckc-domain-checkpoint.h"

/* Definitions as lean as can be, so that the time goes into the tree. */
static VckcCheckpointDef *
lean_def_new (guint number)
{
  VckcCheckpointDef *def = g_new0 (VckcCheckpointDef, 1);

  def->name = g_strdup_printf ("%u", number);
  def->parent_name = number > 0 ? g_strdup_printf ("%u", number - 1) : NULL;
  def->disks = g_ptr_array_new ();
  return def;
}

static guint
chain_length (void)
{
  return g_getenv ("VCK_TEST_SMALL") != NULL ? 20000 : 1000000;
}

static void
check_chain (const VckcCheckpointTree *tree, guint length)
{
  g_autoptr (GPtrArray) nodes =
      vckc_checkpoint_tree_list (tree, NULL, VCKC_CHECKPOINT_LIST_TOPOLOGICAL);
  g_autoptr (GPtrArray) leaves =
      vckc_checkpoint_tree_list (tree, NULL, VCKC_CHECKPOINT_LIST_LEAVES);
  g_autoptr (GPtrArray) below = NULL;

  g_assert_cmpuint (nodes->len, ==, length);
  g_assert_cmpuint (leaves->len, ==, 1);
  for (guint i = 1; i < nodes->len; i++)
    {
      const VckcCheckpointNode *node = g_ptr_array_index (nodes, i);

      g_assert_true (node->parent == g_ptr_array_index (nodes, i - 1));
    }
  below = vckc_checkpoint_tree_list (tree, g_ptr_array_index (nodes, 0),
                                     VCKC_CHECKPOINT_LIST_DESCENDANTS);
  g_assert_cmpuint (below->len, ==, length - 1);
}

static void
test_long_chain (void)
{
  g_autoptr (VckcCheckpointTree) tree = vckc_checkpoint_tree_new ();
  guint length = chain_length ();
  VckcCheckpointNode *node = NULL;

  for (guint i = 0; i < length; i++)
    node = vckc_checkpoint_tree_insert (tree, lean_def_new (i));
  vckc_checkpoint_tree_set_current (tree, node);
  check_chain (tree, length);

  /* Every second one from the top, then all that is left from the bottom. */
  for (guint i = 0; i < length; i += 2)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      vckc_checkpoint_tree_remove (tree, vckc_checkpoint_tree_lookup (tree, name));
    }
  check_chain (tree, length / 2);
  while ((node = vckc_checkpoint_tree_current (tree)) != NULL)
    vckc_checkpoint_tree_remove (tree, node);
  g_assert_cmpuint (vckc_checkpoint_tree_size (tree), ==, 0);
}

static void
test_load_long_chain (void)
{
  guint length = chain_length ();
  GPtrArray *defs = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);
  g_autoptr (VckcCheckpointTree) tree = NULL;

  for (guint i = length; i > 0; i--)
    g_ptr_array_add (defs, lean_def_new (i - 1));
  tree = vckc_checkpoint_tree_new_from_defs (defs, NULL);
  check_chain (tree, length);
}

/* One circle of all: the worst case for loading. */
static void
test_load_long_circle (void)
{
  guint length = chain_length () / 10;
  GPtrArray *defs = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);
  g_autoptr (VckcCheckpointTree) tree = NULL;
  g_autoptr (GPtrArray) broken = NULL;
  VckcCheckpointDef *first;

  for (guint i = 0; i < length; i++)
    g_ptr_array_add (defs, lean_def_new (i));
  first = g_ptr_array_index (defs, 0);
  first->parent_name = g_strdup_printf ("%u", length - 1);
  tree = vckc_checkpoint_tree_new_from_defs (defs, &broken);
  g_assert_cmpuint (broken->len, ==, 1);
  check_chain (tree, length);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/long-chain/change", test_long_chain);
  g_test_add_func ("/vck/long-chain/load", test_load_long_chain);
  g_test_add_func ("/vck/long-chain/load-circle", test_load_long_circle);
  return g_test_run ();
}
