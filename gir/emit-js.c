/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit-js.h"

#include <string.h>

#include "gir-node.h"
#include "python-type.h"

#define BANNER                                                                                     \
  "// SPDX-License-Identifier: LGPL-2.1-or-later\n"                                                \
  "//\n"                                                                                           \
  "// Made by vck-bindgen: change the headers instead.\n\n"                                        \
  "// The methods of each class that have defaults. Of each argument: the default (null or 0),\n"  \
  "// the name of a type of flags, whose default is 0, or undefined if it must be given.\n"

/* One argument as the table has it; NULL if it has no default. */
static char *
js_default (xmlNode *param, GHashTable *kinds, gboolean flags_follow)
{
  const char *value = bg_python_default (param, kinds, flags_follow);
  g_autofree char *type = NULL;

  if (!bg_python_is_flags (param, kinds))
    return value != NULL ? g_strdup (strcmp (value, "None") == 0 ? "null" : value) : NULL;
  type = bg_python_type (param);
  return g_strdup_printf ("'%s'", type);
}

static gboolean
is_given (xmlNode *param)
{
  g_autofree char *name = bg_gir_is (param, "parameter") ? bg_gir_string (param, "name") : NULL;

  return name != NULL && strcmp (name, "callback") != 0 && strcmp (name, "user_data") != 0;
}

/* The arguments before the callback, in order; NULL if there is no default. Only those at the end
 * may be left out. */
static char *
js_arguments (xmlNode *function, GHashTable *kinds)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  xmlNode *list = bg_gir_child (function, "parameters");
  gboolean flags_follow = FALSE;
  gboolean optional = TRUE;
  gboolean any = FALSE;

  g_ptr_array_add (values, NULL);
  for (xmlNode *child = list != NULL ? list->last : NULL; child != NULL; child = child->prev)
    {
      g_autofree char *value = NULL;

      if (!is_given (child))
        continue;
      value = optional ? js_default (child, kinds, flags_follow) : NULL;
      optional = value != NULL;
      any |= optional;
      flags_follow |= bg_python_is_flags (child, kinds);
      g_ptr_array_insert (values, 0, optional ? g_steal_pointer (&value) : g_strdup ("undefined"));
    }
  return any ? g_strjoinv (", ", (char **) values->pdata) : NULL;
}

static void
js_put_class (GString *out, xmlNode *klass, GHashTable *kinds)
{
  g_autofree char *class_name = bg_gir_string (klass, "name");

  if (class_name == NULL)
    return;
  g_string_append_printf (out, "  %s: {\n", class_name);
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    {
      const gboolean is_function = bg_gir_is (child, "method") || bg_gir_is (child, "function")
                                   || bg_gir_is (child, "constructor");
      g_autofree char *arguments = is_function ? js_arguments (child, kinds) : NULL;
      g_autofree char *name = arguments != NULL ? bg_gir_string (child, "name") : NULL;

      if (name != NULL)
        g_string_append_printf (out, "    %s: [%s],\n", name, arguments);
    }
  g_string_append (out, "  },\n");
}

static void
js_put_enumerations (GString *out, xmlNode *namespace)
{
  g_string_append (out, "\nvar enumerations = [\n");
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      const gboolean is_enum = bg_gir_is (child, "enumeration") || bg_gir_is (child, "bitfield");
      g_autofree char *domain = is_enum ? bg_gir_prefixed_string (child, "error-domain") : NULL;
      g_autofree char *name = is_enum && domain == NULL ? bg_gir_string (child, "name") : NULL;

      if (name != NULL)
        g_string_append_printf (out, "  '%s',\n", name);
    }
  g_string_append (out, "];\n");
}

char *
bg_emit_js (xmlNode *namespace)
{
  g_autoptr (GHashTable) kinds = bg_gir_kinds (namespace);
  GString *out = g_string_new (BANNER "var defaults = {\n");

  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "class"))
      js_put_class (out, child, kinds);
  g_string_append (out, "};\n");
  js_put_enumerations (out, namespace);
  return g_string_free (out, FALSE);
}
