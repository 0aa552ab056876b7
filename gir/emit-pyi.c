/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit-pyi.h"

#include <string.h>

#include "gir-node.h"
#include "pyi-signals.h"
#include "python-doc.h"
#include "python-type.h"

#define BODY "    "
#define BANNER                                                                                     \
  "# SPDX-License-Identifier: LGPL-2.1-or-later\n"                                                 \
  "#\n"                                                                                            \
  "# Made by vck-bindgen: change the headers, or what is written by hand, instead.\n\n"

typedef struct
{
  char *name;        /* of the namespace */
  GHashTable *kinds; /* name of a type -> the word of the element, such as "bitfield" */
  const BgExtra *extra;
  GString *stub;
  GString *docs;
} Pyi;

typedef struct
{
  char *name;
  char *type;
  const char *value; /* the default, or NULL */
} Param;

static void
param_free (gpointer data)
{
  Param *param = data;

  g_free (param->name);
  g_free (param->type);
  g_free (param);
}

static xmlNode *
pyi_find_child (xmlNode *parent, const char *element, const char *name)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      g_autofree char *found = bg_gir_is (child, element) ? bg_gir_string (child, "name") : NULL;

      if (g_strcmp0 (found, name) == 0 && found != NULL)
        return child;
    }
  return NULL;
}

static void
pyi_add_doc (Pyi *self, const char *path, const char *text)
{
  g_string_append_printf (self->docs, BODY "'%s': ", path);
  bg_python_quote (self->docs, text, "");
  g_string_append (self->docs, ",\n");
}

static void
doc_add_item (GString *out, const char *head, const char *text, const char *namespace)
{
  g_autofree char *doc = text != NULL ? bg_python_doc (text, namespace) : NULL;
  g_auto (GStrv) lines = doc != NULL ? g_strsplit (doc, "\n", -1) : NULL;

  if (lines == NULL)
    return;
  g_string_append_printf (out, "\n%s: %s", head, lines[0] != NULL ? g_strstrip (lines[0]) : "");
  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    g_string_append_printf (out, "\n    %s", g_strstrip (lines[i]));
}

/* Of a function: its description, its parameters and what it returns. */
static char *
pyi_function_doc (const Pyi *self, xmlNode *function)
{
  g_autofree char *text = bg_gir_doc (function);
  g_autofree char *description = bg_python_doc (text != NULL ? text : "", self->name);
  xmlNode *params = bg_gir_child (function, "parameters");
  xmlNode *ret = bg_gir_child (function, "return-value");
  g_autofree char *ret_doc = ret != NULL ? bg_gir_doc (ret) : NULL;
  GString *out = g_string_new (description);

  g_string_append_c (out, '\n');
  for (xmlNode *child = params != NULL ? params->children : NULL; child != NULL;
       child = child->next)
    if (bg_gir_is (child, "parameter"))
      {
        g_autofree char *name = bg_gir_string (child, "name");
        g_autofree char *doc = bg_gir_doc (child);

        doc_add_item (out, name, doc, self->name);
      }
  doc_add_item (out, "Returns", ret_doc, self->name);
  return g_strchomp (g_string_free (out, FALSE));
}

/* Writes the docstring, and puts it into the table. */
static void
pyi_put_doc (Pyi *self,
             const char *class_name,
             const char *name,
             const char *text,
             const char *indent)
{
  g_autofree char *path =
      class_name != NULL ? g_strdup_printf ("%s.%s", class_name, name) : g_strdup (name);

  pyi_add_doc (self, path, text);
  g_string_append (self->stub, indent);
  bg_python_quote (self->stub, text, indent);
  g_string_append_c (self->stub, '\n');
}

static gboolean
is_callback (const char *name)
{
  return strcmp (name, "callback") == 0 || strcmp (name, "user_data") == 0;
}

static Param *
pyi_param_new (const Pyi *self, xmlNode *node)
{
  Param *param = g_new0 (Param, 1);

  param->name = bg_gir_string (node, "name");
  param->type = bg_python_input (node, self->kinds);
  return param;
}

/* The parameters before the callback, of which those at the end have the defaults there are. */
static GPtrArray *
pyi_read_params (const Pyi *self, xmlNode *function)
{
  GPtrArray *params = g_ptr_array_new_with_free_func (param_free);
  xmlNode *list = bg_gir_child (function, "parameters");
  gboolean with_defaults = TRUE;
  gboolean flags_follow = FALSE;

  for (xmlNode *child = list != NULL ? list->last : NULL; child != NULL; child = child->prev)
    {
      Param *param = bg_gir_is (child, "parameter") ? pyi_param_new (self, child) : NULL;

      if (param == NULL || is_callback (param->name))
        {
          g_clear_pointer (&param, param_free);
          continue;
        }
      if (with_defaults)
        param->value = bg_python_default (child, self->kinds, flags_follow);
      with_defaults = with_defaults && param->value != NULL;
      flags_follow |= bg_python_is_flags (child, self->kinds);
      g_ptr_array_insert (params, 0, param);
    }
  return params;
}

/* "def name(self, a: str, b: int = ..." without the closing parenthesis */
static void
pyi_open_def (Pyi *self,
              const char *indent,
              const char *name,
              gboolean is_static,
              GPtrArray *params,
              gboolean with_defaults)
{
  const char *separator = "";

  if (is_static && *indent != '\0')
    g_string_append_printf (self->stub, "%s@staticmethod\n", indent);
  g_string_append_printf (self->stub, "%sdef %s(", indent, name);
  if (!is_static)
    {
      g_string_append (self->stub, "self");
      separator = ", ";
    }
  for (guint i = 0; i < params->len; i++)
    {
      const Param *param = g_ptr_array_index (params, i);

      g_string_append_printf (self->stub, "%s%s: %s", separator, param->name, param->type);
      if (with_defaults && param->value != NULL)
        g_string_append_printf (self->stub, " = %s", param->value);
      separator = ", ";
    }
}

static char *
pyi_result_type (xmlNode *function)
{
  xmlNode *ret = bg_gir_child (function, "return-value");

  return ret != NULL ? bg_python_type (ret) : g_strdup ("None");
}

/* Without a callback, something to await is returned; it has the result of the finish function. */
static void
pyi_put_async (Pyi *self,
               xmlNode *klass,
               const char *class_name,
               xmlNode *function,
               const char *name)
{
  const gboolean is_static = bg_gir_is (function, "function");
  g_autoptr (GPtrArray) params = pyi_read_params (self, function);
  g_autofree char *doc = pyi_function_doc (self, function);
  g_autofree char *base = g_strndup (name, strlen (name) - strlen ("_async"));
  g_autofree char *finish_name = g_strconcat (base, "_finish", NULL);
  xmlNode *finish = pyi_find_child (klass, is_static ? "function" : "method", finish_name);
  g_autofree char *result = finish != NULL ? pyi_result_type (finish) : g_strdup ("None");
  g_autofree char *source = is_static ? g_strdup ("None") : g_strdup (class_name);

  g_string_append (self->stub, BODY "@overload\n");
  pyi_open_def (self, BODY, name, is_static, params, TRUE);
  g_string_append_printf (self->stub, ") -> _Call[%s]:\n", result);
  pyi_put_doc (self, class_name, name, doc, BODY BODY);
  g_string_append (self->stub, BODY "@overload\n");
  pyi_open_def (self, BODY, name, is_static, params, FALSE);
  g_string_append_printf (self->stub,
                          ", callback: Callable[..., object], *user_data: Any) -> None: ...\n");
  g_string_append (self->stub, BODY "@overload\n");
  pyi_open_def (self, BODY, name, is_static, params, TRUE);
  g_string_append_printf (
      self->stub, ", *, callback: Callable[[%s, Gio.AsyncResult], object]) -> None: ...\n", source);
}

static void
pyi_put_function (Pyi *self, xmlNode *klass, const char *class_name, xmlNode *function)
{
  const gboolean is_static = !bg_gir_is (function, "method");
  g_autofree char *name = bg_gir_string (function, "name");
  g_autoptr (GPtrArray) params = pyi_read_params (self, function);
  g_autofree char *doc = pyi_function_doc (self, function);
  g_autofree char *result = pyi_result_type (function);
  const char *indent = class_name != NULL ? BODY : "";
  g_autofree char *deeper = g_strconcat (indent, BODY, NULL);

  if (g_str_has_suffix (name, "_async"))
    {
      pyi_put_async (self, klass, class_name, function, name);
      return;
    }
  pyi_open_def (self, indent, name, is_static, params, TRUE);
  g_string_append_printf (self->stub, ") -> %s:\n", result);
  pyi_put_doc (self, class_name, name, doc, deeper);
}

/* The type of a property is that of its getter, which may return NULL. */
static char *
pyi_property_type (xmlNode *klass, xmlNode *property)
{
  g_autofree char *getter_name = bg_gir_string (property, "getter");
  xmlNode *getter = getter_name != NULL ? pyi_find_child (klass, "method", getter_name) : NULL;

  return getter != NULL ? pyi_result_type (getter) : bg_python_type (property);
}

static void
pyi_put_property (Pyi *self, xmlNode *klass, const char *class_name, xmlNode *property)
{
  g_autofree char *nick = bg_gir_string (property, "name");
  g_autofree char *name = g_strdelimit (g_strdup (nick), "-", '_');
  g_autofree char *type = pyi_property_type (klass, property);
  g_autofree char *text = bg_gir_doc (property);
  g_autofree char *doc = bg_python_doc (text != NULL ? text : "", self->name);
  GString *shown = g_string_new (type);

  if (bg_extra_has (self->extra, class_name, name))
    {
      g_string_free (shown, TRUE);
      return;
    }
  g_string_replace (shown, "GLib.DateTime", "datetime.datetime", 0);
  g_string_append_printf (self->stub, BODY "@property\n" BODY "def %s(self) -> %s:\n", name,
                          shown->str);
  pyi_put_doc (self, class_name, name, doc, BODY BODY);
  if (bg_gir_bool (property, "writable") && !bg_gir_bool (property, "construct-only"))
    g_string_append_printf (self->stub,
                            BODY "@%s.setter\n" BODY "def %s(self, value: %s) -> None: ...\n", name,
                            name, shown->str);
  g_string_free (shown, TRUE);
}

/* `props` has the values as PyGObject has them. */
static void
pyi_put_props (Pyi *self, xmlNode *klass)
{
  if (bg_gir_child (klass, "property") == NULL)
    return;
  g_string_append (self->stub, BODY "class Props(GObject.Object.Props):\n");
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "property"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");
        g_autofree char *type = pyi_property_type (klass, child);

        g_string_append_printf (self->stub, BODY BODY "%s: %s\n", g_strdelimit (nick, "-", '_'),
                                type);
      }
  g_string_append (self->stub, BODY "@property\n" BODY "def props(self) -> Props: ...\n");
}

static char *
pyi_bases (xmlNode *klass)
{
  GString *out = g_string_new (NULL);
  g_autofree char *parent = bg_gir_string (klass, "parent");

  g_string_append (out, parent != NULL ? parent : "GObject.GBoxed");
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "implements"))
      {
        g_autofree char *name = bg_gir_string (child, "name");

        g_string_append_printf (out, ", %s", name);
      }
  return g_string_free (out, FALSE);
}

static void
pyi_open_class (Pyi *self, xmlNode *node, const char *name, const char *bases)
{
  g_autofree char *text = bg_gir_doc (node);
  g_autofree char *doc = bg_python_doc (text != NULL ? text : "", self->name);

  g_string_append_printf (self->stub, "\n%sclass %s(%s):\n",
                          bg_gir_bool (node, "final") ? "@final\n" : "", name, bases);
  pyi_put_doc (self, NULL, name, doc, BODY);
  g_string_append (self->stub, bg_extra_body (self->extra, name));
}

static void
pyi_put_field (Pyi *self, xmlNode *field)
{
  g_autofree char *name = bg_gir_string (field, "name");
  g_autofree char *type = bg_python_type (field);

  g_string_append_printf (self->stub, BODY "%s: %s\n", name, type);
}

static void
pyi_put_class (Pyi *self, xmlNode *klass, const char *name)
{
  g_autofree char *bases = pyi_bases (klass);

  pyi_open_class (self, klass, name, bases);
  pyi_put_props (self, klass);
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    {
      g_autofree char *own = child->type == XML_ELEMENT_NODE ? bg_gir_string (child, "name") : NULL;

      if (own == NULL || bg_extra_has (self->extra, name, own) || bg_gir_is_shadowed (child))
        continue;
      if (bg_gir_is (child, "method") || bg_gir_is (child, "function")
          || bg_gir_is (child, "constructor"))
        pyi_put_function (self, klass, name, child);
      else if (bg_gir_is (child, "property"))
        pyi_put_property (self, klass, name, child);
      else if (bg_gir_is (child, "field"))
        pyi_put_field (self, child);
    }
  bg_pyi_put_signals (self->stub, klass, name);
}

static void
pyi_put_members (Pyi *self, xmlNode *node, const char *type)
{
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "member"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");
        g_autofree char *name = g_ascii_strup (nick, -1);

        g_string_append_printf (self->stub, BODY "%s: ClassVar[%s]\n", name, type);
      }
}

/* What a parameter of that type takes: members, names, several of them, or 0. */
static void
pyi_put_flags_alias (Pyi *self, xmlNode *node, const char *name)
{
  g_string_append_printf (self->stub, "_%sName: TypeAlias = Literal[", name);
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "member"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");
        g_autofree char *upper = g_ascii_strup (nick, -1);

        g_string_append_printf (self->stub, "'%s', ", upper);
      }
  g_string_truncate (self->stub, self->stub->len - strlen (", "));
  g_string_append_printf (
      self->stub, "]\n_%s: TypeAlias = %s | _%sName | Literal[0] | Iterable[%s | _%sName]\n", name,
      name, name, name, name);
}

static const char *const operators[] = { "or", "and", "xor" };

static void
pyi_put_enum (Pyi *self, xmlNode *node, const char *name)
{
  const gboolean flags = bg_gir_is (node, "bitfield");
  g_autofree char *domain = bg_gir_prefixed_string (node, "error-domain");
  g_autofree char *own = domain != NULL ? g_strconcat (name, "Code", NULL) : g_strdup (name);

  pyi_open_class (self, node, own, flags ? "GObject.GFlags" : "GObject.GEnum");
  pyi_put_members (self, node, own);
  for (gsize i = 0; flags && i < G_N_ELEMENTS (operators); i++)
    g_string_append_printf (self->stub, BODY "def __%s__(self, other: int) -> %s: ...\n",
                            operators[i], own);
  if (flags)
    pyi_put_flags_alias (self, node, name);
  if (domain == NULL)
    return;
  g_string_append_printf (self->stub, "\n%s",
                          ((GString *) g_hash_table_lookup (self->extra->classes, name))->str);
  pyi_put_members (self, node, own);
}

static void
pyi_put_constant (Pyi *self, xmlNode *node, const char *name)
{
  g_autofree char *type = bg_python_type (node);

  g_string_append_printf (self->stub, "%s: %s\n", name, type);
}

static void
pyi_put_symbol (Pyi *self, xmlNode *node, const char *name)
{
  if (bg_gir_is (node, "class"))
    pyi_put_class (self, node, name);
  else if (bg_gir_is (node, "bitfield") || bg_gir_is (node, "enumeration"))
    pyi_put_enum (self, node, name);
  else if (bg_gir_is (node, "function"))
    pyi_put_function (self, node, NULL, node);
  else if (bg_gir_is (node, "constant"))
    pyi_put_constant (self, node, name);
  else if (bg_gir_is (node, "record"))
    {
      g_autofree char *class_struct = bg_gir_prefixed_string (node, "is-gtype-struct-for");

      if (class_struct == NULL)
        pyi_put_class (self, node, name);
    }
}

static void
pyi_put_extra_classes (Pyi *self)
{
  for (guint i = 0; i < self->extra->names->len; i++)
    {
      const char *name = g_ptr_array_index (self->extra->names, i);
      const GString *text = g_hash_table_lookup (self->extra->classes, name);

      if (!g_hash_table_contains (self->kinds, name))
        g_string_append_printf (self->stub, "\n%s", text->str);
    }
}

/* An error domain is a class that is written by hand, to which the codes are added. */
static gboolean
pyi_check_errors (xmlNode *namespace, const BgExtra *extra, GError **error)
{
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      const gboolean is_element = child->type == XML_ELEMENT_NODE;
      g_autofree char *domain = is_element ? bg_gir_prefixed_string (child, "error-domain") : NULL;
      g_autofree char *name = domain != NULL ? bg_gir_string (child, "name") : NULL;

      if (name != NULL && !g_hash_table_contains (extra->classes, name))
        {
          g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                       "the codes of the errors '%s' have no class; "
                       "add 'class %s(GLib.Error)' to the file of --extra",
                       name, name);
          return FALSE;
        }
    }
  return TRUE;
}

char *
bg_emit_pyi (xmlNode *namespace, const BgExtra *extra, char **ret_docs, GError **error)
{
  Pyi self = { .extra = extra };

  if (!pyi_check_errors (namespace, extra, error))
    return NULL;
  self.name = bg_gir_string (namespace, "name");
  self.kinds = bg_gir_kinds (namespace);
  self.stub = g_string_new (BANNER);
  self.docs = g_string_new (BANNER "DOCS = {\n");
  g_string_append (self.stub, extra->head->str);
  pyi_put_extra_classes (&self);
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      g_autofree char *name =
          child->type == XML_ELEMENT_NODE ? bg_gir_string (child, "name") : NULL;

      if (name != NULL)
        pyi_put_symbol (&self, child, name);
    }
  g_string_append (self.docs, "}\n");
  g_free (self.name);
  g_hash_table_unref (self.kinds);
  *ret_docs = g_string_free (self.docs, FALSE);
  return g_string_free (self.stub, FALSE);
}
