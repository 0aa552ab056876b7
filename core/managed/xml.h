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

#include "../error-private.h"

/* The largest document that is read, in bytes. */
#define VCKC_XML_MAX_SIZE (4 * 1024 * 1024)

typedef enum
{
  VCKC_XML_SCHEMA_DOMAIN,
  VCKC_XML_SCHEMA_CHECKPOINT,
} VckcXmlSchema;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

/* Parses `text` and validates it against the grammar, which is compiled once per
 * process. XML_ERROR if it is too large, not UTF-8 or another encoding XML allows, not
 * well formed (with the line) or of another root element; XML_INVALID_SCHEMA if it is
 * not valid (with the line and the element). `what` names the document in messages, such
 * as "checkpoint description". */
xmlDoc *vckc_xml_parse (const char   *text,
                        VckcXmlSchema schema,
                        const char   *what,
                        VckcError   **err);

/* Appends a node and all below it, indented by `level` levels. */
void vckc_xml_format_node (GString *out, const xmlNode *node, guint level);

/* Appends text with < > & ' " as entities. */
void vckc_xml_append_escaped (GString *out, const char *text);

/* First child element of that name, or NULL. */
xmlNode *vckc_xml_child (const xmlNode *node, const char *name);
/* Next element after `node` of that name, or NULL. */
xmlNode *vckc_xml_next (const xmlNode *node, const char *name);
/* The text inside an element; NULL if the element is NULL. */
char *vckc_xml_text (const xmlNode *node);
/* An attribute's value, or NULL. */
char *vckc_xml_attribute (const xmlNode *node, const char *name);
