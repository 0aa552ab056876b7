/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Golden files. A folder of data has one file per case, NAME.xml, and beside it what is
 * made of it: NAME.out, a document, or NAME.err, the code and text of an error.
 *
 * UPDATE_GOLDEN=1 in the environment writes these files instead of comparing them.
 */

#pragma once

#include "base/error-private.h"

/* Makes text of a document. */
typedef char *(*GoldenMaker) (const char *text, VckcError **err);

/* Adds a test PATH/NAME for every case in the folder data/FOLDER. */
void golden_add_tests (const char *path, const char *folder, GoldenMaker maker);

/* The text of data/NAME. */
char *golden_read (const char *name);

/* "CODE message", as in NAME.err but without a new line; frees the error. */
char *golden_describe_error (VckcError *error /* (transfer full) */);
