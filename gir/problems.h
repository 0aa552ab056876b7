/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What is wrong with an input. All problems are collected before the generator
 * gives up, and reported in the order of the input.
 */

#pragma once

#include "api.h"

typedef struct _BgProblems BgProblems;

BgProblems *bg_problems_new (void);
void bg_problems_free (BgProblems *problems);

/* Notes one problem; the message has no full stop. */
void bg_problem (BgProblems *problems, const BgLocation *location, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

guint bg_problems_count (const BgProblems *problems);

/* One "file:line: error: message" per line, sorted by location. */
char *bg_problems_to_string (BgProblems *problems);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BgProblems, bg_problems_free)
