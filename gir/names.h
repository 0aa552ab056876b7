/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Names in the three spellings of C: CamelCase, snake_case and UPPER_CASE. */

#pragma once

#include <glib.h>

/* "DomainXMLDesc" -> "domain_xml_desc". */
char *bg_name_snake (const char *camel);

/* Puts `c` wherever `text` has one of `what`; gives back `text`. */
char *bg_name_replace (const char *text, char what, char c);

char *bg_name_upper (const char *snake);

/* "domain_list" -> "DomainList". */
char *bg_name_camel (const char *snake);

/* Is it a word that C keeps for itself? */
gboolean bg_name_is_keyword (const char *name);

/* Is it a method that every GObject has already? */
gboolean bg_name_is_reserved_method (const char *name);
