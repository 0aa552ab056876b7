/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The tree of checkpoints: tables T of semantics.md. */

#include "contract.h"

#include <stdlib.h>

/* a, b<a, c<b created, c current; x<a, y<x, root2, z<root2 redefined. */
#define FOREST "+a +b +c =x<a =y<x =root2 =z<root2"

static const TreeCase cases[] = {
  { "T01", "+a +b", "+c", 0, "a b<a c<b cur=c", NULL },
  { "T02", "+a +b +c", "-b", 0, "a c<a cur=c", NULL },
  { "T03", "+a +b +c", "-c", 0, "a b<a cur=b", NULL },
  { "T04", "+a +b +c", "-a", 0, "b c<b cur=c", NULL },
  { "T05", "+a", "-a", 0, "cur=-", NULL },
  { "T06", "+a +b +c", "-b/children", 0, "a cur=a", NULL },
  { "T07", "+a +b +c", "-a/only", 0, "a cur=a", NULL },
  { "T08", "+a +b +c", "-c/only", 0, "a b<a c<b cur=c", NULL },
  { "T09", "+a +b +c", "-b/meta", 0, "a c<a cur=c", NULL },
  { "T10", "+a +b +c", "-b/meta+children", 0, "a cur=a", NULL },
  { "T11", "+a +b +c", "-b/meta+only", 0, "a b<a cur=b", NULL },
  { "T12", "", "=r1", 0, "r1 cur=r1", NULL },
  { "T13", "=r1", "=r2", 0, "r1 r2 cur=r1", NULL },
  { "T14", "=r1", "=r2<r1", 0, "r1 r2<r1 cur=r2", NULL },
  { "T15", "=r1 =r2<r1", "=r3<r1", 0, "r1 r2<r1 r3<r1 cur=r2", NULL },
  { "T16", "+a +b +c", "=a<b", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T17", "+a +b +c", "=a<c", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T18", "+a +b +c", "=b<b", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T19", "+a +b +c", "=b<zz", VCKC_ERROR_INVALID_ARG, "a b<a c<b cur=c", NULL },
  { "T20", "+a +b +c", "=b", 0, "a b c<b cur=c", NULL },
  { "T21", "+a +b +c", "=c<a", 0, "a b<a c<a cur=c", NULL },
  { "T22", "+a +b +c", "=a", 0, "a b<a c<b cur=c", NULL },
  { "T24", "+a +b =x", "=x<b", 0, "a b<a x<b cur=x", NULL },
  { "T54", FOREST, "-a", 0, "b c<b root2 x y<x z<root2 cur=c", NULL },
  { "T55", FOREST, "-a/meta+children", 0, "root2 z<root2 cur=-", NULL },
  { "T56", FOREST, "-a/meta+only", 0, "a root2 z<root2 cur=a", NULL },
  { "T57", FOREST, "-b", 0, "a c<a root2 x<a y<x z<root2 cur=c", NULL },
  { "T58", FOREST, "-b/children", 0, "a root2 x<a y<x z<root2 cur=a", NULL },
  { "T59", FOREST, "-b/only", 0, "a b<a root2 x<a y<x z<root2 cur=b", NULL },
  { "T60", FOREST, "-c", 0, "a b<a root2 x<a y<x z<root2 cur=b", NULL },
  { "T61", FOREST, "-x/meta", 0, "a b<a c<b root2 y<a z<root2 cur=c", NULL },
  { "T62", FOREST, "-x/meta+children", 0, "a b<a c<b root2 z<root2 cur=c", NULL },
  { "T63", FOREST, "-x/meta+only", 0, "a b<a c<b root2 x<a z<root2 cur=c", NULL },
  { "T64", FOREST, "-root2/meta", 0, "a b<a c<b x<a y<x z cur=c", NULL },
  { "T65", FOREST, "-root2/meta+children", 0, "a b<a c<b x<a y<x cur=c", NULL },
  { "taken-name", "+a +b", "+a", VCKC_ERROR_OPERATION_FAILED, "a b<a cur=b", NULL },
  { "name-free-again", "+a -a", "+a", 0, "a cur=a", NULL },
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

/* All 16 combinations of list flags: T26 to T41 for a domain, T42 on for children. */
typedef struct
{
  const char *id;
  const char *checkpoint; /* NULL to list the domain */
  unsigned int flags;
  const char *expect;
} ListCase;

static const ListCase list_cases[] = {
  { "T26", NULL, 0, "a b c root2 x y z" },
  { "T27", NULL, 1, "a root2" },
  { "T28", NULL, 2, "a b c root2 x y z" },
  { "T29", NULL, 3, "a root2" },
  { "T30", NULL, 4, "c y z" },
  { "T31", NULL, 5, "" },
  { "T32", NULL, 6, "c y z" },
  { "T33", NULL, 7, "" },
  { "T34", NULL, 8, "a b root2 x" },
  { "T35", NULL, 9, "a root2" },
  { "T36", NULL, 10, "a b root2 x" },
  { "T37", NULL, 11, "a root2" },
  { "T38", NULL, 12, "" },
  { "T39", NULL, 13, "" },
  { "T40", NULL, 14, "" },
  { "T41", NULL, 15, "" },
  { "T42", "a", 0, "b x" },
  { "T43", "a", 1, "b c x y" },
  { "T44", "a", 2, "b x" },
  { "T45", "a", 3, "b c x y" },
  { "T46", "a", 4, "" },
  { "T47", "a", 5, "c y" },
  { "T48", "a", 8, "b x" },
  { "T49", "a", 9, "b x" },
  { "T50", "a", 12, "" },
  { "T51", "b", 4, "c" },
  { "T52", "c", 1, "" },
};

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
  for (gsize i = 0; i < G_N_ELEMENTS (list_cases); i++)
    {
      const ListCase *row = &list_cases[i];
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

  fixture_run (fixture, FOREST " =a<z");
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

  fixture_run (fixture, "=a");
  g_autoptr (VckcDomainCheckpoint) before = fixture_lookup (fixture, "a");
  g_autoptr (VckcError) read_error = NULL;
  g_autoptr (VckcError) delete_error = NULL;
  const uint64_t incarnation = vckc_domain_checkpoint_get_incarnation (before, NULL);

  g_assert_cmpuint (incarnation, !=, 0);
  fixture_run (fixture, "=a");
  g_autoptr (VckcDomainCheckpoint) redefined = fixture_lookup (fixture, "a");
  g_assert_cmpuint (vckc_domain_checkpoint_get_incarnation (redefined, NULL), ==, incarnation);

  fixture_run (fixture, "-a/meta =a");
  g_autoptr (VckcDomainCheckpoint) again = fixture_lookup (fixture, "a");
  g_assert_cmpuint (vckc_domain_checkpoint_get_incarnation (again, NULL), !=, incarnation);

  g_assert_null (vckc_domain_checkpoint_get_xml_desc (before, 0, &read_error));
  g_assert_cmpint (vckc_error_get_code (read_error), ==, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
  g_assert_cmpint (
      vckc_domain_checkpoint_delete (before, VCKC_CHECKPOINT_DELETE_METADATA_ONLY, &delete_error),
      ==, -1);
  g_assert_cmpint (vckc_error_get_code (delete_error), ==, VCKC_ERROR_NO_DOMAIN_CHECKPOINT);
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
