/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Is a document valid, and if not, why? A RELAX NG grammar decides; as libxml2 says
 * little about what is wrong inside optional parts, a table of what each element may have
 * then finds the place and says what is allowed there.
 */

#pragma once

#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

#include "xml/xml-parse.h"

/* What libxml2 gives to error callbacks. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *VckcXmlError;
#else
typedef xmlError *VckcXmlError;
#endif

typedef struct
{
  const char *root; /* the name of the root element */
  const char *file;
  guint max_depth;
  guint max_elements;
  gsize max_size;
} VckcXmlSchemaFacts;

const VckcXmlSchemaFacts *vckc_xml_schema_facts (VckcXmlSchema schema);

/* Sets XML_INVALID_SCHEMA if the document is not valid. Any thread. */
bool
vckc_xml_schema_validate (xmlDoc *doc, VckcXmlSchema schema, const char *what, VckcError **err);

/* What is wrong with a document that is not valid, and *ret_line where; NULL if the table
 * does not know. */
char *vckc_xml_schema_explain (const xmlDoc *doc, long *ret_line);
