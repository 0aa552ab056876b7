/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-list-model.h"

VckList *
vck_list_of (gpointer model)
{
  return ((VckListModel *) model)->list;
}

static GType
list_model_get_item_type (GListModel *model)
{
  return vck_list_get_item_type (vck_list_of (model));
}

static guint
list_model_get_n_items (GListModel *model)
{
  return vck_rows_get_length (vck_list_get_rows (vck_list_of (model)));
}

static gpointer
list_model_get_item (GListModel *model, guint position)
{
  return vck_rows_get (vck_list_get_rows (vck_list_of (model)), position);
}

void
vck_list_model_init_interface (gpointer iface, gpointer unused)
{
  GListModelInterface *model = iface;

  model->get_item_type = list_model_get_item_type;
  model->get_n_items = list_model_get_n_items;
  model->get_item = list_model_get_item;
}

void
vck_list_model_install_properties (GObjectClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (klass, VCK_LIST_PROP_N_ITEMS,
                                   g_param_spec_uint ("n-items", "Number of items",
                                                      "The number of items in the list", 0,
                                                      G_MAXUINT, 0, flags));
  g_object_class_install_property (klass, VCK_LIST_PROP_LOADING,
                                   g_param_spec_boolean ("loading", "Loading",
                                                         "Whether the list is being loaded", FALSE,
                                                         flags));
  g_object_class_install_property (
      klass, VCK_LIST_PROP_ERROR,
      g_param_spec_boxed ("error", "Error",
                          "Why the last load failed, or that the connection is closed",
                          G_TYPE_ERROR, flags));
}

gboolean
vck_list_model_get_property (GObject *object, guint id, GValue *value)
{
  VckList *list = vck_list_of (object);

  switch (id)
    {
    case VCK_LIST_PROP_N_ITEMS:
      g_value_set_uint (value, vck_rows_get_length (vck_list_get_rows (list)));
      return TRUE;
    case VCK_LIST_PROP_LOADING:
      g_value_set_boolean (value, vck_list_is_loading (list));
      return TRUE;
    case VCK_LIST_PROP_ERROR:
      g_value_set_boxed (value, vck_list_get_error (list));
      return TRUE;
    default:
      return FALSE;
    }
}

void
vck_list_model_set_list (gpointer model, VckList *list)
{
  VckListModel *self = model;

  g_clear_pointer (&self->list, vck_list_free);
  self->list = list;
}
