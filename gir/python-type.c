/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "python-type.h"

#include <string.h>

#include "gir-node.h"

static const struct
{
  const char *gir;
  const char *python;
} python_types[] = {
  { "none", "None" },     { "utf8", "str" },       { "filename", "str" },    { "gboolean", "bool" },
  { "gint", "int" },      { "guint", "int" },      { "gint64", "int" },      { "guint64", "int" },
  { "gdouble", "float" }, { "GLib.Quark", "int" }, { "gpointer", "object" },
};

/* Parameters that PyGObject gets as a string and that are the path of a file. */
static const char *const paths[] = { "path", "socket", "to", NULL };

static char *
python_type_name (xmlNode *type)
{
  g_autofree char *name = bg_gir_string (type, "name");

  for (gsize i = 0; i < G_N_ELEMENTS (python_types); i++)
    if (g_strcmp0 (name, python_types[i].gir) == 0)
      return g_strdup (python_types[i].python);
  return name != NULL ? g_steal_pointer (&name) : g_strdup ("object");
}

static char *
python_type_bare (xmlNode *node)
{
  xmlNode *type = bg_gir_child (node, "type");
  xmlNode *array = bg_gir_child (node, "array");
  xmlNode *element = array != NULL ? bg_gir_child (array, "type") : NULL;
  g_autofree char *name = NULL;

  if (type != NULL)
    return python_type_name (type);
  name = element != NULL ? python_type_name (element) : g_strdup ("object");
  return g_strdup_printf ("list[%s]", name);
}

static char *
python_type_or_none (xmlNode *node, const char *type)
{
  return bg_gir_bool (node, "nullable") ? g_strconcat (type, " | None", NULL) : g_strdup (type);
}

char *
bg_python_type (xmlNode *node)
{
  g_autofree char *type = python_type_bare (node);

  return python_type_or_none (node, type);
}

gboolean
bg_python_is_flags (xmlNode *param, GHashTable *kinds)
{
  g_autofree char *type = python_type_bare (param);

  return g_strcmp0 (g_hash_table_lookup (kinds, type), "bitfield") == 0;
}

char *
bg_python_input (xmlNode *param, GHashTable *kinds)
{
  g_autofree char *name = bg_gir_string (param, "name");
  g_autofree char *type = python_type_bare (param);

  if (bg_python_is_flags (param, kinds))
    return g_strconcat ("_", type, NULL);
  if (g_strv_contains (paths, name))
    return python_type_or_none (param, "str | os.PathLike[str]");
  return python_type_or_none (param, type);
}

const char *
bg_python_default (xmlNode *param, GHashTable *kinds, gboolean flags_follow)
{
  g_autofree char *type = python_type_bare (param);

  if (bg_python_is_flags (param, kinds))
    return "0";
  if (bg_gir_bool (param, "nullable"))
    return "None";
  return flags_follow && strcmp (type, "int") == 0 ? "0" : NULL;
}
