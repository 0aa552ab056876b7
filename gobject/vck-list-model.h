/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What the list classes have in common as classes: the interface of a list model, and the
 * properties `n-items`, `loading` and `error`. Each documents them for itself.
 */

#pragma once

#include "vck-list.h"

/* What their objects begin with. */
typedef struct
{
  GObject parent_instance;
  VckList *list; /* owned; immutable once made */
} VckListModel;

/* The numbers of the properties; those of the class follow. */
enum
{
  VCK_LIST_PROP_N_ITEMS = 1,
  VCK_LIST_PROP_LOADING,
  VCK_LIST_PROP_ERROR,
  VCK_LIST_N_PROPS
};

/* For G_IMPLEMENT_INTERFACE(). */
void vck_list_model_init_interface (gpointer iface, gpointer unused);

void vck_list_model_install_properties (GObjectClass *klass);
/* False if the property is not one of those above. */
gboolean vck_list_model_get_property (GObject *object, guint id, GValue *value);

/* Replaces the list. */
void vck_list_model_set_list (gpointer model, VckList *list /* (transfer full) (nullable) */);
