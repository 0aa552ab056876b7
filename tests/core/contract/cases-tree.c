/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The tree of checkpoints: tables T of semantics.md. */

#include "contract.h"

#include <stdlib.h>

#include "../list-cases.h"
#include "../refusal.h"

/* a, b<a, c<b created, c current; x<a, y<x, root2, z<root2 redefined. */
#define FOREST                                                                                     \
  "create a b c; redefine x under a; redefine y under x; redefine root2; redefine z under root2"

static const TreeCase cases[] = {
  { "T01", "create a b", "create c", 0, "a b<a c<b cur=c", NULL },
  { "T02", "create a b c", "delete b", 0, "a c<a cur=c", NULL },
  { "T03", "create a b c", "delete c", 0, "a b<a cur=b", NULL },
  { "T04", "create a b c", "delete a", 0, "b c<b cur=c", NULL },
  { "T05", "create a", "delete a", 0, "cur=-", NULL },
  { "T06", "create a b c", "delete b children", 0, "a cur=a", NULL },
  { "T07", "create a b c", "delete a children-only", 0, "a cur=a", NULL },
  { "T08", "create a b c", "delete c children-only", 0, "a b<a c<b cur=c", NULL },
  { "T09", "create a b c", "delete b metadata", 0, "a c<a cur=c", NULL },
  { "T10", "create a b c", "delete b metadata children", 0, "a cur=a", NULL },
  { "T11", "create a b c", "delete b metadata children-only", 0, "a b<a cur=b", NULL },
  { "T12", "", "redefine r1", 0, "r1 cur=r1", NULL },
  { "T13", "redefine r1", "redefine r2", 0, "r1 r2 cur=r1", NULL },
  { "T14", "redefine r1", "redefine r2 under r1", 0, "r1 r2<r1 cur=r2", NULL },
  { "T15", "redefine r1; redefine r2 under r1", "redefine r3 under r1", 0, "r1 r2<r1 r3<r1 cur=r2",
    NULL },
  { "T16", "create a b c", "redefine a under b", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T17", "create a b c", "redefine a under c", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T18", "create a b c", "redefine b under b", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T19", "create a b c", "redefine b under zz", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T20", "create a b c", "redefine b", 0, "a b c<b cur=c", NULL },
  { "T21", "create a b c", "redefine c under a", 0, "a b<a c<a cur=c", NULL },
  { "T22", "create a b c", "redefine a", 0, "a b<a c<b cur=c", NULL },
  { "T24", "create a b; redefine x", "redefine x under b", 0, "a b<a x<b cur=x", NULL },
  { "T54", FOREST, "delete a", 0, "b c<b root2 x y<x z<root2 cur=c", NULL },
  { "T55", FOREST, "delete a metadata children", 0, "root2 z<root2 cur=-", NULL },
  { "T56", FOREST, "delete a metadata children-only", 0, "a root2 z<root2 cur=a", NULL },
  { "T57", FOREST, "delete b", 0, "a c<a root2 x<a y<x z<root2 cur=c", NULL },
  { "T58", FOREST, "delete b children", 0, "a root2 x<a y<x z<root2 cur=a", NULL },
  { "T59", FOREST, "delete b children-only", 0, "a b<a root2 x<a y<x z<root2 cur=b", NULL },
  { "T60", FOREST, "delete c", 0, "a b<a root2 x<a y<x z<root2 cur=b", NULL },
  { "T61", FOREST, "delete x metadata", 0, "a b<a c<b root2 y<a z<root2 cur=c", NULL },
  { "T62", FOREST, "delete x metadata children", 0, "a b<a c<b root2 z<root2 cur=c", NULL },
  { "T63", FOREST, "delete x metadata children-only", 0, "a b<a c<b root2 x<a z<root2 cur=c",
    NULL },
  { "T64", FOREST, "delete root2 metadata", 0, "a b<a c<b x<a y<x z cur=c", NULL },
  { "T65", FOREST, "delete root2 metadata children", 0, "a b<a c<b x<a y<x cur=c", NULL },
  { "taken-name", "create a b", "create a", VCKC_ERROR_CHECKPOINT_EXISTS, "a b<a cur=b", NULL },
  { "name-free-again", "create a; delete a", "create a", 0, "a cur=a", NULL },
};

static void
run_tree_case (gpointer data, gconstpointer row)
{
  Fixture *fixture = data;
  const TreeCase *self = row;
  const Difference *difference = find_difference (&fixture->target, self->id);
  g_autofree char *tree = NULL;

  fixture_run (fixture, self->prepare);
  g_assert_cmpint (fixture_step (fixture, self->action), ==,
                   difference != NULL ? difference->code : self->code);
  tree = fixture_tree (fixture);
  g_assert_cmpstr (tree, ==, difference != NULL ? difference->expect : self->expect);
}

void
add_tree_cases (const Target *target)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    add_case (target, cases[i].id, run_tree_case, &cases[i]);
}

static int
count_list (Fixture *fixture, const ListCase *row)
{
  if (row->checkpoint == NULL)
    return vckc_domain_list_all_checkpoints (fixture->domain, NULL, row->flags, NULL);

  g_autoptr (VckcDomainCheckpoint) parent = fixture_lookup (fixture, row->checkpoint);

  return vckc_domain_checkpoint_list_all_children (parent, NULL, row->flags, NULL);
}

static void
run_list_cases (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, FOREST);
  for (const ListCase *row = list_cases; row->id != NULL; row++)
    {
      g_autofree char *names = fixture_list (fixture, row->checkpoint, row->flags);
      g_auto (GStrv) words = g_strsplit (names, " ", -1);

      g_test_message ("%s", row->id);
      g_assert_cmpstr (names, ==, row->expect);
      g_assert_cmpint (count_list (fixture, row), ==,
                       *names == '\0' ? 0 : (int) g_strv_length (words));
    }
}

/* T53: no element comes after one of its descendants, also where a node was moved below one
 * that was linked later. */
static void
run_topological (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  VckcDomainCheckpoint **list = NULL;
  int count;

  fixture_run (fixture, FOREST "; redefine a under z");
  count = vckc_domain_list_all_checkpoints (fixture->domain, &list,
                                            VCKC_CHECKPOINT_LIST_TOPOLOGICAL, NULL);
  g_assert_cmpint (count, ==, 7);
  for (int i = 0; i < count; i++)
    {
      char *parent = vckc_domain_checkpoint_get_parent_name (list[i], NULL);

      g_assert_true (parent == NULL || g_hash_table_contains (seen, parent));
      free (parent);
      g_hash_table_add (seen, g_strdup (vckc_domain_checkpoint_get_name (list[i], NULL)));
      vckc_domain_checkpoint_unref (list[i], NULL);
    }
  free (list);
}

/* A handle stands for the checkpoint it was made for. What is made under its name later is another
 * one, which the handle does not reach; what is only redefined is not. */
static void
run_name_used_again (gpointer data, gconstpointer unused)
{
  Fixture *fixture = data;

  fixture_run (fixture, "redefine a");
  g_autoptr (VckcDomainCheckpoint) before = fixture_lookup (fixture, "a");
  g_autoptr (VckcError) read_error = NULL;
  g_autoptr (VckcError) delete_error = NULL;
  const uint64_t incarnation = vckc_domain_checkpoint_get_incarnation (before, NULL);

  g_assert_cmpuint (incarnation, !=, 0);
  fixture_run (fixture, "redefine a");
  g_autoptr (VckcDomainCheckpoint) redefined = fixture_lookup (fixture, "a");
  g_assert_cmpuint (vckc_domain_checkpoint_get_incarnation (redefined, NULL), ==, incarnation);

  fixture_run (fixture, "delete a metadata; redefine a");
  g_autoptr (VckcDomainCheckpoint) again = fixture_lookup (fixture, "a");
  g_assert_cmpuint (vckc_domain_checkpoint_get_incarnation (again, NULL), !=, incarnation);

  g_assert_null (vckc_domain_checkpoint_get_xml_desc (before, 0, &read_error));
  assert_refused (read_error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_cmpint (
      vckc_domain_checkpoint_delete (before, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, &delete_error),
      ==, -1);
  assert_refused (delete_error, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  g_autofree char *names = fixture_list (fixture, NULL, 0);
  g_assert_cmpstr (names, ==, "a");
}

void
add_list_cases (const Target *target)
{
  add_case (target, "name-used-again", run_name_used_again, NULL);
  add_case (target, "T26-T52", run_list_cases, NULL);
  add_case (target, "T53", run_topological, NULL);
}
