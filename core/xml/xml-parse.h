/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * XML in and out: the one place that parses untrusted XML (no network, no
 * entities, bounded) and the one that writes XML in the house's form (two spaces a
 * level, attributes in single quotes, a newline at the end).
 */

#pragma once

#include <libxml/tree.h>

#include "base/error-private.h"

/* What is read at most. libxml2 takes quadratic time for the attributes of one element, for
 * the elements inside one element, for namespaces, and for the pieces into which comments and
 * processing instructions cut a text. */
#define VCKC_XML_MAX_SIZE (4 * 1024 * 1024)
#define VCKC_XML_MAX_DEPTH 200
#define VCKC_XML_MAX_ATTRIBUTES 200
#define VCKC_XML_MAX_ELEMENTS 25000
#define VCKC_XML_MAX_NAMESPACES 100
#define VCKC_XML_MAX_ASIDES 25000 /* comments and processing instructions together */
/* A domain is also part of its checkpoints' documents, so it leaves room there. */
#define VCKC_XML_MAX_DOMAIN_DEPTH (VCKC_XML_MAX_DEPTH - 1)
#define VCKC_XML_MAX_DOMAIN_ELEMENTS 15000
/* A document of all checkpoints has many: in all so much, and each no more than one alone. */
#define VCKC_XML_MAX_EXPORT_SIZE (64 * 1024 * 1024)
#define VCKC_XML_MAX_EXPORT_ELEMENTS 1000000

typedef enum
{
  VCKC_XML_SCHEMA_DOMAIN,
  VCKC_XML_SCHEMA_CHECKPOINT,
  VCKC_XML_SCHEMA_EXPORT,
  VCKC_XML_SCHEMA_REPORT, /* of a checkpoint, by somebody who may know newer elements: no grammar */
} VckcXmlSchema;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

/* Parses `text` and validates it against the grammar, which is compiled once per
 * process. XML_ERROR if it is too large, not in UTF-8 or a one-byte encoding, not
 * well formed (with the line), has a document type declaration, or is of another root
 * element; XML_INVALID_SCHEMA if it is not valid (with the line and the element). `what`
 * names the document in messages, such as "checkpoint description". */
xmlDoc *vckc_xml_parse (const char *text, VckcXmlSchema schema, const char *what, VckcError **err);

/* Is a document of `size` bytes no larger than what is read? Else XML_ERROR. For input, and
 * for output that is to be read again. */
bool vckc_xml_check_size (gsize size, const char *what, VckcError **err);

/* A text that comes from outside, fit for a message: valid UTF-8 on one line, cut if it is
 * long. */
char *vckc_xml_tidy_message (const char *text);

/* Appends a node and all below it, indented by `level` levels. */
void vckc_xml_format_node (GString *out, const xmlNode *node, guint level);

/* Appends ` name='value'`, so that white space in the value survives being read. */
void vckc_xml_append_attribute (GString *out, const char *name, const char *value);
/* Appends the white space before an element of that level. */
void vckc_xml_append_indent (GString *out, guint level);
/* Appends a line `<name>text</name>`, indented by `level` levels. */
void vckc_xml_append_element (GString *out, guint level, const char *name, const char *text);

/* The functions below see only what is in no namespace. */

/* First child element of that name, or NULL. */
xmlNode *vckc_xml_child (const xmlNode *node, const char *name);
/* Next element after `node` of that name, or NULL. */
xmlNode *vckc_xml_next (const xmlNode *node, const char *name);
/* The text inside an element; NULL if the element is NULL. */
char *vckc_xml_text (const xmlNode *node);
/* An attribute's value, or NULL. */
char *vckc_xml_attribute (const xmlNode *node, const char *name);
