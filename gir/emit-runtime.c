/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "emit-runtime.h"

#include <string.h>

#include "names.h"

/* "lib" in the spellings of C and of files, and what may follow it. */
typedef struct
{
  const char *word;
  const char *replacement;
  gboolean (*may_follow) (char c);
} Spelling;

static gboolean
is_lower_end (char c)
{
  return !g_ascii_isalnum (c);
}

static gboolean
is_file_end (char c)
{
  return !g_ascii_isalnum (c) && c != '_';
}

static gboolean
is_upper_end (char c)
{
  return c == '_';
}

static gboolean
is_camel_end (char c)
{
  return !g_ascii_islower (c) && !g_ascii_isdigit (c);
}

/* "_LibCall" begins with it, "calib_" does not. */
static gboolean
is_begin (const char *text, const char *p)
{
  return p == text || !g_ascii_isalnum (p[-1]);
}

static const Spelling *
runtime_find_spelling (const Spelling *spellings, gsize n, const char *p)
{
  for (gsize i = 0; i < n; i++)
    if (g_str_has_prefix (p, spellings[i].word)
        && spellings[i].may_follow (p[strlen (spellings[i].word)]))
      return &spellings[i];
  return NULL;
}

char *
bg_runtime_expand (const char *text, const char *prefix)
{
  g_autofree char *upper = bg_name_upper (prefix);
  g_autofree char *camel = bg_name_camel (prefix);
  g_autofree char *file = bg_name_replace (prefix, '_', '-');
  const Spelling spellings[] = {
    { "lib", file, is_file_end },
    { "lib", prefix, is_lower_end },
    { "LIB", upper, is_upper_end },
    { "Lib", camel, is_camel_end },
  };
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0';)
    {
      const Spelling *found = is_begin (text, p)
                                  ? runtime_find_spelling (spellings, G_N_ELEMENTS (spellings), p)
                                  : NULL;

      if (found == NULL)
        g_string_append_c (out, *p++);
      else
        {
          g_string_append (out, found->replacement);
          p += strlen (found->word);
        }
    }
  return g_string_free (out, FALSE);
}
