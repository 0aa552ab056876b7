/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "python-doc.h"

#include <string.h>

typedef gboolean (*Replace) (const GMatchInfo *match, GString *out, gpointer namespace);

/* "%NULL", "%VCK_ERROR_NO_DOMAIN" */
static gboolean
replace_constant_cb (const GMatchInfo *match, GString *out, gpointer namespace)
{
  g_autofree char *name = g_match_info_fetch (match, 1);
  g_autofree char *upper = g_ascii_strup (namespace, -1);
  g_autofree char *error = g_strconcat (upper, "_ERROR_", NULL);

  if (strcmp (name, "NULL") == 0)
    g_string_append (out, "None");
  else if (strcmp (name, "TRUE") == 0 || strcmp (name, "FALSE") == 0)
    g_string_append (out, name[0] == 'T' ? "True" : "False");
  else if (g_str_has_prefix (name, error))
    g_string_append (out, name + strlen (error));
  else
    g_string_append (out, name);
  return FALSE;
}

/* "[method@Vck.Domain.list_disks]", "[property@Domain:name]", "[signal@Domain::changed]" */
static gboolean
replace_link_cb (const GMatchInfo *match, GString *out, gpointer namespace)
{
  g_autofree char *kind = g_match_info_fetch (match, 1);
  g_autofree char *target = g_match_info_fetch (match, 2);
  g_autofree char *own = g_strconcat (namespace, ".", NULL);
  const char *name = g_str_has_prefix (target, own) ? target + strlen (own) : target;
  const char *colon = strchr (name, ':');

  if (strcmp (kind, "property") == 0 && colon != NULL)
    {
      g_autofree char *property = g_strdelimit (g_strdup (colon + 1), "-", '_');

      g_string_append_printf (out, "%.*s.%s", (int) (colon - name), name, property);
      return FALSE;
    }
  g_string_append (out, name);
  if (g_str_equal (kind, "method") || g_str_equal (kind, "func") || g_str_equal (kind, "ctor"))
    g_string_append (out, "()");
  return FALSE;
}

static gboolean
replace_parameter_cb (const GMatchInfo *match, GString *out, gpointer namespace)
{
  g_autofree char *name = g_match_info_fetch (match, 1);

  g_string_append (out, name);
  return FALSE;
}

static char *
doc_replace (const char *pattern, const char *text, const char *namespace, Replace replace)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);

  return g_regex_replace_eval (regex, text, -1, 0, 0, replace, (gpointer) namespace, NULL);
}

char *
bg_python_doc (const char *text, const char *namespace)
{
  g_autofree char *links =
      doc_replace ("\\[(\\w+)@([\\w.:-]+)\\]", text, namespace, replace_link_cb);
  g_autofree char *constants =
      doc_replace ("%([A-Z][A-Z0-9_]+)", links, namespace, replace_constant_cb);

  return doc_replace ("@(\\w+)", constants, namespace, replace_parameter_cb);
}

void
bg_python_quote (GString *out, const char *text, const char *indent)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  const gboolean is_long = g_strv_length (lines) > 1;

  g_string_append (out, "\"\"\"");
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_printf (out, "\n%s", lines[i][0] != '\0' ? indent : "");
      for (const char *c = lines[i]; *c != '\0'; c++)
        {
          if (*c == '\\' || *c == '"')
            g_string_append_c (out, '\\');
          g_string_append_c (out, *c);
        }
    }
  if (is_long)
    g_string_append_printf (out, "\n%s", indent);
  g_string_append (out, "\"\"\"");
}
