/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-parse.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/SAX2.h>
#include <string.h>

#include "base/lock.h"
#include "xml/xml-node.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlParserCtxt, xmlFreeParserCtxt)

/* The counts and the first problem of one parser; its _private. */
typedef struct
{
  const VckcXmlSchemaInfo *info;
  guint depth;
  guint n_elements;
  guint n_in_branch; /* elements since the last child of the root began */
  guint n_namespaces;
  guint n_asides; /* comments and processing instructions */
  char *problem;  /* the first, NULL if none */
  long line;
} ParseState;

static void
parse_state_clear (ParseState *state)
{
  g_clear_pointer (&state->problem, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ParseState, parse_state_clear)

static void
stop_parser (xmlParserCtxt *parser, char *problem /* (transfer full) */)
{
  ParseState *state = parser->_private;

  if (state->problem == NULL)
    {
      state->problem = g_steal_pointer (&problem);
      state->line = xmlSAX2GetLineNumber (parser);
    }
  g_free (problem);
  xmlStopParser (parser);
}

static void
internal_subset_cb (void *context, const xmlChar *name, const xmlChar *id, const xmlChar *uri)
{
  stop_parser (context,
               g_strdup ("a document type declaration (<!DOCTYPE>) is not allowed; remove it"));
}

static void
start_element_cb (void *context,
                  const xmlChar *name,
                  const xmlChar *prefix,
                  const xmlChar *uri,
                  int n_namespaces,
                  const xmlChar **namespaces,
                  int n_attributes,
                  int n_defaulted,
                  const xmlChar **attributes)
{
  xmlParserCtxt *parser = context;
  ParseState *state = parser->_private;

  state->depth++;
  state->n_elements++;
  state->n_in_branch = state->depth <= 2 ? 1 : state->n_in_branch + 1;
  state->n_namespaces += (guint) n_namespaces;
  if (state->depth > state->info->max_depth)
    stop_parser (parser, g_strdup_printf ("elements are nested more than %u levels deep",
                                          state->info->max_depth));
  else if (state->n_elements > state->info->max_elements)
    stop_parser (parser,
                 g_strdup_printf ("there are more than %u elements", state->info->max_elements));
  else if (state->n_in_branch > VCKC_XML_MAX_ELEMENTS)
    stop_parser (parser, g_strdup_printf ("there are more than %d elements inside one",
                                          VCKC_XML_MAX_ELEMENTS));
  else if (state->n_namespaces > VCKC_XML_MAX_NAMESPACES)
    stop_parser (parser, g_strdup_printf ("there are more than %d declarations of namespaces",
                                          VCKC_XML_MAX_NAMESPACES));
  else
    xmlSAX2StartElementNs (context, name, prefix, uri, n_namespaces, namespaces, n_attributes,
                           n_defaulted, attributes);
}

static void
end_element_cb (void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  xmlParserCtxt *parser = context;
  ParseState *state = parser->_private;

  state->depth--;
  xmlSAX2EndElementNs (context, name, prefix, uri);
}

/* False if there are too many of them. */
static bool
count_aside (xmlParserCtxt *parser)
{
  ParseState *state = parser->_private;

  if (++state->n_asides <= VCKC_XML_MAX_ASIDES)
    return true;
  stop_parser (parser,
               g_strdup_printf ("there are more than %d comments and processing instructions",
                                VCKC_XML_MAX_ASIDES));
  return false;
}

static void
comment_cb (void *context, const xmlChar *text)
{
  if (count_aside (context))
    xmlSAX2Comment (context, text);
}

static void
instruction_cb (void *context, const xmlChar *target, const xmlChar *data)
{
  if (count_aside (context))
    xmlSAX2ProcessingInstruction (context, target, data);
}

/* After an error libxml2 goes on, and takes quadratic time to report some, such as the hyphens in a
 * comment. It may not be stopped by xmlStopParser() here: that frees the input, of which the code
 * that reports the error goes on to use addresses. Its loops look at this state, too. */
static void
end_parser (xmlParserCtxt *parser)
{
  parser->disableSAX = 1;
  parser->instate = XML_PARSER_EOF;
}

static void
parser_error_cb (void *context, VckcXmlError error)
{
  xmlParserCtxt *parser = context;
  ParseState *state = parser->_private;
  g_autofree char *text = NULL;

  if (error->level < XML_ERR_ERROR)
    return;
  end_parser (parser);
  if (state->problem != NULL)
    return;

  text = vckc_xml_tidy_message (error->message);
  state->problem = g_strdup_printf ("not well-formed XML: %s", g_strchomp (text));
  state->line = error->line;
}

static xmlParserCtxt *
new_parser (ParseState *state)
{
  static VckcOnce once = VCKC_ONCE_INIT;
  xmlParserCtxt *parser;

  vckc_once (&once, xmlInitParser);
  parser = xmlNewParserCtxt ();
  g_assert (parser != NULL);
  parser->_private = state;
  parser->sax->serror = parser_error_cb;
  parser->sax->internalSubset = internal_subset_cb;
  parser->sax->startElementNs = start_element_cb;
  parser->sax->endElementNs = end_element_cb;
  parser->sax->comment = comment_cb;
  parser->sax->processingInstruction = instruction_cb;
  return parser;
}

/* libxml2 compares each attribute of an element with all others, also after it has found
 * an error. No tag reaches beyond a '<', whatever is wrong with it, and each of its
 * attributes has an equals sign and a quote. */
static bool
has_crowded_tag (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    {
      if (*text == '<')
        n = 0;
      else if (*text == '=')
        {
          const char *value = text + 1 + strspn (text + 1, " \t\r\n");

          if ((*value == '"' || *value == '\'') && ++n > VCKC_XML_MAX_ATTRIBUTES)
            return true;
        }
    }
  return false;
}

/* Only encodings that contain ASCII unchanged are read: with the others, what the parser
 * sees would not be the text that has been checked. */
static const char *
find_encoding_problem (const char *text)
{
  static const char declaration[] =
      "^<\\?xml\\s+version\\s*=\\s*(\"1\\.[0-9]+\"|'1\\.[0-9]+')"
      "(\\s+encoding\\s*=\\s*[\"'](?i:UTF-8|(US-)?ASCII|ISO-8859-[0-9]+|WINDOWS-125[0-9])[\"'])?"
      "(\\s+standalone\\s*=\\s*[\"'](yes|no)[\"'])?\\s*\\?>";
  const char *start = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;
  g_autofree char *head = NULL;

  if (start[strspn (start, " \t\r\n")] != '<')
    return "not well-formed XML: it does not begin with '<'";
  if (!g_str_has_prefix (start, "<?xml") || !g_ascii_isspace (start[strlen ("<?xml")]))
    return NULL;

  head = g_strndup (start, 200);
  if (!g_regex_match_simple (declaration, head, G_REGEX_RAW, 0))
    return "the XML declaration is malformed or names an encoding that is not read; use UTF-8";
  return NULL;
}

static bool
check_size (gsize size, gsize max_size, const char *what, VckcError **err)
{
  if (size <= max_size)
    return true;
  vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                  "%s has %" G_GSIZE_FORMAT " bytes, more than the %" G_GSIZE_FORMAT
                  " that are read",
                  what, size, max_size);
  return false;
}

bool
vckc_xml_check_size (gsize size, const char *what, VckcError **err)
{
  return check_size (size, VCKC_XML_MAX_SIZE, what, err);
}

static bool
check_text (const char *text, VckcXmlSchema schema, const char *what, VckcError **err)
{
  const char *problem;

  if (text[strspn (text, " \t\r\n")] == '\0')
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s is empty; give an XML document", what);
      return false;
    }
  if (!check_size (strlen (text), vckc_xml_schema_get_info (schema)->max_size, what, err))
    return false;
  problem = find_encoding_problem (text);
  if (problem != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s, line 1: %s", what, problem);
      return false;
    }
  if (has_crowded_tag (text))
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s has an element with more than %d attributes",
                      what, VCKC_XML_MAX_ATTRIBUTES);
      return false;
    }
  return true;
}

static xmlDoc *
parse_text (const char *text, VckcXmlSchema schema, const char *what, VckcError **err)
{
  /* NOENT is about the five entities that XML has of its own: without it libxml2 leaves
   * '&amp;' half read in the URI of a namespace. Others need a <!DOCTYPE>. */
  const int options = XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES;
  g_auto (ParseState) state = { .info = vckc_xml_schema_get_info (schema) };
  g_autoptr (xmlParserCtxt) parser = new_parser (&state);
  g_autoptr (xmlDoc) doc = NULL;

  doc = xmlCtxtReadMemory (parser, text, (int) strlen (text), NULL, NULL, options);
  if (state.problem != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s, line %ld: %s", what, state.line,
                      state.problem);
      return NULL;
    }
  if (doc == NULL || xmlDocGetRootElement (doc) == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s is not well-formed XML", what);
      return NULL;
    }
  return g_steal_pointer (&doc);
}

xmlDoc *
vckc_xml_parse (const char *text, VckcXmlSchema schema, const char *what, VckcError **err)
{
  const char *root_name = vckc_xml_schema_get_info (schema)->root;
  g_autoptr (xmlDoc) doc = NULL;
  xmlNode *root;

  if (!check_text (text, schema, what, err))
    return NULL;
  doc = parse_text (text, schema, what, err);
  if (doc == NULL)
    return NULL;

  root = xmlDocGetRootElement (doc);
  if (!xmlStrEqual (root->name, BAD_CAST root_name))
    {
      g_autofree char *name = vckc_xml_tidy_message ((const char *) root->name);

      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "%s, line %ld: the root element is '%s', but it must be '%s'", what,
                      xmlGetLineNo (root), name, root_name);
      return NULL;
    }
  if (!vckc_xml_schema_validate (doc, schema, what, err))
    return NULL;
  return g_steal_pointer (&doc);
}
