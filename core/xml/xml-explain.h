/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is wrong with a document that a grammar has refused. */

#pragma once

#include <libxml/tree.h>

#include "xml/xml-rules.h"

/* The problem in words, and its line in *ret_line; NULL if it is not known. `rule`: of the root
 * element. */
char *vckc_xml_schema_explain (const xmlDoc *doc, const VckcXmlRule *rule, long *ret_line);
