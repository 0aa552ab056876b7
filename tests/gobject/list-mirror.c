/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "list-mirror.h"

static void
changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  ListMirror *self = data;

  g_assert_cmpuint (removed + added, >, 0);
  g_string_append_printf (self->log, "%u-%u+%u ", position, removed, added);
  if (removed > 0)
    g_ptr_array_remove_range (self->rows, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->rows, (gint) (position + i),
                        g_list_model_get_item (model, position + i));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, self->rows->len);
}

void
list_mirror_start (ListMirror *self, gpointer model)
{
  self->model = g_object_ref (model);
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->log = g_string_new (NULL);
  for (guint i = 0; i < g_list_model_get_n_items (self->model); i++)
    g_ptr_array_add (self->rows, g_list_model_get_item (self->model, i));
  g_signal_connect (model, "items-changed", G_CALLBACK (changed_cb), self);
}

void
list_mirror_clear (ListMirror *self)
{
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  if (self->log != NULL)
    g_string_free (g_steal_pointer (&self->log), TRUE);
}

void
list_mirror_assert_exact (const ListMirror *self)
{
  g_assert_cmpuint (g_list_model_get_n_items (self->model), ==, self->rows->len);
  for (guint i = 0; i < self->rows->len; i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (self->model, i);

      g_assert_true (row == self->rows->pdata[i]);
    }
  g_assert_null (g_list_model_get_item (self->model, self->rows->len));
}

void
list_mirror_assert (ListMirror *self, const char *names, const char *log)
{
  g_autoptr (GString) found = g_string_new (NULL);

  list_mirror_assert_exact (self);
  for (guint i = 0; i < self->rows->len; i++)
    {
      GObjectClass *klass = G_OBJECT_GET_CLASS (self->rows->pdata[i]);
      const char *property =
          g_object_class_find_property (klass, "target") != NULL ? "target" : "name";
      g_autofree char *name = NULL;

      g_object_get (self->rows->pdata[i], property, &name, NULL);
      g_string_append_printf (found, "%s%s", i > 0 ? " " : "", name);
    }
  g_assert_cmpstr (found->str, ==, names);
  g_assert_cmpstr (self->log->str, ==, log);
  g_string_truncate (self->log, 0);
}
