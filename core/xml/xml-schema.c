/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "xml/xml-schema.h"

#include <gio/gio.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <string.h>

#include "base/lock.h"
#include "xml/vckc-schemas.h"
#include "xml/xml-explain.h"
#include "xml/xml-node.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlRelaxNGValidCtxt, xmlRelaxNGFreeValidCtxt)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlRelaxNGParserCtxt, xmlRelaxNGFreeParserCtxt)

static const VckcXmlSchemaInfo schema_infos[] = {
  [VCKC_XML_SCHEMA_DOMAIN] = { "domain", "domain.rng", VCKC_XML_MAX_DOMAIN_DEPTH,
                               VCKC_XML_MAX_DOMAIN_ELEMENTS, VCKC_XML_MAX_SIZE },
  [VCKC_XML_SCHEMA_CHECKPOINT] = { "domaincheckpoint", "domaincheckpoint.rng", VCKC_XML_MAX_DEPTH,
                                   VCKC_XML_MAX_ELEMENTS, VCKC_XML_MAX_SIZE },
  [VCKC_XML_SCHEMA_EXPORT] = { "vckcheckpoints", "vckcheckpoints.rng", VCKC_XML_MAX_DEPTH,
                               VCKC_XML_MAX_EXPORT_ELEMENTS, VCKC_XML_MAX_EXPORT_SIZE },
  [VCKC_XML_SCHEMA_BACKUP] = { "domainbackup", "domainbackup.rng", VCKC_XML_MAX_DEPTH,
                               VCKC_XML_MAX_ELEMENTS, VCKC_XML_MAX_SIZE },
  [VCKC_XML_SCHEMA_REPORT] = { "domaincheckpoint", NULL, VCKC_XML_MAX_DEPTH, VCKC_XML_MAX_ELEMENTS,
                               VCKC_XML_MAX_SIZE },
};

/* By which to explain what is wrong with a document. */
static const VckcXmlRule *
get_rule (VckcXmlSchema schema)
{
  const VckcXmlRule *const rules[] = {
    [VCKC_XML_SCHEMA_DOMAIN] = vckc_xml_rules_domain,
    [VCKC_XML_SCHEMA_CHECKPOINT] = vckc_xml_rules_domaincheckpoint,
    [VCKC_XML_SCHEMA_EXPORT] = vckc_xml_rules_vckcheckpoints,
    [VCKC_XML_SCHEMA_BACKUP] = vckc_xml_rules_domainbackup,
  };

  return rules[schema];
}

const VckcXmlSchemaInfo *
vckc_xml_schema_get_info (VckcXmlSchema schema)
{
  return &schema_infos[schema];
}

/* --- compiling, once per process --- */

static void
grammar_error_cb (void *data, VckcXmlError error)
{
  g_critical ("built-in XML grammar, line %d: %s", error->line, error->message);
}

static xmlDoc *
read_grammar (const char *file)
{
  g_autofree char *path = g_strconcat ("/vck/schemas/", file, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (vckc_schemas_get_resource (), path,
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  xmlDoc *doc;
  gsize size;
  const char *text;

  g_assert (bytes != NULL);
  text = g_bytes_get_data (bytes, &size);
  doc = xmlReadMemory (text, (int) size, file, NULL, XML_PARSE_NONET | XML_PARSE_NOBLANKS);
  g_assert (doc != NULL);
  return doc;
}

static bool
is_element (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && xmlStrEqual (node->name, BAD_CAST name);
}

static xmlNode *
find_element (xmlNode *node, const char *name)
{
  while (node != NULL && !is_element (node, name))
    node = node->next;
  return node;
}

/* Replaces an <include> with what it stands for: the definitions of the other grammar, and its
 * own inclusions, with the <start> inside the <include>. libxml2 would look for a file. */
static void
resolve_include (xmlDoc *doc, xmlNode *include)
{
  xmlNode *root = xmlDocGetRootElement (doc);
  xmlNode *start = find_element (include->children, "start");
  xmlChar *file = xmlGetNoNsProp (include, BAD_CAST "href");
  g_autoptr (xmlDoc) other = read_grammar ((const char *) file);
  xmlNode *definition = xmlDocGetRootElement (other)->children;

  for (; definition != NULL; definition = definition->next)
    if (is_element (definition, "define"))
      xmlAddChild (root, xmlDocCopyNode (definition, doc, 1));
    else if (is_element (definition, "include"))
      /* Without what is in it: the outermost <start> counts. */
      xmlAddChild (root, xmlDocCopyNode (definition, doc, 2));
  if (start != NULL)
    {
      xmlUnlinkNode (start);
      xmlAddChild (root, start);
    }
  xmlFree (file);
  xmlUnlinkNode (include);
  xmlFreeNode (include);
}

static void
resolve_includes (xmlDoc *doc)
{
  xmlNode *include;

  while ((include = find_element (xmlDocGetRootElement (doc)->children, "include")) != NULL)
    resolve_include (doc, include);
}

static xmlRelaxNG *
compile_grammar (VckcXmlSchema schema)
{
  g_autoptr (xmlDoc) doc = read_grammar (schema_infos[schema].file);
  g_autoptr (xmlRelaxNGParserCtxt) parser = NULL;
  xmlRelaxNG *grammar;

  resolve_includes (doc);
  parser = xmlRelaxNGNewDocParserCtxt (doc);
  g_assert (parser != NULL);
  xmlRelaxNGSetParserStructuredErrors (parser, grammar_error_cb, NULL);
  grammar = xmlRelaxNGParse (parser);
  g_assert (grammar != NULL);
  return grammar;
}

/* A grammar is read-only once compiled, so threads may share it. */
static xmlRelaxNG *grammars[G_N_ELEMENTS (schema_infos)];

static void
compile_grammars (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (schema_infos); i++)
    if (schema_infos[i].file != NULL)
      grammars[i] = compile_grammar (i);
}

static xmlRelaxNG *
get_grammar (VckcXmlSchema schema)
{
  static VckcOnce once = VCKC_ONCE_INIT;

  vckc_once (&once, compile_grammars);
  return grammars[schema];
}

/* --- validating --- */

/* The first thing that libxml2 has to say. */
typedef struct
{
  char *message;
  long line;
} Complaint;

static void
complaint_clear (Complaint *complaint)
{
  g_clear_pointer (&complaint->message, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Complaint, complaint_clear)

static void
validation_error_cb (void *data, VckcXmlError error)
{
  Complaint *complaint = data;

  if (complaint->message == NULL)
    complaint->message = g_strchomp (vckc_xml_tidy_message (error->message));
  if (complaint->line == 0 && error->node != NULL)
    complaint->line = xmlGetLineNo (error->node);
}

bool
vckc_xml_schema_validate (xmlDoc *doc, VckcXmlSchema schema, const char *what, VckcError **err)
{
  xmlRelaxNG *grammar = get_grammar (schema);
  g_autoptr (xmlRelaxNGValidCtxt) validator = NULL;
  g_auto (Complaint) complaint = { 0 };
  g_autofree char *explanation = NULL;
  const char *text;
  long line = 1;

  if (grammar == NULL)
    return true;
  validator = xmlRelaxNGNewValidCtxt (grammar);
  g_assert (validator != NULL);
  xmlRelaxNGSetValidStructuredErrors (validator, validation_error_cb, &complaint);
  if (xmlRelaxNGValidateDoc (validator, doc) == 0)
    return true;

  explanation = vckc_xml_schema_explain (doc, get_rule (schema), &line);
  if (explanation == NULL && complaint.line != 0)
    line = complaint.line;
  text = explanation != NULL ? explanation : complaint.message;
  vckc_set_error (err, VCKC_ERROR_XML_INVALID_SCHEMA, "%s, line %ld: %s", what, line,
                  text != NULL ? text : "it is not valid against its grammar");
  return false;
}
