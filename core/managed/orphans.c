/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "orphans.h"

/* One line a bitmap: the path of the image and the name of the bitmap, both escaped as in
 * a URI, with a blank between them. The lines are the set's members. */
struct _VckcOrphans
{
  GHashTable *lines;
};

static char *
make_line (const char *path, const char *bitmap)
{
  g_autofree char *escaped_path = g_uri_escape_string (path, "/", TRUE);
  g_autofree char *escaped_bitmap = g_uri_escape_string (bitmap, NULL, TRUE);

  return g_strdup_printf ("%s %s", escaped_path, escaped_bitmap);
}

VckcOrphans *
vckc_orphans_new (const char *notes)
{
  VckcOrphans *orphans = g_new0 (VckcOrphans, 1);
  g_auto (GStrv) lines = g_strsplit (notes != NULL ? notes : "", "\n", -1);

  orphans->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] == '/')
      g_hash_table_add (orphans->lines, g_strdup (lines[i]));
  return orphans;
}

VckcOrphans *
vckc_orphans_copy (const VckcOrphans *orphans)
{
  g_autofree char *notes = vckc_orphans_format (orphans);

  return vckc_orphans_new (notes);
}

void
vckc_orphans_free (VckcOrphans *orphans)
{
  if (orphans == NULL)
    return;

  g_hash_table_unref (orphans->lines);
  g_free (orphans);
}

char *
vckc_orphans_format (const VckcOrphans *orphans)
{
  g_autoptr (GList) lines
      = g_list_sort (g_hash_table_get_keys (orphans->lines), (GCompareFunc) g_strcmp0);
  GString *text;

  if (lines == NULL)
    return NULL;
  text = g_string_new (NULL);
  for (GList *line = lines; line != NULL; line = line->next)
    g_string_append_printf (text, "%s\n", (const char *) line->data);
  return g_string_free (text, FALSE);
}

bool
vckc_orphans_contain (const VckcOrphans *orphans, const char *path, const char *bitmap)
{
  g_autofree char *line = make_line (path, bitmap);

  return g_hash_table_contains (orphans->lines, line);
}

void
vckc_orphans_add_plan (VckcOrphans *orphans, const VckcBitmapPlan *plan)
{
  for (guint i = 0; i < vckc_bitmap_plan_size (plan); i++)
    g_hash_table_add (orphans->lines, make_line (vckc_bitmap_plan_path (plan, i),
                                                 vckc_bitmap_plan_bitmap (plan, i)));
}

void
vckc_orphans_remove_plan (VckcOrphans *orphans, const VckcBitmapPlan *plan)
{
  for (guint i = 0; i < vckc_bitmap_plan_size (plan); i++)
    {
      g_autofree char *line
          = make_line (vckc_bitmap_plan_path (plan, i), vckc_bitmap_plan_bitmap (plan, i));

      g_hash_table_remove (orphans->lines, line);
    }
}
