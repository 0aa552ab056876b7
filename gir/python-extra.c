/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "python-extra.h"

#include <string.h>

static void
extra_free_text (gpointer text)
{
  g_string_free (text, TRUE);
}

void
bg_extra_free (BgExtra *extra)
{
  g_string_free (extra->head, TRUE);
  g_ptr_array_unref (extra->names);
  g_hash_table_unref (extra->classes);
  g_free (extra);
}

/* "Connection" of "class Connection(Base):"; NULL for another line. */
static char *
extra_class_name (const char *line)
{
  const char *name = g_str_has_prefix (line, "class ") ? line + strlen ("class ") : NULL;

  return name != NULL ? g_strndup (name, strcspn (name, "(:[")) : NULL;
}

BgExtra *
bg_extra_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *current = NULL;
  BgExtra *extra = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  extra = g_new0 (BgExtra, 1);
  extra->head = g_string_new (NULL);
  extra->names = g_ptr_array_new_with_free_func (g_free);
  extra->classes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, extra_free_text);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  current = extra->head;
  for (char **line = lines; *line != NULL; line++)
    {
      char *name = extra_class_name (*line);

      if (name != NULL)
        {
          current = g_string_new (NULL);
          g_ptr_array_add (extra->names, name);
          g_hash_table_replace (extra->classes, g_strdup (name), current);
        }
      g_string_append_printf (current, "%s\n", *line);
    }
  return extra;
}

const char *
bg_extra_body (const BgExtra *extra, const char *class_name)
{
  const GString *text = g_hash_table_lookup (extra->classes, class_name);
  const char *line = text != NULL ? strchr (text->str, '\n') : NULL;

  return line != NULL ? line + 1 : "";
}

gboolean
bg_extra_has (const BgExtra *extra, const char *class_name, const char *name)
{
  g_autofree char *pattern = g_strdup_printf ("^    (async def |def )?%s\\b *[(:]", name);

  return g_regex_match_simple (pattern, bg_extra_body (extra, class_name), G_REGEX_MULTILINE, 0);
}
