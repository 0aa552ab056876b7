/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* JSON that others have written: bounded in depth and number of values before it is parsed. */

#pragma once

#include <json-glib/json-glib.h>

/* How deep a text may be nested, and how many values may be in it, where a list or an object, which
 * takes more memory, counts as VCKC_JSON_CONTAINER values. */
#define VCKC_JSON_MAX_DEPTH 512
#define VCKC_JSON_MAX_VALUES (2 * 1024 * 1024)
#define VCKC_JSON_CONTAINER 4

/* Parses the text of one object in UTF-8; NULL with the reason if it is none. */
JsonNode *vckc_json_parse_object (const char *text, gsize length, char **ret_why);
