/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "versions.h"

gboolean
bg_version_parse (const char *text, BgVersion *version)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", -1);
  guint64 numbers[3] = { 0 };
  const guint n = g_strv_length (parts);

  if (n < 2 || n > G_N_ELEMENTS (numbers))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT8, &numbers[i], NULL))
      return FALSE;
  *version = (BgVersion){ (guint) numbers[0], (guint) numbers[1] };
  return TRUE;
}

static int
versions_compare (gconstpointer a, gconstpointer b)
{
  const BgVersion *first = a;
  const BgVersion *second = b;

  if (first->major != second->major)
    return first->major < second->major ? -1 : 1;
  return first->minor == second->minor ? 0 : first->minor < second->minor ? -1 : 1;
}

static void
versions_add (GArray *versions, const char *text)
{
  BgVersion version = { 0 };
  guint i = 0;

  if (text == NULL || !bg_version_parse (text, &version))
    return;
  while (i < versions->len
         && versions_compare (&g_array_index (versions, BgVersion, i), &version) < 0)
    i++;
  if (i == versions->len
      || versions_compare (&g_array_index (versions, BgVersion, i), &version) != 0)
    g_array_insert_val (versions, i, version);
}

GArray *
bg_versions_new (const BgApi *api, const BgLibrary *library)
{
  GArray *versions = g_array_new (FALSE, FALSE, sizeof (BgVersion));

  versions_add (versions, library->version);
  for (guint i = 0; i < api->symbols->len; i++)
    {
      const BgSymbol *symbol = g_ptr_array_index (api->symbols, i);

      versions_add (versions, symbol->since);
    }
  return versions;
}

void
bg_versions_check (const BgApi *api, const BgLibrary *library, BgProblems *problems)
{
  BgVersion now = { 1, 0 };
  const gboolean is_known = library->version != NULL && bg_version_parse (library->version, &now);

  for (guint i = 0; i < api->symbols->len; i++)
    {
      const BgSymbol *symbol = g_ptr_array_index (api->symbols, i);
      BgVersion since = { 0 };

      if (symbol->since == NULL)
        continue;
      if (!bg_version_parse (symbol->since, &since))
        bg_problem (problems, &symbol->location,
                    "%s: 'Since: %s' is no version; write MAJOR.MINOR, such as %u.%u", symbol->name,
                    symbol->since, now.major, now.minor);
      else if (is_known && versions_compare (&since, &now) > 0)
        bg_problem (problems, &symbol->location,
                    "%s: 'Since: %s' is newer than the library, which is %s; write %u.%u, or raise "
                    "the version of the project",
                    symbol->name, symbol->since, library->version, now.major, now.minor);
    }
}
