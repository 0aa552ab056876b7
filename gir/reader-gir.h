/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads what g-ir-scanner wrote. */

#pragma once

#include "problems.h"

/* The API in a GIR file, or NULL with what is wrong in `problems`. */
BgApi *bg_read_gir (const char *path, BgProblems *problems);

/* The same for the text of such a file. */
BgApi *bg_read_gir_text (const char *path, const char *text, gsize length, BgProblems *problems);
