/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "writer.h"

#include <string.h>

static void
decl_free (BgDecl *decl)
{
  g_free (decl->type);
  g_free (decl->name);
  g_free (decl);
}

GPtrArray *
bg_decls_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) decl_free);
}

void
bg_decl (GPtrArray *decls, const char *type, const char *name)
{
  BgDecl *decl = g_new0 (BgDecl, 1);

  decl->type = g_strdup (type);
  decl->name = g_strdup (name);
  g_ptr_array_add (decls, decl);
}

/* The length of the type without its stars and the space before them. */
static gsize
writer_base_length (const char *type)
{
  gsize length = strlen (type);

  while (length > 0 && (type[length - 1] == '*' || type[length - 1] == ' '))
    length--;
  return length;
}

/* The stars that go with the name: the last ones. */
static const char *
writer_stars_of (const char *type)
{
  const char *stars = type + writer_base_length (type);

  return *stars == ' ' ? stars + 1 : stars;
}

static void
writer_append_decl (GString *out, const BgDecl *decl, gsize width)
{
  gsize base = writer_base_length (decl->type);
  const char *stars = writer_stars_of (decl->type);
  gsize used = base + strlen (stars);

  g_string_append_len (out, decl->type, (gssize) base);
  for (gsize i = used; i < MAX (width, used + 1); i++)
    g_string_append_c (out, ' ');
  g_string_append (out, stars);
  g_string_append (out, decl->name);
}

static char *
writer_join_decls (GPtrArray *decls)
{
  GString *line = g_string_new (NULL);

  for (guint i = 0; i < decls->len; i++)
    {
      if (i > 0)
        g_string_append (line, ", ");
      writer_append_decl (line, g_ptr_array_index (decls, i), 0);
    }
  if (decls->len == 0)
    g_string_append (line, "void");
  return g_string_free (line, FALSE);
}

static void
writer_append_aligned (GString *out, GPtrArray *decls, gsize indent)
{
  gsize width = 0;

  for (guint i = 0; i < decls->len; i++)
    {
      const BgDecl *decl = g_ptr_array_index (decls, i);

      width =
          MAX (width, writer_base_length (decl->type) + strlen (writer_stars_of (decl->type)) + 1);
    }
  for (guint i = 0; i < decls->len; i++)
    {
      if (i > 0)
        g_string_append_printf (out, ",\n%*s", (int) indent, "");
      writer_append_decl (out, g_ptr_array_index (decls, i), width);
    }
}

void
bg_write_prototype (GString *out,
                    const char *type,
                    const char *name,
                    GPtrArray *decls,
                    gboolean definition,
                    const char *end)
{
  g_autoptr (GString) head = g_string_new (type);
  g_autofree char *line = writer_join_decls (decls);
  const char *last_line = NULL;

  if (definition)
    {
      g_string_truncate (head, strlen (g_strchomp (head->str)));
      g_string_append_c (head, '\n');
    }
  g_string_append_printf (head, "%s (", name);
  last_line = strrchr (head->str, '\n');
  last_line = last_line != NULL ? last_line + 1 : head->str;
  g_string_append (out, head->str);
  if (strlen (last_line) + strlen (line) + 2 <= BG_COLUMNS)
    g_string_append (out, line);
  else
    writer_append_aligned (out, decls, strlen (last_line));
  g_string_append_printf (out, ")%s", end);
}

void
bg_write_call (GString *out, const char *head, const GPtrArray *items, const char *tail)
{
  gsize column = strlen (head);
  const char *open = strrchr (head, '(');
  gsize indent = open != NULL ? (gsize) (open - head) + 1 : 4;

  g_string_append (out, head);
  for (guint i = 0; i < items->len; i++)
    {
      const char *item = g_ptr_array_index (items, i);
      gboolean last = i + 1 == items->len;
      gsize length = strlen (item) + (last ? strlen (tail) : 2);

      if (i > 0 && column + length > BG_COLUMNS)
        {
          g_string_truncate (out, out->len - 1);
          g_string_append_printf (out, "\n%*s", (int) indent, "");
          column = indent;
        }
      g_string_append (out, item);
      g_string_append (out, last ? "" : ", ");
      column += length;
    }
  g_string_append (out, tail);
}

void
bg_write_comment (GString *out, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    g_string_append_printf (out, " *%s%s\n", **line != '\0' ? " " : "", *line);
}

static const char *
writer_find_value (const char *const *pairs, const char *key, gsize length)
{
  for (; *pairs != NULL; pairs += 2)
    if (strlen (pairs[0]) == length && strncmp (pairs[0], key, length) == 0)
      return pairs[1];
  return NULL;
}

char *
bg_expand (const char *template, const char *const *pairs)
{
  GString *text = g_string_new (NULL);

  while (*template != '\0')
    {
      const char *end = *template == '{' ? strchr (template, '}') : NULL;
      const char *value =
          end != NULL ? writer_find_value (pairs, template + 1, (gsize) (end - template) - 1)
                      : NULL;

      if (value != NULL)
        {
          g_string_append (text, value);
          template = end + 1;
        }
      else
        g_string_append_c (text, *template ++);
    }
  return g_string_free (text, FALSE);
}
