/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How a stub for Python writes types. */

#pragma once

#include <glib.h>
#include <libxml/tree.h>

/* The type of a parameter, a field or a return value: "list[Domain]", "str | None". */
char *bg_python_type (xmlNode *node);

/* What PyGObject takes for a parameter of a method: a `flags` type also by name, a path also as
 * an object that has one. `kinds` has the kind of element of each type of the namespace. */
char *bg_python_input (xmlNode *param, GHashTable *kinds);

/* Of a parameter: has the method a default for it? `flags_follow` is whether flags follow. */
const char *bg_python_default (xmlNode *param, GHashTable *kinds, gboolean flags_follow);

gboolean bg_python_is_flags (xmlNode *param, GHashTable *kinds);
