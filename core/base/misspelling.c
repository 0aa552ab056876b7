/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/misspelling.h"

#include <glib.h>
#include <string.h>

#define MIN_LENGTH 4
#define MAX_LENGTH 16
#define MAX_CHANGES 2

/* How many changes make a text of one word, by dynamic programming: changes[i][j] is the number for
 * the first i letters of the text and the first j letters of the word. */
static guint
misspelling_count_changes (const char *text, gsize length, const char *word, gsize word_length)
{
  guint changes[MAX_LENGTH + 1][MAX_LENGTH + 1];

  for (gsize i = 0; i <= length; i++)
    for (gsize j = 0; j <= word_length; j++)
      {
        guint *count = &changes[i][j];

        if (i == 0 || j == 0)
          {
            *count = (guint) MAX (i, j);
            continue;
          }
        *count = changes[i - 1][j - 1] + (text[i - 1] != word[j - 1] ? 1 : 0);
        *count = MIN (*count, MIN (changes[i - 1][j], changes[i][j - 1]) + 1);
        if (i > 1 && j > 1 && text[i - 1] == word[j - 2] && text[i - 2] == word[j - 1])
          *count = MIN (*count, changes[i - 2][j - 2] + 1);
      }
  return changes[length][word_length];
}

bool
vckc_is_misspelling (const char *text, const char *word)
{
  const gsize length = strlen (text);
  const gsize word_length = strlen (word);
  guint count;

  if (length < MIN_LENGTH || length > MAX_LENGTH || word_length > MAX_LENGTH)
    return false;
  count = misspelling_count_changes (text, length, word, word_length);
  return count > 0 && count <= MAX_CHANGES;
}
