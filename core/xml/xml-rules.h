/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What each element of a document may have. explain-tables.py derives it from the grammars. Only
 * to explain what a grammar has refused, never to decide: of the order of elements nothing is
 * known here. */

#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct
{
  const char *pattern;  /* a regular expression for the whole text */
  const char *hint;     /* the same in words */
  const char *constant; /* (nullable): if the texts are listed one by one, the first */
  guint64 max;          /* of a number; 0 if it need not be one */
} VckcXmlValue;

typedef struct VckcXmlRule VckcXmlRule;

typedef enum
{
  VCKC_XML_ATTRIBUTE,
  VCKC_XML_CHILD,
  VCKC_XML_N_KINDS,
} VckcXmlKind;

/* An attribute or a child element. */
typedef struct
{
  const char *name;
  const VckcXmlValue *value; /* of an attribute; NULL for any text */
  const VckcXmlRule *rule;   /* of a child; NULL if it may have anything inside */
  bool is_needed;
  bool is_repeatable;
  const char *condition; /* NULL but in `elsewhere` */
} VckcXmlPart;

typedef struct
{
  const VckcXmlPart *parts;
  guint n_parts;
  bool any_other; /* others are allowed besides */
} VckcXmlParts;

/* One set of things that an element may have together. */
typedef struct
{
  VckcXmlParts of[VCKC_XML_N_KINDS];
  bool has_text;
  const VckcXmlValue *text; /* NULL for any text */
} VckcXmlForm;

struct VckcXmlRule
{
  const char *name;
  VckcXmlForm all; /* what any form allows; needed is what all of them need */
  const VckcXmlForm *forms;
  guint n_forms;
  VckcXmlForm
      elsewhere; /* what it may have if an element around it has an attribute: `condition` */
};

/* The root element of each grammar. */
extern const VckcXmlRule *const vckc_xml_rules_domain;
extern const VckcXmlRule *const vckc_xml_rules_domainbackup;
extern const VckcXmlRule *const vckc_xml_rules_domaincheckpoint;
extern const VckcXmlRule *const vckc_xml_rules_vckcheckpoints;
