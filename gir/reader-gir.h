/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads what g-ir-scanner wrote. */

#pragma once

#include "problems.h"

/* The API in a GIR file, or NULL with what is wrong in `problems`. */
BgApi *bg_read_gir (const char *path, BgProblems *problems);
