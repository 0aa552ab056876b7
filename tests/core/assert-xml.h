/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Documents that are accepted or refused, with the message. */

#pragma once

#include "xml/xml-parse.h"

/* As vckc_xml_parse(), of a "test document". */
xmlDoc *assert_xml_parse (const char *text, VckcXmlSchema schema, VckcError **err);

void assert_xml_accepted (const char *text, VckcXmlSchema schema);
void assert_xml_refused (const char *text,
                         VckcXmlSchema schema,
                         VckcErrorCode code,
                         const char *message);
