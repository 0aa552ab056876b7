/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lists of children of many checkpoints, which many threads change. */

#include "list-mirror.h"
#include "support.h"

static void
mirror_free (gpointer data)
{
  list_mirror_clear (data);
  g_free (data);
}

/* A mirror of the children of each checkpoint that was ever seen in the list of all. */
static void
follow_all (GHashTable *mirrors, GListModel *all)
{
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (VckCheckpoint) row = g_list_model_get_item (all, i);
      g_autoptr (VckCheckpointList) children = NULL;
      ListMirror *mirror;

      if (g_hash_table_contains (mirrors, row))
        continue;
      children = vck_checkpoint_get_children (row);
      mirror = g_new0 (ListMirror, 1);
      list_mirror_start (mirror, children);
      g_hash_table_insert (mirrors, g_steal_pointer (&row), mirror);
    }
}

static void
assert_mirrors_exact (GHashTable *mirrors)
{
  GHashTableIter iter;
  gpointer mirror;

  g_hash_table_iter_init (&iter, mirrors);
  while (g_hash_table_iter_next (&iter, NULL, &mirror))
    list_mirror_assert_exact (mirror);
}

/* The list has those of all whose parent is this one, in the order of all, and no others. */
static void
assert_children (const ListMirror *mirror, GListModel *all, VckCheckpoint *parent)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (VckCheckpoint) row = g_list_model_get_item (all, i);
      g_autoptr (VckCheckpoint) above = vck_checkpoint_get_parent (row);

      if (above != parent)
        continue;
      g_assert_cmpuint (n, <, mirror->rows->len);
      g_assert_true (mirror->rows->pdata[n] == row);
      n++;
    }
  g_assert_cmpuint (n, ==, mirror->rows->len);
}

#define N_THREADS 6
#define N_ROUNDS 200

static gpointer
change_cb (gpointer connection)
{
  support_change_at_random (connection, N_ROUNDS, 12);
  return NULL;
}

static void
test_threads (void)
{
  g_autofree char *uri = support_memory_uri ();
  g_autoptr (VckConnection) connection = vck_connection_open (uri, 0, NULL, NULL);
  g_autoptr (VckConnection) other = vck_connection_open (uri, 0, NULL, NULL);
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) all = vck_domain_get_checkpoints (domain);
  g_autoptr (VckCheckpointList) roots = vck_domain_get_root_checkpoints (domain);
  g_autoptr (GHashTable) mirrors = g_hash_table_new_full (NULL, NULL, g_object_unref, mirror_free);
  g_auto (ListMirror) root_mirror = { NULL };
  GHashTableIter iter;
  gpointer row;
  gpointer mirror;
  GThread *threads[N_THREADS];

  list_mirror_start (&root_mirror, roots);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("changes", change_cb, i % 2 == 0 ? connection : other);
  for (guint i = 0; i < 150; i++)
    {
      g_assert_true (i % 10 != 0 || vck_checkpoint_list_load (roots, NULL, NULL));
      support_drain (NULL);
      follow_all (mirrors, G_LIST_MODEL (all));
      list_mirror_assert_exact (&root_mirror);
      assert_mirrors_exact (mirrors);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  support_drain (NULL);
  follow_all (mirrors, G_LIST_MODEL (all));
  assert_mirrors_exact (mirrors);
  list_mirror_assert_exact (&root_mirror);
  assert_children (&root_mirror, G_LIST_MODEL (all), NULL);
  g_hash_table_iter_init (&iter, mirrors);
  while (g_hash_table_iter_next (&iter, &row, &mirror))
    assert_children (mirror, G_LIST_MODEL (all), row);
}

/* More events than are kept: all lists are right when they were loaded again. */
static void
test_lost (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpoint) a = support_create (domain, "a");
  g_autoptr (VckCheckpoint) b = support_create (domain, "b");
  g_autoptr (VckCheckpoint) c = support_create (domain, "c");
  g_autoptr (VckCheckpointList) children = vck_checkpoint_get_children (a);
  g_auto (ListMirror) mirror = { NULL };

  while (vck_checkpoint_list_is_loading (children))
    g_main_context_iteration (NULL, TRUE);
  list_mirror_start (&mirror, children);
  support_delete (b, 0);
  for (guint i = 0; i < 5001; i++)
    {
      g_autoptr (VckCheckpoint) d = support_create (domain, "d");

      support_delete (d, 0);
    }
  while (mirror.rows->len == 0 || mirror.rows->pdata[0] != c)
    g_main_context_iteration (NULL, TRUE);
  support_drain (NULL);
  list_mirror_assert (&mirror, "c", "0-1+0 0-0+1 ");
}

/* With one more, as many as are reported one by one. */
#define N_LONG 9999

static void
report_time (const char *what, gint64 start)
{
  g_test_message ("%s: %" G_GINT64_FORMAT " ms", what, (g_get_monotonic_time () - start) / 1000);
}

/* A long chain, with the children of each followed: one is added, and all are deleted. */
static void
test_long (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) all = vck_domain_get_checkpoints (domain);
  g_autoptr (GHashTable) mirrors = g_hash_table_new_full (NULL, NULL, g_object_unref, mirror_free);
  g_autoptr (VckCheckpoint) first = support_create (domain, "c00000");
  g_autoptr (VckCheckpoint) last = NULL;
  g_autoptr (VckCheckpoint) parent = NULL;
  GHashTableIter iter;
  gpointer mirror;
  guint n = 0;
  gint64 start;

  for (guint i = 1; i < N_LONG; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%05u", i);

      g_object_unref (support_create (domain, name));
    }
  g_assert_true (vck_checkpoint_list_load (all, NULL, NULL));
  start = g_get_monotonic_time ();
  follow_all (mirrors, G_LIST_MODEL (all));
  report_time ("lists", start);
  g_hash_table_iter_init (&iter, mirrors);
  while (g_hash_table_iter_next (&iter, NULL, &mirror))
    n += ((ListMirror *) mirror)->rows->len;
  g_assert_cmpuint (n, ==, N_LONG - 1);

  start = g_get_monotonic_time ();
  last = support_create (domain, "last");
  support_drain (NULL);
  report_time ("one more", start);
  parent = vck_checkpoint_get_parent (last);
  mirror = g_hash_table_lookup (mirrors, parent);
  list_mirror_assert (mirror, "last", "0-0+1 ");

  support_delete (first, VCK_CHECKPOINT_DELETE_CHILDREN);
  start = g_get_monotonic_time ();
  support_drain (NULL);
  report_time ("all deleted", start);
  g_hash_table_iter_init (&iter, mirrors);
  while (g_hash_table_iter_next (&iter, NULL, &mirror))
    list_mirror_assert_exact (mirror);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (all)), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vck/trees/threads", test_threads);
  g_test_add_func ("/vck/trees/lost", test_lost);
  g_test_add_func ("/vck/trees/long", test_long);
  return g_test_run ();
}
