/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * All XML is written here, in the project's form: two spaces a level, attributes in single
 * quotes, a newline at the end.
 */

#pragma once

#include <glib.h>
#include <libxml/tree.h>

/* Appends a node and all below it, indented by `level` levels. */
void vckc_xml_format_node (GString *out, const xmlNode *node, guint level);

/* Appends ` name='value'`, so that white space in the value survives being read. */
void vckc_xml_append_attribute (GString *out, const char *name, const char *value);
/* Appends the white space before an element of that level. */
void vckc_xml_append_indent (GString *out, guint level);
/* Appends a line `<name>text</name>`, indented by `level` levels. */
void vckc_xml_append_element (GString *out, guint level, const char *name, const char *text);
