/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Shows the domains (virtual machines) of a connection and their checkpoints in a window, and
 * follows them. */

#include <gtk/gtk.h>
#include <locale.h>
#include <vck/vck.h>

/* A row with an empty list could be expanded: domains may have one, checkpoints without children
 * have none. */
static GListModel *
children_cb (gpointer item, gpointer data)
{
  GListModel *children = VCK_IS_DOMAIN (item)
                             ? G_LIST_MODEL (vck_domain_get_root_checkpoints (item))
                             : G_LIST_MODEL (vck_checkpoint_get_children (item));

  if (VCK_IS_CHECKPOINT (item) && g_list_model_get_n_items (children) == 0)
    g_clear_object (&children);
  return children;
}

static gboolean
show_cb (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  if (G_VALUE_HOLDS_ENUM (from))
    g_value_set_static_string (
        to, g_enum_get_value (g_type_class_peek (G_VALUE_TYPE (from)), g_value_get_enum (from))
                ->value_nick);
  else if (!G_VALUE_HOLDS_INT64 (from))
    g_value_copy (from, to);
  else if (g_value_get_int64 (from) >= 0)
    g_value_take_string (to, g_format_size ((guint64) g_value_get_int64 (from)));
  return TRUE;
}

/* Shows a property of the rows that have it, and follows it. */
static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, gpointer name)
{
  GtkTreeListRow *row = gtk_list_item_get_item (item);
  g_autoptr (GObject) thing = gtk_tree_list_row_get_item (row);
  const gboolean is_name = g_str_equal (name, "name"), is_size = g_str_equal (name, "size");
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "hexpand", TRUE, "xalign", is_size ? 1.0 : 0.0,
                                   "width-chars", is_name ? -1 : 12, NULL);
  GtkWidget *expander = g_object_new (GTK_TYPE_TREE_EXPANDER, "child", label, NULL);

  if (is_name)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (expander), row);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (thing), name) != NULL)
    g_object_bind_property_full (thing, name, label, "label", G_BINDING_SYNC_CREATE, show_cb, NULL,
                                 NULL, NULL);
  gtk_list_item_set_child (item, expander);
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, NULL);
}

static void
add_column (GtkWidget *table, const char *title, const char *name)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (title, factory);

  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), (gpointer) name);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  gtk_column_view_column_set_expand (column, g_str_equal (name, "name"));
  gtk_column_view_append_column (GTK_COLUMN_VIEW (table), column);
}

/* What was measured comes as changes of the properties. When it fails, what is shown stays. */
static gboolean
measure_cb (gpointer domains)
{
  for (guint i = 0; i < g_list_model_get_n_items (domains); i++)
    {
      g_autoptr (VckDomain) domain = g_list_model_get_item (domains, i);

      vck_domain_measure_checkpoints_async (domain, NULL, NULL, NULL);
    }
  return G_SOURCE_CONTINUE;
}

static void
error_cb (VckDomainList *domains, GParamSpec *pspec, GtkWindow *window)
{
  const GError *error = vck_domain_list_get_error (domains);

  gtk_window_set_title (window, error != NULL ? error->message : "Checkpoints");
}

static void
show_window (VckDomainList *domains)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GtkTreeListModel *tree = gtk_tree_list_model_new (g_object_ref (G_LIST_MODEL (domains)), FALSE,
                                                    TRUE, children_cb, NULL, NULL);
  GtkNoSelection *rows = gtk_no_selection_new (G_LIST_MODEL (tree));
  GtkWidget *table = gtk_column_view_new (GTK_SELECTION_MODEL (rows));
  GtkWidget *window =
      g_object_new (GTK_TYPE_WINDOW, "title", "Checkpoints", "titlebar", gtk_header_bar_new (),
                    "child", g_object_new (GTK_TYPE_SCROLLED_WINDOW, "child", table, NULL),
                    "default-width", 560, "default-height", 360, NULL);

  add_column (table, "Name", "name");
  add_column (table, "State", "state");
  add_column (table, "Size", "size");
  g_signal_connect_swapped (window, "close-request", G_CALLBACK (g_main_loop_quit), loop);
  g_signal_connect_object (domains, "notify::error", G_CALLBACK (error_cb), window, 0);
  g_timeout_add_seconds (2, measure_cb, domains);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
}

int
main (int argc, char **argv)
{
  const gboolean help = argc == 2 && g_str_equal (argv[1], "--help");
  g_autoptr (GError) error = NULL;
  g_autoptr (VckConnection) connection = NULL;
  g_autoptr (VckDomainList) domains = NULL;

  setlocale (LC_ALL, "");
  if (argc > 2 || (argc == 2 && argv[1][0] == '-'))
    {
      (help ? g_print : g_printerr) ("usage: %s [URI]\n", argv[0]);
      return help ? 0 : 1;
    }
  connection = vck_connection_open (argv[1], VCK_CONNECTION_READ_ONLY, NULL, &error);
  if (connection == NULL)
    {
      g_printerr ("window: %s\n", error->message);
      return 1;
    }
  gtk_init ();
  domains = vck_connection_get_domains (connection);
  show_window (domains);
  return 0;
}
