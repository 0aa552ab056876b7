/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "reader-gir.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

#include "gir-node.h"
#include "names.h"

#define MAX_BYTES (64 * 1024 * 1024)
#define ANNOTATION "bindgen."

typedef struct
{
  const char *path; /* of the GIR file */
  BgApi *api;
  BgProblems *problems;
} Reader;

typedef BgSymbol *(*ReadSymbol) (Reader *reader, xmlNode *node);

static int
reader_get_number (xmlNode *node, const char *name)
{
  g_autofree char *value = bg_gir_string (node, name);
  guint64 number = 0;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT / 2, &number, NULL))
    return -1;
  return (int) number;
}

/* Where the child `where` of the node says that the node was declared, else `fallback`. */
static BgLocation
reader_get_location (xmlNode *node, const char *where, BgLocation fallback)
{
  xmlNode *position = bg_gir_child (node, where);
  char *file = position != NULL ? bg_gir_string (position, "filename") : NULL;

  if (file == NULL)
    return (BgLocation){ g_strdup (fallback.file), fallback.line };
  return (BgLocation){ file, (guint) MAX (reader_get_number (position, "line"), 0) };
}

static void
reader_read_attributes (xmlNode *node, GHashTable *attributes)
{
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "attribute"))
      {
        g_autofree char *name = bg_gir_string (child, "name");

        if (name != NULL && g_str_has_prefix (name, ANNOTATION))
          g_hash_table_replace (attributes, g_strdup (name + strlen (ANNOTATION)),
                                bg_gir_string (child, "value"));
      }
}

static BgType *
reader_read_plain_type (xmlNode *node)
{
  BgType *type = bg_type_new ();

  type->name = bg_gir_string (node, "name");
  type->c_type = bg_gir_prefixed_string (node, "type");
  return type;
}

static BgType *
reader_read_array (xmlNode *node)
{
  g_autofree char *terminated = bg_gir_string (node, "zero-terminated");
  xmlNode *element = bg_gir_child (node, "type");
  BgType *type = bg_type_new ();

  type->c_type = bg_gir_prefixed_string (node, "type");
  type->element = element != NULL ? reader_read_plain_type (element) : bg_type_new ();
  type->length = reader_get_number (node, "length");
  /* The scanner leaves the attribute out where it is implied. */
  if (terminated != NULL)
    type->zero_terminated = strcmp (terminated, "1") == 0;
  else
    type->zero_terminated = type->length < 0 && reader_get_number (node, "fixed-size") < 0;
  return type;
}

static BgType *
reader_read_type (xmlNode *node)
{
  xmlNode *plain = bg_gir_child (node, "type");
  xmlNode *array = bg_gir_child (node, "array");

  if (plain != NULL)
    return reader_read_plain_type (plain);
  return array != NULL ? reader_read_array (array) : bg_type_new ();
}

static BgParam *
reader_read_param (xmlNode *node, const BgSymbol *function)
{
  BgParam *param = bg_param_new ();
  g_autofree char *direction = bg_gir_string (node, "direction");

  param->name = bg_gir_string (node, "name");
  param->doc = bg_gir_doc (node);
  param->location = reader_get_location (node, "doc", function->location);
  param->type = reader_read_type (node);
  param->transfer = bg_gir_string (node, "transfer-ownership");
  param->inout = g_strcmp0 (direction, "inout") == 0;
  param->out = param->inout || g_strcmp0 (direction, "out") == 0;
  param->caller_allocates = bg_gir_bool (node, "caller-allocates");
  param->optional = bg_gir_bool (node, "optional");
  param->nullable = bg_gir_bool (node, "nullable");
  reader_read_attributes (node, param->attributes);
  if (param->name == NULL)
    param->name = g_strdup (bg_gir_is (node, "parameter") ? BG_PARAM_REST : "return value");
  if (param->transfer == NULL)
    param->transfer = g_strdup ("none");
  return param;
}

/* GIR counts parameters behind the instance; we count it in. */
static void
reader_shift_length (BgParam *param)
{
  if (param->type->length >= 0)
    param->type->length++;
}

static void
reader_shift_lengths (BgSymbol *symbol)
{
  for (guint i = 0; i < symbol->params->len; i++)
    reader_shift_length (g_ptr_array_index (symbol->params, i));
  reader_shift_length (symbol->ret);
}

/* TRUE if one of them is the instance. */
static gboolean
reader_read_params (xmlNode *node, BgSymbol *symbol)
{
  xmlNode *list = bg_gir_child (node, "parameters");
  gboolean instance = FALSE;

  for (xmlNode *child = list != NULL ? list->children : NULL; child != NULL; child = child->next)
    {
      instance |= bg_gir_is (child, "instance-parameter");
      if (bg_gir_is (child, "instance-parameter") || bg_gir_is (child, "parameter"))
        g_ptr_array_add (symbol->params, reader_read_param (child, symbol));
    }
  return instance;
}

static void
reader_read_common (Reader *reader, xmlNode *node, BgSymbol *symbol)
{
  g_autofree char *file = g_path_get_basename (reader->path);
  BgLocation here = { file, (guint) xmlGetLineNo (node) };

  symbol->gir_name = bg_gir_string (node, "name");
  symbol->what = g_strdup ((const char *) node->name);
  symbol->doc = bg_gir_doc (node);
  symbol->since = bg_gir_string (node, "version");
  symbol->location = reader_get_location (node, "source-position", here);
  reader_read_attributes (node, symbol->attributes);
}

static BgSymbol *
reader_read_function (Reader *reader, xmlNode *node)
{
  BgSymbol *symbol = bg_symbol_new (BG_SYMBOL_FUNCTION);
  xmlNode *ret = bg_gir_child (node, "return-value");
  gboolean instance = FALSE;

  reader_read_common (reader, node, symbol);
  symbol->name = bg_gir_prefixed_string (node, "identifier");
  instance = reader_read_params (node, symbol);
  symbol->ret = reader_read_param (ret != NULL ? ret : node, symbol);
  if (instance)
    reader_shift_lengths (symbol);
  return symbol;
}

static void
reader_read_member (Reader *reader, xmlNode *node, BgSymbol *symbol)
{
  BgMember *member = g_new0 (BgMember, 1);
  g_autofree char *value = bg_gir_string (node, "value");

  member->name = bg_gir_prefixed_string (node, "identifier");
  member->nick = bg_gir_string (node, "name");
  member->doc = bg_gir_doc (node);
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
reader_read_enum (Reader *reader, xmlNode *node)
{
  BgSymbol *symbol =
      bg_symbol_new (bg_gir_is (node, "bitfield") ? BG_SYMBOL_FLAGS : BG_SYMBOL_ENUM);

  reader_read_common (reader, node, symbol);
  symbol->name = bg_gir_prefixed_string (node, "type");
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "member"))
      reader_read_member (reader, child, symbol);
  return symbol;
}

/* What is only accounted for, or has nothing but a name that matters. A constant's "c:type" is
 * its name. The scanner writes none for a callback whose name in C has no prefix to leave out. */
static BgSymbol *
reader_read_named (Reader *reader, xmlNode *node)
{
  BgSymbol *symbol = bg_symbol_new (bg_gir_is (node, "record")     ? BG_SYMBOL_RECORD
                                    : bg_gir_is (node, "callback") ? BG_SYMBOL_CALLBACK
                                                                   : BG_SYMBOL_OTHER);

  reader_read_common (reader, node, symbol);
  symbol->name = bg_gir_prefixed_string (node, "type");
  if (symbol->name == NULL && symbol->gir_name != NULL && symbol->kind == BG_SYMBOL_CALLBACK)
    symbol->name = g_strdup (symbol->gir_name);
  return symbol;
}

static const struct
{
  const char *element;
  ReadSymbol read;
} symbol_readers[] = {
  { "alias", reader_read_named },
  { "bitfield", reader_read_enum },
  { "callback", reader_read_named },
  { "class", reader_read_named },
  { "constant", reader_read_named },
  { "constructor", reader_read_function },
  { "enumeration", reader_read_enum },
  { "function", reader_read_function },
  { "function-macro", reader_read_function },
  { "interface", reader_read_named },
  { "method", reader_read_function },
  { "record", reader_read_named },
  { "union", reader_read_named },
};

static ReadSymbol
reader_find_kind (const xmlNode *node)
{
  for (gsize i = 0; i < G_N_ELEMENTS (symbol_readers); i++)
    if (bg_gir_is (node, symbol_readers[i].element))
      return symbol_readers[i].read;
  return NULL;
}

static void
reader_add_symbol (Reader *reader, BgSymbol *symbol)
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
reader_read_symbols (Reader *reader, xmlNode *parent)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      ReadSymbol read = child->type == XML_ELEMENT_NODE ? reader_find_kind (child) : NULL;

      if (read != NULL)
        reader_add_symbol (reader, read (reader, child));
    }
}

static gboolean
is_type_with_functions (const xmlNode *node)
{
  return bg_gir_is (node, "record") || bg_gir_is (node, "enumeration")
         || bg_gir_is (node, "bitfield") || bg_gir_is (node, "union");
}

static void
reader_read_namespace (Reader *reader, xmlNode *namespace)
{
  BgApi *api = reader->api;

  api->name = bg_gir_string (namespace, "name");
  api->version = bg_gir_string (namespace, "version");
  api->type_prefix = bg_gir_prefixed_string (namespace, "identifier-prefixes");
  api->symbol_prefix = bg_gir_prefixed_string (namespace, "symbol-prefixes");
  reader_read_symbols (reader, namespace);
  for (xmlNode *child = namespace->children; child != NULL; child = child->next)
    if (is_type_with_functions (child))
      {
        for (xmlNode *member = child->children; member != NULL; member = member->next)
          if (reader_find_kind (member) == reader_read_function)
            reader_add_symbol (reader, reader_read_function (reader, member));
      }
}

/* Names of generated code begin with them. */
static void
reader_check_prefixes (Reader *reader)
{
  const char *const prefixes[] = { reader->api->type_prefix, reader->api->symbol_prefix };
  BgLocation location = { (char *) reader->path, 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (!bg_name_is_identifier (prefixes[i]))
      bg_problem (reader->problems, &location, "the prefix '%s' is not a C identifier",
                  prefixes[i]);
}

static void
reader_read_document (Reader *reader, xmlDoc *document)
{
  BgLocation location = { (char *) reader->path, 1 };
  xmlNode *root = xmlDocGetRootElement (document);
  xmlNode *namespace = NULL;

  if (document->intSubset != NULL)
    bg_problem (reader->problems, &location, "a document type declaration is not accepted");
  else if (root == NULL || !bg_gir_is (root, "repository"))
    bg_problem (reader->problems, &location,
                "not a GIR file: the root element is not 'repository'");
  else if ((namespace = bg_gir_child (root, "namespace")) == NULL)
    bg_problem (reader->problems, &location, "the GIR file has no namespace");
  else
    reader_read_namespace (reader, namespace);
  if (namespace != NULL
      && (reader->api->name == NULL || reader->api->type_prefix == NULL
          || reader->api->symbol_prefix == NULL))
    bg_problem (reader->problems, &location, "the namespace has no name or no prefixes");
  else if (namespace != NULL)
    reader_check_prefixes (reader);
}

static xmlDoc *
reader_parse (Reader *reader, const char *text, gsize length)
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
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  BgLocation location = { (char *) path, 0 };
  gsize length = 0;

  if (g_file_get_contents (path, &text, &length, &error))
    return bg_read_gir_text (path, text, length, problems);
  bg_problem (problems, &location, "%s", error->message);
  return NULL;
}

BgApi *
bg_read_gir_text (const char *path, const char *text, gsize length, BgProblems *problems)
{
  g_autoptr (BgApi) api = bg_api_new ();
  Reader reader = { path, api, problems };
  BgLocation location = { (char *) path, 0 };
  xmlDoc *document = NULL;

  if (length > MAX_BYTES)
    bg_problem (problems, &location, "larger than %d bytes", MAX_BYTES);
  else
    document = reader_parse (&reader, text, length);
  if (document == NULL)
    return NULL;
  reader_read_document (&reader, document);
  xmlFreeDoc (document);
  if (bg_problems_count (problems) > 0)
    return NULL;
  bg_api_sort (api);
  return g_steal_pointer (&api);
}
