/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "shown.h"

static void
append_label (GString *text, GtkWidget *label)
{
  const char last = text->len > 0 ? text->str[text->len - 1] : '\n';

  g_string_append_printf (text, "%s%s", last != '\n' && last != ' ' ? " | " : "",
                          gtk_label_get_text (GTK_LABEL (label)));
}

static void
append_expander (GString *text, GtkWidget *expander)
{
  GtkTreeListRow *row = gtk_tree_expander_get_list_row (GTK_TREE_EXPANDER (expander));

  if (row == NULL)
    return;
  g_string_append_printf (text, "%*s%s ", (int) (2 * gtk_tree_list_row_get_depth (row)), "",
                          !gtk_tree_list_row_is_expandable (row) ? "."
                          : gtk_tree_list_row_get_expanded (row) ? "-"
                                                                 : "+");
}

static gboolean
is_line (GtkWidget *widget)
{
  const char *name = gtk_widget_get_css_name (widget);

  return g_str_equal (name, "row") || g_str_equal (name, "header")
         || g_str_equal (name, "headerbar");
}

static void
append_widget (GString *text, GtkWidget *widget, gboolean in_line)
{
  const gsize before = text->len;

  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget))
    append_label (text, widget);
  if (GTK_IS_TREE_EXPANDER (widget))
    append_expander (text, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    append_widget (text, child, in_line || is_line (widget));
  if (!in_line && text->len > before && text->str[text->len - 1] != '\n')
    g_string_append_c (text, '\n');
}

char *
shown_describe (GtkWidget *window)
{
  GString *text = g_string_new (NULL);

  append_widget (text, window, FALSE);
  return g_string_free (text, FALSE);
}
