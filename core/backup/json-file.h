/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "base/error-private.h"

/* A text for humans, which ends with a line. */
char *vckc_json_format (JsonObject *object);

/* Replaces a file in a folder, whose path is `where`, and stores it. */
bool vckc_json_file_write (int folder,
                           const char *where,
                           const char *name,
                           JsonObject *object,
                           VckcError **err);
