/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Navigation in a parsed document. Only what is in no namespace is found. */

#pragma once

#include <glib.h>
#include <libxml/tree.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

/* First child element of that name, or NULL. */
xmlNode *vckc_xml_child (const xmlNode *node, const char *name);
/* Next element after `node` of that name, or NULL. */
xmlNode *vckc_xml_next (const xmlNode *node, const char *name);
/* The text inside an element; NULL if the element is NULL. */
char *vckc_xml_text (const xmlNode *node);
/* An attribute's value, or NULL. */
char *vckc_xml_attribute (const xmlNode *node, const char *name);

/* A text that comes from outside, fit for a message: valid UTF-8 on one line, cut if it is
 * long. */
char *vckc_xml_tidy_message (const char *text);
