/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "problems.h"

#include <string.h>

typedef struct
{
  char *file;
  guint line;
  char *message;
} Problem;

struct _BgProblems
{
  GPtrArray *list; /* Problem, owned */
};

static void
problem_free (Problem *problem)
{
  g_free (problem->file);
  g_free (problem->message);
  g_free (problem);
}

BgProblems *
bg_problems_new (void)
{
  BgProblems *problems = g_new0 (BgProblems, 1);

  problems->list = g_ptr_array_new_with_free_func ((GDestroyNotify) problem_free);
  return problems;
}

void
bg_problems_free (BgProblems *problems)
{
  g_ptr_array_unref (problems->list);
  g_free (problems);
}

/* What is quoted of a damaged input may be anything; a problem is one line of text. */
static char *
problem_clean (const char *text)
{
  char *clean = g_utf8_make_valid (text, -1);

  for (char *p = clean; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = '?';
  return clean;
}

void
bg_problem (BgProblems *problems, const BgLocation *location, const char *format, ...)
{
  Problem *problem = g_new0 (Problem, 1);
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  problem->message = problem_clean (message);
  problem->file = problem_clean (location->file);
  problem->line = location->line;
  g_ptr_array_add (problems->list, problem);
}

guint
bg_problems_count (const BgProblems *problems)
{
  return problems->list->len;
}

static int
compare_problems (gconstpointer a, gconstpointer b)
{
  const Problem *first = *(const Problem *const *) a;
  const Problem *second = *(const Problem *const *) b;
  int by_file = g_strcmp0 (first->file, second->file);

  if (by_file != 0)
    return by_file;
  if (first->line != second->line)
    return first->line < second->line ? -1 : 1;
  return strcmp (first->message, second->message);
}

char *
bg_problems_to_string (BgProblems *problems)
{
  GString *text = g_string_new (NULL);

  g_ptr_array_sort (problems->list, compare_problems);
  for (guint i = 0; i < problems->list->len; i++)
    {
      const Problem *problem = g_ptr_array_index (problems->list, i);

      g_string_append_printf (text, "%s:%u: error: %s\n", problem->file, problem->line,
                              problem->message);
    }
  return g_string_free (text, FALSE);
}
