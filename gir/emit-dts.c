/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit-dts.h"

#include <string.h>

#include "dts-type.h"
#include "gir-node.h"

#define BANNER                                                                                     \
  "// SPDX-License-Identifier: LGPL-2.1-or-later\n"                                                \
  "//\n"                                                                                           \
  "// Made by vck-bindgen: change the headers, or what is written by hand, instead.\n\n"

#define IMPORTS                                                                                    \
  "  import type Gio from 'gi://Gio?version=2.0';\n"                                               \
  "  import type GLib from 'gi://GLib?version=2.0';\n"                                             \
  "  import type GObject from 'gi://GObject?version=2.0';\n\n"

#define INDENT "    "
#define MEMBER "      "

typedef struct
{
  GHashTable *kinds; /* name of a type -> the word of the element, such as "bitfield" */
  GString *out;
} Dts;

static xmlNode *
dts_find_function (xmlNode *parent, const char *name)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      const gboolean is_function = bg_gir_is (child, "method") || bg_gir_is (child, "function");
      g_autofree char *found = is_function ? bg_gir_string (child, "name") : NULL;

      if (found != NULL && g_strcmp0 (found, name) == 0)
        return child;
    }
  return NULL;
}

static char *
dts_result (xmlNode *function)
{
  xmlNode *ret = function != NULL ? bg_gir_child (function, "return-value") : NULL;

  return ret != NULL ? bg_dts_type (ret) : g_strdup ("void");
}

/* Without a callback, a promise of what the finish function returns; with one, as in C. What has a
 * default may be left out before the callback too. */
static void
dts_put_async (Dts *self, xmlNode *function, const char *name, const char *words)
{
  const gboolean is_static = bg_gir_is (function, "function");
  g_autoptr (GPtrArray) params = bg_dts_params (function, self->kinds);
  g_autofree char *base = g_strndup (name, strlen (name) - strlen ("_async"));
  g_autofree char *finish = g_strconcat (base, "_finish", NULL);
  g_autofree char *result = dts_result (dts_find_function (function->parent, finish));
  g_autofree char *all = bg_dts_list_params (params);

  g_string_append_printf (self->out, "%s%s(%s): Promise<%s>;\n", words, name, all, result);
  for (guint n = bg_dts_count_required (params); n <= params->len; n++)
    {
      g_autofree char *given = bg_dts_list_given (params, n);

      g_string_append_printf (
          self->out,
          "%s%s(%s%scallback: %s(source: %s, result: Gio.AsyncResult) => void%s): void;\n", words,
          name, given, n > 0 ? ", " : "", n == params->len ? "(" : "", is_static ? "null" : "this",
          n == params->len ? ") | null" : "");
    }
}

/* `words` stand before the name. */
static void
dts_put_function (Dts *self, xmlNode *function, const char *words)
{
  g_autofree char *name = bg_gir_string (function, "name");
  g_autoptr (GPtrArray) params = bg_dts_params (function, self->kinds);
  g_autofree char *list = bg_dts_list_params (params);
  g_autofree char *result = dts_result (function);

  if (g_str_has_suffix (name, "_async"))
    dts_put_async (self, function, name, words);
  else
    g_string_append_printf (self->out, "%s%s(%s): %s;\n", words, name, list, result);
}

/* "refreshInterval" of "refresh-interval" */
static char *
dts_camel (const char *nick)
{
  GString *out = g_string_new (NULL);

  for (const char *c = nick; *c != '\0'; c++)
    g_string_append_c (out, *c != '-' ? *c : g_ascii_toupper (*++c));
  return g_string_free (out, FALSE);
}

/* The type of a property is that of its getter, which may return NULL. */
static char *
dts_property_type (xmlNode *property)
{
  g_autofree char *getter_name = bg_gir_string (property, "getter");
  xmlNode *getter = getter_name != NULL ? dts_find_function (property->parent, getter_name) : NULL;

  return getter != NULL ? dts_result (getter) : bg_dts_type (property);
}

static void
dts_put_property (Dts *self, xmlNode *property)
{
  g_autofree char *nick = bg_gir_string (property, "name");
  g_autofree char *camel = dts_camel (nick);
  g_autofree char *name = g_strdelimit (g_strdup (nick), "-", '_');
  g_autofree char *type = dts_property_type (property);
  const gboolean writable =
      bg_gir_bool (property, "writable") && !bg_gir_bool (property, "construct-only");
  const char *words = writable ? "" : "readonly ";

  g_string_append_printf (self->out, MEMBER "%s%s: %s;\n", words, name, type);
  if (strcmp (camel, name) != 0)
    g_string_append_printf (self->out, MEMBER "%s%s: %s;\n", words, camel, type);
}

/* Only what has a constructor can be made by a program. */
static void
dts_put_constructor (Dts *self, xmlNode *klass)
{
  if (bg_gir_child (klass, "constructor") == NULL)
    {
      g_string_append (self->out, MEMBER "private constructor();\n");
      return;
    }
  g_string_append (self->out, MEMBER "constructor(properties?: {");
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "property") && bg_gir_bool (child, "writable"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");
        g_autofree char *name = dts_camel (nick);
        g_autofree char *input = bg_dts_input (child, self->kinds);
        g_autofree char *type =
            g_str_has_suffix (input, ".Input") ? g_strdup (input) : dts_property_type (child);

        g_string_append_printf (self->out, " %s?: %s;", name, type);
      }
  g_string_append (self->out, " });\n");
}

/* "connect(signal: 'ended', callback: (self: this, state: JobState) => void): number;" */
static void
dts_put_signal (Dts *self, xmlNode *signal, const char *connect)
{
  g_autofree char *name = bg_gir_string (signal, "name");
  g_autofree char *result = dts_result (signal);
  xmlNode *list = bg_gir_child (signal, "parameters");

  g_string_append_printf (self->out, MEMBER "%s(signal: '%s', callback: (self: this", connect,
                          name);
  for (xmlNode *child = list != NULL ? list->children : NULL; child != NULL; child = child->next)
    if (bg_gir_is (child, "parameter"))
      {
        g_autofree char *param = bg_gir_string (child, "name");
        g_autofree char *type = bg_dts_type (child);

        g_string_append_printf (self->out, ", %s: %s", param, type);
      }
  g_string_append_printf (self->out, ") => %s): number;\n", result);
}

static void
dts_put_notify (Dts *self, xmlNode *klass, const char *connect)
{
  g_string_append_printf (self->out, MEMBER "%s(signal: 'notify'", connect);
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "property"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");

        g_string_append_printf (self->out, " | 'notify::%s'", nick);
      }
  g_string_append (self->out,
                   ", callback: (self: this, pspec: GObject.ParamSpec) => void): number;\n");
}

static void
dts_put_signals (Dts *self, xmlNode *klass)
{
  const char *const ways[] = { "connect", "connect_after" };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      for (xmlNode *child = klass->children; child != NULL; child = child->next)
        if (bg_gir_is (child, "signal"))
          dts_put_signal (self, child, ways[i]);
      dts_put_notify (self, klass, ways[i]);
    }
}

static void
dts_put_class (Dts *self, xmlNode *klass, const char *name)
{
  g_autofree char *parent = bg_gir_string (klass, "parent");

  g_string_append_printf (self->out, INDENT "class %s extends %s {\n", name, parent);
  g_string_append_printf (self->out, MEMBER "static readonly $gtype: GObject.GType<%s>;\n", name);
  dts_put_constructor (self, klass);
  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "property"))
      dts_put_property (self, child);
    else if (bg_gir_is (child, "method") && !bg_gir_is_shadowed (child))
      dts_put_function (self, child, MEMBER);
    else if (bg_gir_is (child, "function") || bg_gir_is (child, "constructor"))
      dts_put_function (self, child, MEMBER "static ");
  dts_put_signals (self, klass);
  g_string_append (self->out, INDENT "}\n");
}

/* A plain struct; GJS frees it. */
static void
dts_put_record (Dts *self, xmlNode *record, const char *name)
{
  g_autoptr (GString) fields = g_string_new (NULL);

  g_string_append_printf (self->out, INDENT "class %s {\n", name);
  g_string_append_printf (self->out, MEMBER "static readonly $gtype: GObject.GType<%s>;\n", name);
  for (xmlNode *child = record->children; child != NULL; child = child->next)
    {
      g_autofree char *own = child->type == XML_ELEMENT_NODE ? bg_gir_string (child, "name") : NULL;
      g_autofree char *type = bg_gir_is (child, "field") ? bg_dts_type (child) : NULL;

      if (type != NULL)
        {
          g_string_append_printf (self->out, MEMBER "%s: %s;\n", own, type);
          g_string_append_printf (fields, " %s?: %s;", own, type);
        }
      else if (bg_gir_is (child, "method") && g_strcmp0 (own, "free") != 0)
        dts_put_function (self, child, MEMBER);
    }
  g_string_append_printf (self->out, MEMBER "constructor(fields?: {%s });\n" INDENT "}\n",
                          fields->str);
}

static void
dts_put_names (Dts *self, xmlNode *bitfield)
{
  const char *separator = "";

  for (xmlNode *child = bitfield->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "member"))
      {
        g_autofree char *name = bg_gir_string (child, "name");
        g_autofree char *upper = g_ascii_strup (name, -1);
        g_autofree char *nick = bg_gir_prefixed_string (child, "nick");

        g_string_append_printf (self->out, "%s'%s' | '%s'", separator, upper, nick);
        separator = " | ";
      }
}

/* Of flags: also what a parameter of that type takes. */
static void
dts_put_enum (Dts *self, xmlNode *node, const char *name)
{
  g_string_append_printf (self->out, INDENT "enum %s {\n", name);
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "member"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");
        g_autofree char *upper = g_ascii_strup (nick, -1);
        g_autofree char *value = bg_gir_string (child, "value");

        g_string_append_printf (self->out, MEMBER "%s = %s,\n", upper, value);
      }
  g_string_append_printf (
      self->out, INDENT "}\n" INDENT "namespace %s {\n" MEMBER "const $gtype: GObject.GType<%s>;\n",
      name, name);
  if (bg_gir_is (node, "bitfield"))
    {
      g_string_append (self->out, MEMBER "type Name = ");
      dts_put_names (self, node);
      g_string_append_printf (self->out,
                              ";\n" MEMBER "type Input = %s | Name | readonly Input[];\n", name);
    }
  g_string_append (self->out, INDENT "}\n");
}

/* The codes are in the class of the errors. */
static void
dts_put_errors (Dts *self, xmlNode *node, const char *name)
{
  g_string_append_printf (self->out, INDENT "class %s extends GLib.Error {\n", name);
  g_string_append_printf (self->out, MEMBER "static readonly $gtype: GObject.GType<%s>;\n", name);
  g_string_append (self->out, MEMBER "constructor(options: { message: string; code: number });\n");
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "member"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");
        g_autofree char *upper = g_ascii_strup (nick, -1);

        g_string_append_printf (self->out, MEMBER "static readonly %s: number;\n", upper);
      }
    else if (bg_gir_is (child, "function"))
      dts_put_function (self, child, MEMBER "static ");
  g_string_append (self->out, INDENT "}\n");
}

static void
dts_put_symbol (Dts *self, xmlNode *node, const char *name)
{
  g_autofree char *domain = bg_gir_prefixed_string (node, "error-domain");
  g_autofree char *class_of = bg_gir_prefixed_string (node, "is-gtype-struct-for");

  if (bg_gir_is (node, "class"))
    dts_put_class (self, node, name);
  else if (domain != NULL)
    dts_put_errors (self, node, name);
  else if (bg_gir_is (node, "bitfield") || bg_gir_is (node, "enumeration"))
    dts_put_enum (self, node, name);
  else if (bg_gir_is (node, "function"))
    dts_put_function (self, node, INDENT "function ");
  else if (bg_gir_is (node, "record") && class_of == NULL)
    dts_put_record (self, node, name);
  else if (bg_gir_is (node, "constant"))
    {
      g_autofree char *type = bg_dts_type (node);

      g_string_append_printf (self->out, INDENT "const %s: %s;\n", name, type);
    }
}

/* The module without a version, and the namespace as `imports.gi` has it. */
static void
dts_put_aliases (Dts *self, const char *name, const char *module)
{
  g_string_append_printf (self->out,
                          "declare module 'gi://%s' {\n  import %s from '%s';\n"
                          "  export default %s;\n}\n\n"
                          "interface GjsGiImports {\n  %s: typeof import('%s').default;\n}\n",
                          name, name, module, name, name, module);
}

char *
bg_emit_dts (xmlNode *namespace, const char *extra)
{
  Dts self = { .kinds = bg_gir_kinds (namespace), .out = g_string_new (BANNER) };
  g_autofree char *name = bg_gir_string (namespace, "name");
  g_autofree char *version = bg_gir_string (namespace, "version");
  g_autofree char *module = g_strdup_printf ("gi://%s?version=%s", name, version);

  g_string_append_printf (self.out, "declare module '%s' {\n" IMPORTS "  namespace %s {\n", module,
                          name);
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    {
      g_autofree char *own = child->type == XML_ELEMENT_NODE ? bg_gir_string (child, "name") : NULL;

      if (own != NULL)
        dts_put_symbol (&self, child, own);
    }
  g_string_append_printf (self.out, "%s  }\n\n  export default %s;\n}\n\n", extra, name);
  dts_put_aliases (&self, name, module);
  g_hash_table_unref (self.kinds);
  return g_string_free (self.out, FALSE);
}
