/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdbool.h>

/* The longest name of a checkpoint that can be kept: NAME_MAX less the ".xml" of its file. */
#define VCKC_STORE_MAX_NAME 251

/* Is that a UUID as folders are named by it? */
bool vckc_store_is_uuid (const char *name);

/* Can this be the name of a checkpoint, and of a file? */
bool vckc_store_name_is_valid (const char *name);
