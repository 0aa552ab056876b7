/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The lists in the models and widgets of GTK. */

#include "../gtk/shown.h"
#include "support.h"

static void delete (VckDomain *domain, const char *name, VckCheckpointDeleteFlags flags)
{
  g_autoptr (VckCheckpoint) checkpoint = vck_domain_lookup_checkpoint (domain, name, NULL, NULL);

  support_delete (checkpoint, flags);
}

static void
create (VckDomain *domain, const char *name)
{
  g_object_unref (support_create (domain, name));
}

static void
create_chain (VckDomain *domain, guint length)
{
  for (guint i = 0; i < length; i++)
    {
      g_autofree char *name = g_strdup_printf ("c%05u", i);

      create (domain, name);
    }
}

static VckCheckpointList *
load (VckCheckpointList *list /* (transfer full) */)
{
  g_autoptr (GError) error = NULL;

  vck_checkpoint_list_load (list, NULL, &error);
  g_assert_no_error (error);
  return list;
}

/* --- trees --- */

static GListModel *
children_cb (gpointer row, gpointer data)
{
  GListModel *children = G_LIST_MODEL (vck_checkpoint_get_children (row));

  if (g_list_model_get_n_items (children) == 0)
    g_clear_object (&children);
  return children;
}

/* What a program must not return: the list although it is empty. */
static GListModel *
any_children_cb (gpointer row, gpointer data)
{
  return G_LIST_MODEL (vck_checkpoint_get_children (row));
}

static GtkTreeListModel *
make_tree (VckCheckpointList *top /* (transfer full) */, gboolean autoexpand)
{
  return gtk_tree_list_model_new (G_LIST_MODEL (top), FALSE, autoexpand, children_cb, NULL, NULL);
}

/* "name depth" of each row, with "-" if it is expanded and "+" if it can be. */
static void
assert_tree (GtkTreeListModel *tree, const char *expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  support_drain (NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (tree)); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (tree), i);
      g_autoptr (VckCheckpoint) checkpoint = gtk_tree_list_row_get_item (row);

      g_string_append_printf (found, "%s%s%u", i > 0 ? " " : "",
                              vck_checkpoint_get_name (checkpoint),
                              gtk_tree_list_row_get_depth (row));
      if (gtk_tree_list_row_is_expandable (row))
        g_string_append_c (found, gtk_tree_list_row_get_expanded (row) ? '-' : '+');
    }
  g_assert_cmpstr (found->str, ==, expected);
}

/* A row can be expanded if there are children, whenever they come and go. */
static void
test_tree (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GtkTreeListModel) tree =
      make_tree (load (vck_domain_get_root_checkpoints (domain)), TRUE);

  assert_tree (tree, "");
  create (domain, "a");
  assert_tree (tree, "a0");
  create (domain, "b");
  create (domain, "c");
  assert_tree (tree, "a0- b1- c2");
  create (domain, "d");
  assert_tree (tree, "a0- b1- c2- d3");
  delete (domain, "b", 0);
  assert_tree (tree, "a0- c1- d2");
  delete (domain, "a", 0);
  assert_tree (tree, "c0- d1");
  delete (domain, "d", 0);
  assert_tree (tree, "c0");
  create (domain, "e");
  assert_tree (tree, "c0- e1");
  delete (domain, "c", VCK_CHECKPOINT_DELETE_CHILDREN);
  assert_tree (tree, "");
}

/* GTK asks once whether a row has children: the lists of roots and children announce it again,
 * that of all checkpoints does not; an empty list is shown as one that can be expanded. */
static void
test_leaf (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GtkTreeListModel) all = make_tree (load (vck_domain_get_checkpoints (domain)), FALSE);
  g_autoptr (GtkTreeListModel) roots =
      make_tree (load (vck_domain_get_root_checkpoints (domain)), FALSE);
  g_autoptr (GtkTreeListModel) empty =
      gtk_tree_list_model_new (G_LIST_MODEL (load (vck_domain_get_root_checkpoints (domain))),
                               FALSE, FALSE, any_children_cb, NULL, NULL);

  create (domain, "a");
  assert_tree (all, "a0");
  assert_tree (roots, "a0");
  assert_tree (empty, "a0+");
  create (domain, "b");
  assert_tree (all, "a0 b0");
  assert_tree (roots, "a0+");
  delete (domain, "b", 0);
  assert_tree (roots, "a0");
}

static void
expand (GtkTreeListModel *tree, guint position)
{
  g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_row (tree, position);

  gtk_tree_list_row_set_expanded (row, TRUE);
}

/* What the user expanded stays so while other rows come and go. What moves up is a new row. */
static void
test_expanded (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GtkTreeListModel) tree =
      make_tree (load (vck_domain_get_root_checkpoints (domain)), FALSE);

  create_chain (domain, 3);
  assert_tree (tree, "c000000+");
  expand (tree, 0);
  assert_tree (tree, "c000000- c000011+");
  create (domain, "x");
  assert_tree (tree, "c000000- c000011+");
  expand (tree, 1);
  assert_tree (tree, "c000000- c000011- c000022+");
  delete (domain, "x", 0);
  assert_tree (tree, "c000000- c000011- c000022");
  delete (domain, "c00000", 0);
  assert_tree (tree, "c000010+");
}

/* A row that is announced again is not selected any more. */
static void
test_selected (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (GtkSingleSelection) selection = gtk_single_selection_new (NULL);
  g_autoptr (GtkTreeListModel) tree =
      make_tree (load (vck_domain_get_root_checkpoints (domain)), TRUE);

  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_model (selection, G_LIST_MODEL (tree));
  create_chain (domain, 3);
  support_drain (NULL);
  gtk_single_selection_set_selected (selection, 1);
  create (domain, "x");
  support_drain (NULL);
  g_assert_cmpuint (gtk_single_selection_get_selected (selection), ==, 1);
  gtk_single_selection_set_selected (selection, 3);
  create (domain, "y");
  support_drain (NULL);
  g_assert_cmpuint (gtk_single_selection_get_selected (selection), ==, GTK_INVALID_LIST_POSITION);
}

/* --- other models --- */

/* Sorted by an expression of a property, filtered by a function. */
static gboolean
is_short_cb (gpointer checkpoint, gpointer data)
{
  return strlen (vck_checkpoint_get_name (checkpoint)) == 1;
}

static void
test_sorted (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  GtkExpression *name = gtk_property_expression_new (VCK_TYPE_CHECKPOINT, NULL, "name");
  GtkSortListModel *sorted =
      gtk_sort_list_model_new (G_LIST_MODEL (load (vck_domain_get_checkpoints (domain))),
                               GTK_SORTER (gtk_string_sorter_new (name)));
  g_autoptr (GtkFilterListModel) shown = gtk_filter_list_model_new (
      G_LIST_MODEL (sorted), GTK_FILTER (gtk_custom_filter_new (is_short_cb, NULL, NULL)));
  g_autoptr (VckCheckpoint) first = NULL;

  create (domain, "b");
  create (domain, "ab");
  create (domain, "a");
  support_drain (NULL);
  first = g_list_model_get_item (G_LIST_MODEL (shown), 0);
  g_assert_cmpstr (vck_checkpoint_get_name (first), ==, "a");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (shown)), ==, 2);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (sorted)), ==, 3);
  delete (domain, "a", 0);
  support_drain (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (shown)), ==, 1);
}

/* --- windows --- */

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer is_tree)
{
  GtkWidget *child = gtk_label_new (NULL);

  if (is_tree)
    {
      GtkWidget *expander = gtk_tree_expander_new ();

      gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), child);
      child = expander;
    }
  gtk_list_item_set_child (item, child);
}

static void
bind_name_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  GtkTreeListRow *row = gtk_list_item_get_item (item);
  g_autoptr (VckCheckpoint) checkpoint = gtk_tree_list_row_get_item (row);

  gtk_tree_expander_set_list_row (expander, row);
  gtk_label_set_text (GTK_LABEL (gtk_tree_expander_get_child (expander)),
                      vck_checkpoint_get_name (checkpoint));
}

static void
unbind_name_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

static void
bind_size_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  g_autoptr (VckCheckpoint) checkpoint = gtk_tree_list_row_get_item (gtk_list_item_get_item (item));

  g_object_set_data (G_OBJECT (item), "binding",
                     g_object_bind_property (checkpoint, "size", gtk_list_item_get_child (item),
                                             "label", G_BINDING_SYNC_CREATE));
}

static void
unbind_size_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  g_binding_unbind (g_object_steal_data (G_OBJECT (item), "binding"));
}

static void
add_column (GtkColumnView *table,
            const char *title,
            gboolean is_tree,
            gpointer bind_cb,
            gpointer unbind_cb)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (title, factory);

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GINT_TO_POINTER (is_tree));
  g_signal_connect (factory, "bind", bind_cb, NULL);
  g_signal_connect (factory, "unbind", unbind_cb, NULL);
  gtk_column_view_append_column (table, column);
}

/* A window with the tree of the checkpoints, all expanded, and what was measured of them. */
static GtkWidget *
open_window (VckDomain *domain)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkTreeListModel *tree = make_tree (vck_domain_get_root_checkpoints (domain), TRUE);
  GtkWidget *table =
      gtk_column_view_new (GTK_SELECTION_MODEL (gtk_single_selection_new (G_LIST_MODEL (tree))));

  add_column (GTK_COLUMN_VIEW (table), "Name", TRUE, bind_name_cb, unbind_name_cb);
  add_column (GTK_COLUMN_VIEW (table), "Size", FALSE, bind_size_cb, unbind_size_cb);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), table);
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 300);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
wait_until_shown (GtkWidget *window, const char *expected)
{
  g_autofree char *shown = shown_describe (window);

  while (!g_str_equal (shown, expected))
    {
      g_main_context_iteration (NULL, TRUE);
      g_free (shown);
      shown = shown_describe (window);
    }
}

#define HEAD "Name | Size\n"

/* Rows that are shown change, come, move up and go. */
static void
test_shown (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  GtkWidget *window = open_window (domain);
  g_autoptr (GPtrArray) measured = NULL;
  g_autoptr (GError) error = NULL;

  wait_until_shown (window, HEAD);
  create (domain, "a");
  wait_until_shown (window, HEAD ". a | -1\n");
  create (domain, "b");
  wait_until_shown (window, HEAD "- a | -1\n  . b | -1\n");
  measured = vck_domain_measure_checkpoints (domain, NULL, &error);
  g_assert_no_error (error);
  wait_until_shown (window, HEAD "- a | 0\n  . b | 0\n");
  create (domain, "c");
  wait_until_shown (window, HEAD "- a | 0\n  - b | 0\n    . c | -1\n");
  delete (domain, "b", 0);
  wait_until_shown (window, HEAD "- a | 0\n  . c | -1\n");
  delete (domain, "a", 0);
  wait_until_shown (window, HEAD ". c | -1\n");
  support_undefine (domain);
  wait_until_shown (window, HEAD);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A chain of 10,000 is as deep as it is long. */
static void
test_long (void)
{
  const guint n = 10000;
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) roots = vck_domain_get_root_checkpoints (domain);
  g_autoptr (GtkTreeListModel) tree = NULL;
  GtkWidget *window = NULL;
  gint64 start;

  create_chain (domain, n);
  start = g_get_monotonic_time ();
  tree = make_tree (load (g_object_ref (roots)), TRUE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tree)), ==, n);
  window = open_window (domain);
  create (domain, "last");
  delete (domain, "c00001", 0);
  delete (domain, "c00000", 0);
  support_drain (NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tree)), ==, n - 1);
  delete (domain, "c00002", VCK_CHECKPOINT_DELETE_CHILDREN);
  wait_until_shown (window, HEAD);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tree)), ==, 0);
  gtk_window_destroy (GTK_WINDOW (window));
  g_test_message ("%u rows: %" G_GINT64_FORMAT " ms", n, (g_get_monotonic_time () - start) / 1000);
}

/* Drops a reference and runs the main context until the object is finalized: the end of a load may
 * still be on its way. */
static void
wait_until_dead (gpointer object /* (transfer full) */)
{
  GWeakRef weak;
  gpointer alive;

  g_weak_ref_init (&weak, object);
  g_object_unref (object);
  while ((alive = g_weak_ref_get (&weak)) != NULL)
    {
      g_object_unref (alive);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_weak_ref_clear (&weak);
}

/* The widget holds the list and with it the domain; neither these nor the connection hold it. */
static void
test_lives (void)
{
  VckConnection *connection = support_open ();
  VckDomain *domain = support_lookup_test (connection);
  VckCheckpointList *roots = vck_domain_get_root_checkpoints (domain);
  GtkWidget *window = open_window (domain);

  create (domain, "a");
  wait_until_shown (window, HEAD ". a | -1\n");
  g_object_add_weak_pointer (G_OBJECT (roots), (gpointer *) &roots);
  g_object_unref (roots);
  g_assert_nonnull (roots);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_null (roots);
  wait_until_dead (domain);
  wait_until_dead (connection);
}

/* Destroyed at various points of the load: nothing is left, and nothing is reported to it. */
static void
test_closed_during_load (void)
{
  for (guint n = 0; n < 10; n++)
    {
      VckConnection *connection = support_open ();
      VckDomain *domain = support_lookup_test (connection);
      GtkWidget *window = NULL;

      create_chain (domain, 20);
      window = open_window (domain);
      for (guint i = 0; i < n; i++)
        g_main_context_iteration (NULL, FALSE);
      gtk_window_destroy (GTK_WINDOW (window));
      wait_until_dead (domain);
      wait_until_dead (connection);
    }
}

static void
error_cb (VckCheckpointList *list, GParamSpec *pspec, gpointer window)
{
  gtk_window_set_title (window, vck_checkpoint_list_get_error (list)->message);
}

/* Closed: what is shown stays, and the list says why. */
static void
test_connection_closed (void)
{
  g_autoptr (VckConnection) connection = support_open ();
  g_autoptr (VckDomain) domain = support_lookup_test (connection);
  g_autoptr (VckCheckpointList) roots = vck_domain_get_root_checkpoints (domain);
  GtkWidget *window = open_window (domain);

  g_assert_true (vck_checkpoint_list_is_loading (roots));
  g_signal_connect (roots, "notify::error", G_CALLBACK (error_cb), window);
  create (domain, "a");
  wait_until_shown (window, HEAD ". a | -1\n");
  while (vck_checkpoint_list_is_loading (roots))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (vck_connection_close (connection, NULL));
  while (gtk_window_get_title (GTK_WINDOW (window)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  wait_until_shown (window, HEAD ". a | -1\n");
  g_signal_handlers_disconnect_by_data (roots, window);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  g_test_add_func ("/vck/gtk/tree", test_tree);
  g_test_add_func ("/vck/gtk/leaf", test_leaf);
  g_test_add_func ("/vck/gtk/expanded", test_expanded);
  g_test_add_func ("/vck/gtk/selected", test_selected);
  g_test_add_func ("/vck/gtk/sorted", test_sorted);
  g_test_add_func ("/vck/gtk/shown", test_shown);
  g_test_add_func ("/vck/gtk/long", test_long);
  g_test_add_func ("/vck/gtk/lives", test_lives);
  g_test_add_func ("/vck/gtk/closed-during-load", test_closed_during_load);
  g_test_add_func ("/vck/gtk/connection-closed", test_connection_closed);
  return g_test_run ();
}
