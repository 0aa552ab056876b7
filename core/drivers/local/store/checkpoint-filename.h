/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdbool.h>

/* Checkpoint names and the names of their files. */
#define VCKC_STORE_CHECKPOINT_SUFFIX ".xml"

/* The longest name of a checkpoint that can be stored: NAME_MAX less the suffix of its file. */
#define VCKC_STORE_MAX_NAME 251

/* Is that a UUID in the form that names folders? */
bool vckc_store_is_uuid (const char *name);

/* Can that be the name of a checkpoint, and of a file? */
bool vckc_store_name_is_valid (const char *name);

/* Does the file have the suffix of checkpoints? */
bool vckc_store_is_checkpoint_file (const char *file);
