/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is said of a document that its grammar refuses. */

#pragma once

#include <libxml/parser.h>

#include "fuzz.h"
#include "xml/xml-explain.h"
#include "xml/xml-node.h"

/* Nothing is wrong with what the grammar allows; whatever it refuses can be explained. */
static inline void
fuzz_check_explanation (const char *text, const VckcXmlRule *rule, bool is_valid)
{
  const int options = XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA | XML_PARSE_NOERROR
                      | XML_PARSE_NOWARNING;
  g_autoptr (xmlDoc) doc = xmlReadDoc (BAD_CAST text, NULL, NULL, options);
  long line = 0;
  g_autofree char *explanation = vckc_xml_schema_explain (doc, rule, &line);

  if (is_valid && explanation != NULL)
    g_error ("a valid document is said to be wrong: %s\n%s", explanation, text);
  if (!is_valid && explanation == NULL)
    g_error ("what is wrong with a document is not said:\n%s", text);
}
