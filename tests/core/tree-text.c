/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tree-text.h"

#include <string.h>

#include "model/checkpoint-xml.h"

VckcCheckpointDef *
tree_text_make_def (const char *name, const char *parent_name)
{
  g_autofree char *xml =
      g_strdup_printf ("<domaincheckpoint><name>%s</name><creationTime>1</creationTime>"
                       "</domaincheckpoint>",
                       name);
  VckcCheckpointDef *def = vckc_checkpoint_def_parse (xml, true, NULL);

  g_assert_nonnull (def);
  def->parent_name = g_strdup (parent_name);
  return def;
}

VckcCheckpointDef *
tree_text_parse_def (const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, "<", 2);

  return tree_text_make_def (parts[0], parts[1]);
}

VckcCheckpointTree *
tree_text_parse (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  VckcCheckpointTree *tree = vckc_checkpoint_tree_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (!g_str_has_prefix (words[i], "cur="))
      vckc_checkpoint_tree_insert (tree, tree_text_parse_def (words[i]));
    else
      {
        VckcCheckpointNode *node = vckc_checkpoint_tree_lookup (tree, words[i] + strlen ("cur="));

        g_assert_nonnull (node);
        vckc_checkpoint_tree_set_current (tree, node);
      }
  return tree;
}

static guint
check_list (const VckcCheckpointTree *tree,
            const VckcCheckpointNode *first,
            const VckcCheckpointNode *parent)
{
  const VckcCheckpointNode *previous = NULL;
  guint n = 0;

  for (const VckcCheckpointNode *node = first; node != NULL; node = node->next_sibling)
    {
      g_assert_true (node->parent == parent);
      g_assert_true (node->previous_sibling == previous);
      g_assert_true (vckc_checkpoint_tree_lookup (tree, node->def->name) == node);
      g_assert_cmpstr (node->def->parent_name, ==, parent != NULL ? parent->def->name : NULL);
      previous = node;
      n++;
    }
  return n;
}

static void
check_links (const VckcCheckpointTree *tree)
{
  const VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (tree);
  guint n = check_list (tree, node, NULL);

  for (; node != NULL; node = vckc_checkpoint_node_next (node, NULL))
    {
      g_assert_cmpuint (check_list (tree, node->first_child, node), ==, node->n_children);
      n += node->n_children;
    }
  g_assert_cmpuint (n, ==, vckc_checkpoint_tree_size (tree));
}

static int
compare_words (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char *
tree_text_join (GPtrArray *words)
{
  g_ptr_array_sort (words, compare_words);
  g_ptr_array_add (words, NULL);
  return g_strjoinv (" ", (char **) words->pdata);
}

/* As tree_text_parse() reads it, but sorted by name. */
static char *
describe_tree (const VckcCheckpointTree *tree)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  const VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (tree);
  const VckcCheckpointNode *current = vckc_checkpoint_tree_current (tree);
  g_autofree char *text = NULL;

  for (; node != NULL; node = vckc_checkpoint_node_next (node, NULL))
    g_ptr_array_add (words,
                     g_strconcat (node->def->name, node->parent != NULL ? "<" : NULL,
                                  node->parent != NULL ? node->parent->def->name : NULL, NULL));
  text = tree_text_join (words);
  return g_strdup_printf ("%s cur=%s", text, current != NULL ? current->def->name : "-");
}

void
tree_text_assert (const VckcCheckpointTree *tree, const char *expected)
{
  g_autofree char *text = describe_tree (tree);

  check_links (tree);
  g_assert_cmpstr (text, ==, expected);
}
