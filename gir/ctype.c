/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "ctype.h"

#include <string.h>

#define MAX_DEPTH 8

static void
ctype_add_word (GString *base, const char *word, gsize length)
{
  if (base->len > 0)
    g_string_append_c (base, ' ');
  g_string_append_len (base, word, length);
}

static gsize
ctype_word_length (const char *p)
{
  gsize length = 0;

  while (g_ascii_isalnum (p[length]) || p[length] == '_')
    length++;
  return length;
}

gboolean
bg_ctype_parse (const char *text, BgCType *ret_type)
{
  g_autoptr (GString) base = g_string_new (NULL);
  BgCType type = { NULL, 0, 0 };
  const char *p = text;

  while (*p != '\0')
    {
      gsize length = ctype_word_length (p);

      if (*p == ' ' || *p == '\t')
        p++;
      else if (*p == '*' && base->len > 0 && type.depth < MAX_DEPTH)
        {
          type.depth++;
          p++;
        }
      else if (length == 5 && strncmp (p, "const", 5) == 0)
        {
          type.const_levels |= 1u << type.depth;
          p += length;
        }
      else if (length > 0 && type.depth == 0)
        {
          ctype_add_word (base, p, length);
          p += length;
        }
      else
        return FALSE;
    }
  if (base->len == 0)
    return FALSE;
  type.base = g_string_free (g_steal_pointer (&base), FALSE);
  *ret_type = type;
  return TRUE;
}

void
bg_ctype_clear (BgCType *type)
{
  g_clear_pointer (&type->base, g_free);
}

char *
bg_ctype_to_string (const BgCType *type, guint depth)
{
  GString *text = g_string_new ((type->const_levels & 1u) != 0 ? "const " : "");

  g_string_append_printf (text, "%s ", type->base);
  for (guint level = 1; level <= depth; level++)
    {
      g_string_append_c (text, '*');
      /* "char *const" says nothing about what is pointed to. */
      if (level < depth && (type->const_levels & 1u << level) != 0)
        g_string_append (text, "const ");
    }
  return g_string_free (text, FALSE);
}
