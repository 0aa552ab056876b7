/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Trees of checkpoints as text, as in "a b<a c<b cur=c": names with their parents, in order of
 * creation, then the current one, "cur=-" for none.
 */

#pragma once

#include "model/checkpoint-tree.h"

/* Also with a parent that is in no tree, or NULL. */
VckcCheckpointDef *tree_text_make_def (const char *name, const char *parent_name);
/* The definition of one word, such as "b<a". */
VckcCheckpointDef *tree_text_parse_def (const char *word);
VckcCheckpointTree *tree_text_parse (const char *text);

/* Sorts words and joins them with blanks. */
char *tree_text_join (GPtrArray *words);

/* Asserts that a tree is as in the text, sorted by name, and that all its links fit together. */
void tree_text_assert (const VckcCheckpointTree *tree, const char *expected);
