/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "reader-gir.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#define MAX_BYTES (64 * 1024 * 1024)
#define ANNOTATION "bindgen."

typedef struct
{
  const char *path; /* of the GIR file */
  BgApi *api;
  BgProblems *problems;
} Reader;

typedef BgSymbol *(*ReadSymbol) (Reader *reader, xmlNode *node);

static gboolean
is_element (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, name) == 0;
}

static xmlNode *
find_child (xmlNode *node, const char *name)
{
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (is_element (child, name))
      return child;
  return NULL;
}

static char *
get_attribute (xmlNode *node, const char *name, gboolean in_namespace)
{
  for (xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
    if ((attr->ns != NULL) == in_namespace && strcmp ((const char *) attr->name, name) == 0)
      {
        xmlChar *value = xmlNodeListGetString (node->doc, attr->children, 1);
        char *copy = g_strdup (value != NULL ? (const char *) value : "");

        xmlFree (value);
        return copy;
      }
  return NULL;
}

static char *
get_string (xmlNode *node, const char *name)
{
  return get_attribute (node, name, FALSE);
}

/* "c:NAME". */
static char *
get_c_string (xmlNode *node, const char *name)
{
  return get_attribute (node, name, TRUE);
}

static gboolean
get_bool (xmlNode *node, const char *name)
{
  g_autofree char *value = get_string (node, name);

  return g_strcmp0 (value, "1") == 0;
}

static int
get_number (xmlNode *node, const char *name)
{
  g_autofree char *value = get_string (node, name);
  guint64 number = 0;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT / 2, &number, NULL))
    return -1;
  return (int) number;
}

static char *
get_doc (xmlNode *node)
{
  xmlNode *doc = find_child (node, "doc");
  xmlChar *content = doc != NULL ? xmlNodeGetContent (doc) : NULL;
  char *copy = g_strdup ((const char *) content);

  xmlFree (content);
  return copy;
}

/* Where the child `where` of the node says that the node was declared, else `fallback`. */
static BgLocation
get_location (xmlNode *node, const char *where, BgLocation fallback)
{
  xmlNode *position = find_child (node, where);
  char *file = position != NULL ? get_string (position, "filename") : NULL;

  if (file == NULL)
    return (BgLocation){ g_strdup (fallback.file), fallback.line };
  return (BgLocation){ file, (guint) MAX (get_number (position, "line"), 0) };
}

static void
read_attributes (xmlNode *node, GHashTable *attributes)
{
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (is_element (child, "attribute"))
      {
        g_autofree char *name = get_string (child, "name");

        if (name != NULL && g_str_has_prefix (name, ANNOTATION))
          g_hash_table_replace (attributes, g_strdup (name + strlen (ANNOTATION)),
                                get_string (child, "value"));
      }
}

static BgType *
read_plain_type (xmlNode *node)
{
  BgType *type = bg_type_new ();

  type->name = get_string (node, "name");
  type->c_type = get_c_string (node, "type");
  return type;
}

static BgType *
read_array (xmlNode *node)
{
  g_autofree char *terminated = get_string (node, "zero-terminated");
  xmlNode *element = find_child (node, "type");
  BgType *type = bg_type_new ();

  type->c_type = get_c_string (node, "type");
  type->element = element != NULL ? read_plain_type (element) : bg_type_new ();
  type->length = get_number (node, "length");
  /* The scanner leaves the attribute out where it is implied. */
  if (terminated != NULL)
    type->zero_terminated = strcmp (terminated, "1") == 0;
  else
    type->zero_terminated = type->length < 0 && get_number (node, "fixed-size") < 0;
  return type;
}

static BgType *
read_type (xmlNode *node)
{
  xmlNode *plain = find_child (node, "type");
  xmlNode *array = find_child (node, "array");

  if (plain != NULL)
    return read_plain_type (plain);
  return array != NULL ? read_array (array) : bg_type_new ();
}

static BgParam *
read_param (xmlNode *node, const BgSymbol *function)
{
  BgParam *param = bg_param_new ();
  g_autofree char *direction = get_string (node, "direction");

  param->name = get_string (node, "name");
  param->doc = get_doc (node);
  param->location = get_location (node, "doc", function->location);
  param->type = read_type (node);
  param->transfer = get_string (node, "transfer-ownership");
  param->inout = g_strcmp0 (direction, "inout") == 0;
  param->out = param->inout || g_strcmp0 (direction, "out") == 0;
  param->caller_allocates = get_bool (node, "caller-allocates");
  param->optional = get_bool (node, "optional");
  param->nullable = get_bool (node, "nullable");
  read_attributes (node, param->attributes);
  if (param->name == NULL)
    param->name = g_strdup (is_element (node, "parameter") ? "..." : "return value");
  if (param->transfer == NULL)
    param->transfer = g_strdup ("none");
  return param;
}

/* GIR counts parameters behind the instance; we count it in. */
static void
shift_lengths (GPtrArray *params)
{
  for (guint i = 0; i < params->len; i++)
    {
      BgParam *param = g_ptr_array_index (params, i);

      if (param->type->length >= 0)
        param->type->length++;
    }
}

static void
read_params (xmlNode *node, BgSymbol *symbol)
{
  xmlNode *list = find_child (node, "parameters");
  gboolean instance = FALSE;

  for (xmlNode *child = list != NULL ? list->children : NULL; child != NULL; child = child->next)
    {
      instance |= is_element (child, "instance-parameter");
      if (is_element (child, "instance-parameter") || is_element (child, "parameter"))
        g_ptr_array_add (symbol->params, read_param (child, symbol));
    }
  if (instance)
    shift_lengths (symbol->params);
}

static void
read_common (Reader *reader, xmlNode *node, BgSymbol *symbol)
{
  g_autofree char *file = g_path_get_basename (reader->path);
  BgLocation here = { file, (guint) xmlGetLineNo (node) };

  symbol->gir_name = get_string (node, "name");
  symbol->what = g_strdup ((const char *) node->name);
  symbol->doc = get_doc (node);
  symbol->since = get_string (node, "version");
  symbol->location = get_location (node, "source-position", here);
  read_attributes (node, symbol->attributes);
}

static BgSymbol *
read_function (Reader *reader, xmlNode *node)
{
  BgSymbol *symbol = bg_symbol_new (BG_SYMBOL_FUNCTION);
  xmlNode *ret = find_child (node, "return-value");

  read_common (reader, node, symbol);
  symbol->name = get_c_string (node, "identifier");
  read_params (node, symbol);
  symbol->ret = read_param (ret != NULL ? ret : node, symbol);
  return symbol;
}

static void
read_member (Reader *reader, xmlNode *node, BgSymbol *symbol)
{
  BgMember *member = g_new0 (BgMember, 1);
  g_autofree char *value = get_string (node, "value");

  member->name = get_c_string (node, "identifier");
  member->nick = get_string (node, "name");
  member->doc = get_doc (node);
  if (member->name == NULL || member->nick == NULL || value == NULL
      || !g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &member->value, NULL))
    {
      bg_problem (reader->problems, &symbol->location, "%s: member '%s' has no name or no value",
                  symbol->gir_name, member->nick != NULL ? member->nick : "");
      bg_member_free (member);
      return;
    }
  g_strdelimit (member->nick, "_", '-');
  g_ptr_array_add (symbol->members, member);
}

static BgSymbol *
read_enum (Reader *reader, xmlNode *node)
{
  BgSymbol *symbol =
      bg_symbol_new (is_element (node, "bitfield") ? BG_SYMBOL_FLAGS : BG_SYMBOL_ENUM);

  read_common (reader, node, symbol);
  symbol->name = get_c_string (node, "type");
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (is_element (child, "member"))
      read_member (reader, child, symbol);
  return symbol;
}

/* What is only accounted for, or has nothing but a name that matters. A constant's "c:type" is
 * its name. */
static BgSymbol *
read_named (Reader *reader, xmlNode *node)
{
  BgSymbol *symbol = bg_symbol_new (is_element (node, "record")     ? BG_SYMBOL_RECORD
                                    : is_element (node, "callback") ? BG_SYMBOL_CALLBACK
                                                                    : BG_SYMBOL_OTHER);

  read_common (reader, node, symbol);
  symbol->name = get_c_string (node, "type");
  return symbol;
}

static const struct
{
  const char *element;
  ReadSymbol read;
} symbol_readers[] = {
  { "alias", read_named },      { "bitfield", read_enum },     { "callback", read_named },
  { "class", read_named },      { "constant", read_named },    { "constructor", read_function },
  { "enumeration", read_enum }, { "function", read_function }, { "function-macro", read_function },
  { "interface", read_named },  { "method", read_function },   { "record", read_named },
  { "union", read_named },
};

static ReadSymbol
find_reader (const xmlNode *node)
{
  for (gsize i = 0; i < G_N_ELEMENTS (symbol_readers); i++)
    if (is_element (node, symbol_readers[i].element))
      return symbol_readers[i].read;
  return NULL;
}

static void
add_symbol (Reader *reader, BgSymbol *symbol)
{
  g_autofree char *name = g_strdup (symbol->name);
  const BgSymbol *earlier = NULL;
  BgLocation location = { NULL, symbol->location.line };
  g_autofree char *file = g_strdup (symbol->location.file);

  location.file = file;
  if (symbol->name == NULL || symbol->gir_name == NULL)
    {
      bg_problem (reader->problems, &location, "a %s has no name", symbol->what);
      bg_symbol_free (symbol);
    }
  else if (!bg_api_add (reader->api, symbol, &earlier))
    bg_problem (reader->problems, &location, "%s: declared twice, first at %s:%u", name,
                earlier->location.file, earlier->location.line);
}

/* The symbols directly inside `parent`; those inside a type follow by the caller. */
static void
read_symbols (Reader *reader, xmlNode *parent)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      ReadSymbol read = child->type == XML_ELEMENT_NODE ? find_reader (child) : NULL;

      if (read != NULL)
        add_symbol (reader, read (reader, child));
    }
}

static gboolean
is_type_with_functions (const xmlNode *node)
{
  return is_element (node, "record") || is_element (node, "enumeration")
         || is_element (node, "bitfield") || is_element (node, "union");
}

static void
read_namespace (Reader *reader, xmlNode *namespace)
{
  BgApi *api = reader->api;

  api->name = get_string (namespace, "name");
  api->version = get_string (namespace, "version");
  api->type_prefix = get_c_string (namespace, "identifier-prefixes");
  api->symbol_prefix = get_c_string (namespace, "symbol-prefixes");
  read_symbols (reader, namespace);
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    if (is_type_with_functions (child))
      {
        for (xmlNode *member = child->children; member != NULL; member = member->next)
          if (find_reader (member) == read_function)
            add_symbol (reader, read_function (reader, member));
      }
}

static void
read_document (Reader *reader, xmlDoc *document)
{
  BgLocation location = { (char *) reader->path, 1 };
  xmlNode *root = xmlDocGetRootElement (document);
  xmlNode *namespace = NULL;

  if (document->intSubset != NULL)
    bg_problem (reader->problems, &location, "a document type declaration is not accepted");
  else if (root == NULL || !is_element (root, "repository"))
    bg_problem (reader->problems, &location,
                "not a GIR file: the root element is not 'repository'");
  else if ((namespace = find_child (root, "namespace")) == NULL)
    bg_problem (reader->problems, &location, "the GIR file has no namespace");
  else
    read_namespace (reader, namespace);
  if (namespace != NULL
      && (reader->api->name == NULL || reader->api->type_prefix == NULL
          || reader->api->symbol_prefix == NULL))
    bg_problem (reader->problems, &location, "the namespace has no name or no prefixes");
}

static xmlDoc *
parse (Reader *reader, const char *text, gsize length)
{
  xmlParserCtxt *context = xmlNewParserCtxt ();
  xmlDoc *document = xmlCtxtReadMemory (context, text, (int) length, reader->path, NULL,
                                        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  const xmlError *error = xmlCtxtGetLastError (context);

  if (document == NULL)
    {
      BgLocation location = { (char *) reader->path, error != NULL ? (guint) error->line : 1 };
      g_autofree char *message = g_strdup (error != NULL ? error->message : "no reason given");

      bg_problem (reader->problems, &location, "not well-formed XML: %s", g_strchomp (message));
    }
  xmlFreeParserCtxt (context);
  return document;
}

BgApi *
bg_read_gir (const char *path, BgProblems *problems)
{
  g_autoptr (BgApi) api = bg_api_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  Reader reader = { path, api, problems };
  BgLocation location = { (char *) path, 0 };
  gsize length = 0;
  xmlDoc *document = NULL;

  if (!g_file_get_contents (path, &text, &length, &error))
    bg_problem (problems, &location, "%s", error->message);
  else if (length > MAX_BYTES)
    bg_problem (problems, &location, "larger than %d bytes", MAX_BYTES);
  else
    document = parse (&reader, text, length);
  if (document == NULL)
    return NULL;
  read_document (&reader, document);
  xmlFreeDoc (document);
  if (bg_problems_count (problems) > 0)
    return NULL;
  bg_api_sort (api);
  return g_steal_pointer (&api);
}
