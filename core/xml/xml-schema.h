/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Is a document valid, and if not, why? A RELAX NG grammar decides; as libxml2 says
 * little about what is wrong inside optional parts, tables made from the same grammar then
 * find what is wrong and say what is allowed there.
 */

#pragma once

#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlversion.h>

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
  VCKC_XML_SCHEMA_BACKUP,
  /* Of a checkpoint, by a driver that may know newer elements: no grammar. */
  VCKC_XML_SCHEMA_REPORT,
} VckcXmlSchema;

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
} VckcXmlSchemaInfo;

const VckcXmlSchemaInfo *vckc_xml_schema_get_info (VckcXmlSchema schema);

/* Sets XML_INVALID_SCHEMA if the document is not valid. Any thread. */
bool
vckc_xml_schema_validate (xmlDoc *doc, VckcXmlSchema schema, const char *what, VckcError **err);
