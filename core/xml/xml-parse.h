/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* All untrusted XML is parsed here: no network, no entities, bounded. */

#pragma once

#include "base/error-private.h"
#include "xml/xml-node.h"
#include "xml/xml-schema.h"

/* Parses `text` and validates it against the grammar, which is compiled once per
 * process. XML_ERROR if it is too large, not in UTF-8 or a one-byte encoding, not
 * well formed (with the line), has a document type declaration, or is of another root
 * element; XML_INVALID_SCHEMA if it is not valid (with the line and the element). `what`
 * names the document in messages, such as "checkpoint description". */
xmlDoc *vckc_xml_parse (const char *text, VckcXmlSchema schema, const char *what, VckcError **err);

/* Is a document of `size` bytes no larger than what is read? Else XML_ERROR. For input, and
 * for output that is to be read again. */
bool vckc_xml_check_size (gsize size, const char *what, VckcError **err);
