/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Names in the three spellings of C: CamelCase, snake_case and UPPER_CASE. */

#pragma once

#include <glib.h>

/* "DomainXMLDesc" -> "domain_xml_desc". */
char *bg_name_snake (const char *camel);

/* Puts `c` wherever `text` has one of `what`; returns `text`. */
char *bg_name_replace (const char *text, char what, char c);

char *bg_name_upper (const char *snake);

/* "domain_list" -> "DomainList". */
char *bg_name_camel (const char *snake);

/* Whether it is spelt as a name in C. */
gboolean bg_name_is_identifier (const char *name);

/* Whether no argument can be called so: it is a reserved word of C, C++, Python or JavaScript, or
 * what every method or asynchronous function has an argument for. */
gboolean bg_name_is_reserved_argument (const char *name);

/* Whether every GObject has a method of that name. */
gboolean bg_name_is_reserved_method (const char *name);
