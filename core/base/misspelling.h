/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Words that were probably meant. */

#pragma once

#include <stdbool.h>

/* Is the text not the word, but nearly: at most two letters that are wrong, missing, too many, or
 * swapped with their neighbor? No text of less than four letters is. */
bool vckc_is_misspelling (const char *text, const char *word);
