/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit-metadata.h"

#include <string.h>

#include "gir-node.h"
#include "python-type.h"

#define GIO_ERROR "GLib.IOError"

typedef struct
{
  char *name;        /* of the namespace */
  GHashTable *kinds; /* name of a type -> the word of the element, such as "bitfield" */
  char *errors;      /* "Vck.Error", what every call may throw, or NULL */
  GString *out;
} Metadata;

static char *
metadata_type_name (xmlNode *node)
{
  xmlNode *type = bg_gir_child (node, "type");

  return type != NULL ? bg_gir_string (type, "name") : NULL;
}

static gboolean
is_callable (const xmlNode *node)
{
  return bg_gir_is (node, "method") || bg_gir_is (node, "function")
         || bg_gir_is (node, "constructor");
}

/* For the callback of an asynchronous call and its data, which Vala makes itself. */
static gboolean
is_made_by_vala (const char *type)
{
  return g_strcmp0 (type, "Gio.AsyncReadyCallback") == 0 || g_strcmp0 (type, "gpointer") == 0;
}

/* Of the parameters at the end, up to the first that has none: as in Python. */
static void
metadata_put_defaults (Metadata *self, xmlNode *function, const char *path)
{
  xmlNode *list = bg_gir_child (function, "parameters");
  gboolean flags_follow = FALSE;

  for (xmlNode *child = list != NULL ? list->last : NULL; child != NULL; child = child->prev)
    {
      const gboolean is_parameter = bg_gir_is (child, "parameter");
      g_autofree char *name = is_parameter ? bg_gir_string (child, "name") : NULL;
      g_autofree char *type = is_parameter ? metadata_type_name (child) : NULL;
      const char *value = NULL;

      if (!is_parameter || is_made_by_vala (type))
        continue;
      value = bg_python_default (child, self->kinds, flags_follow);
      if (value == NULL)
        return;
      g_string_append_printf (self->out, "%s.%s default=%s\n", path, name,
                              strcmp (value, "None") == 0 ? "null" : value);
      flags_follow = flags_follow || bg_python_is_flags (child, self->kinds);
    }
}

static gboolean
has_cancellable (xmlNode *function)
{
  xmlNode *list = bg_gir_child (function, "parameters");

  for (xmlNode *child = list != NULL ? list->children : NULL; child != NULL; child = child->next)
    {
      g_autofree char *type = bg_gir_is (child, "parameter") ? metadata_type_name (child) : NULL;

      if (g_strcmp0 (type, "Gio.Cancellable") == 0)
        return TRUE;
    }
  return FALSE;
}

/* The function that begins the call whose result another one gets; that itself otherwise. */
static xmlNode *
metadata_find_beginning (xmlNode *function)
{
  g_autofree char *name = bg_gir_string (function, "name");
  g_autofree char *begin = NULL;

  if (!g_str_has_suffix (name, "_finish"))
    return function;
  begin = g_strdup_printf ("%.*s_async", (int) (strlen (name) - strlen ("_finish")), name);
  for (xmlNode *child = function->parent->children; child != NULL; child = child->next)
    {
      g_autofree char *other = is_callable (child) ? bg_gir_string (child, "name") : NULL;

      if (g_strcmp0 (other, begin) == 0)
        return child;
    }
  return function;
}

/* A call that can be cancelled also reports that, by the error of GIO. */
static void
metadata_put_errors (Metadata *self, xmlNode *function)
{
  if (self->errors == NULL || !bg_gir_bool (function, "throws"))
    return;
  g_string_append_printf (self->out, " throws=\"%s%s\"", self->errors,
                          has_cancellable (metadata_find_beginning (function)) ? "," GIO_ERROR
                                                                               : "");
}

/* An array that is handed over frees its elements itself: its annotation is "container" because
 * of other languages, and then Vala would take the elements for borrowed ones. */
static void
metadata_put_elements (Metadata *self, xmlNode *function)
{
  xmlNode *ret = bg_gir_child (function, "return-value");
  xmlNode *array = ret != NULL ? bg_gir_child (ret, "array") : NULL;
  g_autofree char *transfer = ret != NULL ? bg_gir_string (ret, "transfer-ownership") : NULL;
  g_autofree char *kind = array != NULL ? bg_gir_string (array, "name") : NULL;
  g_autofree char *element = array != NULL ? metadata_type_name (array) : NULL;

  if (g_strcmp0 (kind, "GLib.PtrArray") == 0 && g_strcmp0 (transfer, "container") == 0
      && element != NULL)
    g_string_append_printf (self->out, " type_arguments=\"%s\"",
                            g_strcmp0 (element, "utf8") == 0 ? "string" : element);
}

/* `path` leads to it: "Checkpoint.list_disks" */
static void
metadata_put_function (Metadata *self, xmlNode *function, const char *path)
{
  const gsize start = self->out->len;
  gsize bare = 0;

  g_string_append_printf (self->out, "%s", path);
  bare = self->out->len;
  metadata_put_errors (self, function);
  metadata_put_elements (self, function);
  if (self->out->len > bare)
    g_string_append_c (self->out, '\n');
  else
    g_string_truncate (self->out, start);
  metadata_put_defaults (self, function, path);
}

/* A property can be NULL if its getter can return that. */
static void
metadata_put_property (Metadata *self, xmlNode *property, const char *path)
{
  g_autofree char *getter = bg_gir_string (property, "getter");

  for (xmlNode *child = property->parent->children; child != NULL; child = child->next)
    {
      xmlNode *ret = bg_gir_is (child, "method") ? bg_gir_child (child, "return-value") : NULL;
      g_autofree char *name = ret != NULL ? bg_gir_string (child, "name") : NULL;

      if (name != NULL && g_strcmp0 (name, getter) == 0 && bg_gir_bool (ret, "nullable"))
        g_string_append_printf (self->out, "%s nullable\n", path);
    }
}

/* The functions and properties of a namespace, or of a type in it. */
static void
metadata_put_children (Metadata *self, xmlNode *parent, const char *prefix)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      const gboolean is_known = is_callable (child) || bg_gir_is (child, "property");
      g_autofree char *name = is_known ? bg_gir_string (child, "name") : NULL;
      g_autofree char *moved = is_known ? bg_gir_string (child, "moved-to") : NULL;
      g_autofree char *path = NULL;

      if (name == NULL || moved != NULL)
        continue;
      path = g_strdup_printf ("%s%s#%s", prefix, name, (const char *) child->name);
      g_strdelimit (path, "-", '_');
      if (is_callable (child))
        metadata_put_function (self, child, path);
      else
        metadata_put_property (self, child, path);
    }
}

static void
metadata_read_errors (Metadata *self, xmlNode *namespace)
{
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func (g_free);

  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      const gboolean is_enum = bg_gir_is (child, "enumeration");
      g_autofree char *domain = is_enum ? bg_gir_prefixed_string (child, "error-domain") : NULL;
      g_autofree char *name = domain != NULL ? bg_gir_string (child, "name") : NULL;

      if (name != NULL)
        g_ptr_array_add (errors, g_strdup_printf ("%s.%s", self->name, name));
    }
  g_ptr_array_add (errors, NULL);
  self->errors = errors->len > 1 ? g_strjoinv (",", (char **) errors->pdata) : NULL;
}

char *
bg_emit_metadata (xmlNode *namespace)
{
  Metadata self = { 0 };

  self.name = bg_gir_string (namespace, "name");
  self.kinds = bg_gir_kinds (namespace);
  self.out = g_string_new ("// SPDX-License-Identifier: LGPL-2.1-or-later\n"
                           "// Made by vck-bindgen: change the headers, not this file.\n\n");
  metadata_read_errors (&self, namespace);
  metadata_put_children (&self, namespace, "");
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      g_autofree char *name =
          child->type == XML_ELEMENT_NODE ? bg_gir_string (child, "name") : NULL;
      g_autofree char *prefix = name != NULL ? g_strconcat (name, ".", NULL) : NULL;

      if (prefix != NULL && !is_callable (child))
        metadata_put_children (&self, child, prefix);
    }
  g_free (self.name);
  g_free (self.errors);
  g_hash_table_unref (self.kinds);
  return g_string_free (self.out, FALSE);
}
