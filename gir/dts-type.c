/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "dts-type.h"

#include <string.h>

#include "gir-node.h"
#include "python-type.h"

static const struct
{
  const char *gir;
  const char *dts;
} dts_types[] = {
  { "none", "void" },         { "utf8", "string" },    { "filename", "string" },
  { "gboolean", "boolean" },  { "gint", "number" },    { "guint", "number" },
  { "gint64", "number" },     { "guint64", "number" }, { "gdouble", "number" },
  { "GLib.Quark", "number" },
};

static char *
dts_type_name (xmlNode *type)
{
  g_autofree char *name = bg_gir_string (type, "name");

  for (gsize i = 0; i < G_N_ELEMENTS (dts_types); i++)
    if (g_strcmp0 (name, dts_types[i].gir) == 0)
      return g_strdup (dts_types[i].dts);
  return name != NULL ? g_steal_pointer (&name) : g_strdup ("unknown");
}

/* What a list that is an object holds: the annotation "bindgen.element" of the property, or of the
 * function that returns it, says it. */
static char *
dts_element (xmlNode *node)
{
  xmlNode *owner = bg_gir_is (node, "return-value") ? node->parent : node;

  for (xmlNode *child = owner->children; child != NULL; child = child->next)
    {
      g_autofree char *name = bg_gir_is (child, "attribute") ? bg_gir_string (child, "name") : NULL;

      if (g_strcmp0 (name, "bindgen.element") == 0)
        return bg_gir_string (child, "value");
    }
  return NULL;
}

static char *
dts_type_bare (xmlNode *node)
{
  xmlNode *array = bg_gir_child (node, "array");
  xmlNode *type = bg_gir_child (array != NULL ? array : node, "type");
  g_autofree char *name = type != NULL ? dts_type_name (type) : g_strdup ("unknown");
  g_autofree char *element = dts_element (node);

  if (array != NULL)
    return g_strconcat (name, "[]", NULL);
  return element != NULL ? g_strdup_printf ("%s<%s> & Iterable<%s>", name, element, element)
                         : g_steal_pointer (&name);
}

static char *
dts_or_null (xmlNode *node, const char *type)
{
  return bg_gir_bool (node, "nullable") ? g_strconcat (type, " | null", NULL) : g_strdup (type);
}

char *
bg_dts_type (xmlNode *node)
{
  g_autofree char *type = dts_type_bare (node);

  return dts_or_null (node, type);
}

char *
bg_dts_input (xmlNode *param, GHashTable *kinds)
{
  g_autofree char *type = dts_type_bare (param);

  if (bg_python_is_flags (param, kinds))
    return g_strconcat (type, ".Input", NULL);
  return dts_or_null (param, type);
}

static void
dts_param_free (gpointer data)
{
  BgDtsParam *param = data;

  g_free (param->name);
  g_free (param->type);
  g_free (param);
}

static gboolean
is_before_callback (xmlNode *node)
{
  g_autofree char *name = bg_gir_is (node, "parameter") ? bg_gir_string (node, "name") : NULL;

  return name != NULL && strcmp (name, "callback") != 0 && strcmp (name, "user_data") != 0;
}

GPtrArray *
bg_dts_params (xmlNode *function, GHashTable *kinds)
{
  GPtrArray *params = g_ptr_array_new_with_free_func (dts_param_free);
  xmlNode *list = bg_gir_child (function, "parameters");
  gboolean optional = TRUE;
  gboolean flags_follow = FALSE;

  for (xmlNode *child = list != NULL ? list->last : NULL; child != NULL; child = child->prev)
    {
      BgDtsParam *param = NULL;

      if (!is_before_callback (child))
        continue;
      optional = optional && bg_python_default (child, kinds, flags_follow) != NULL;
      flags_follow |= bg_python_is_flags (child, kinds);
      param = g_new0 (BgDtsParam, 1);
      param->name = bg_gir_string (child, "name");
      param->type = bg_dts_input (child, kinds);
      param->optional = optional;
      g_ptr_array_insert (params, 0, param);
    }
  return params;
}

guint
bg_dts_count_required (GPtrArray *params)
{
  guint n = params->len;

  while (n > 0 && ((BgDtsParam *) g_ptr_array_index (params, n - 1))->optional)
    n--;
  return n;
}

static char *
dts_list (GPtrArray *params, guint n, const char *optional_name, const char *optional_type)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      const BgDtsParam *param = g_ptr_array_index (params, i);

      g_string_append_printf (out, "%s%s%s: %s%s", i > 0 ? ", " : "", param->name,
                              param->optional ? optional_name : "", param->type,
                              param->optional ? optional_type : "");
    }
  return g_string_free (out, FALSE);
}

char *
bg_dts_list_params (GPtrArray *params)
{
  return dts_list (params, params->len, "?", "");
}

char *
bg_dts_list_given (GPtrArray *params, guint n)
{
  return dts_list (params, n, "", " | undefined");
}
