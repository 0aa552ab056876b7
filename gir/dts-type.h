/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How declarations for TypeScript write types and parameters. */

#pragma once

#include <glib.h>
#include <libxml/tree.h>

typedef struct
{
  char *name;
  char *type;
  gboolean optional; /* has a default, and so have all that follow */
} BgDtsParam;

/* The type of a property, a field, a parameter or a return value: "Domain[]", "string | null". */
char *bg_dts_type (xmlNode *node);

/* What a parameter takes: flags also by name, or several of them. `kinds` has the kind of element
 * of each type of the namespace. */
char *bg_dts_input (xmlNode *param, GHashTable *kinds);

/* The parameters before the callback: BgDtsParam. */
GPtrArray *bg_dts_params (xmlNode *function, GHashTable *kinds);

/* The first that may be left out; their number if none may. */
guint bg_dts_count_required (GPtrArray *params);

/* "a: string, b?: number" */
char *bg_dts_list_params (GPtrArray *params);

/* "a: string, b: number | undefined": the first `n` of them, all of which are given. */
char *bg_dts_list_given (GPtrArray *params, guint n);
