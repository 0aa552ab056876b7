/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "def-text.h"

#include "golden.h"

VckcDomainDef *
def_text_domain (void)
{
  g_autofree char *text = golden_read ("t.xml");
  VckcDomainDef *domain = vckc_domain_def_parse (text, NULL);

  g_assert_nonnull (domain);
  return domain;
}

char *
def_text_describe (const VckcCheckpointDef *def)
{
  g_autoptr (GString) text = g_string_new (def->name != NULL ? def->name : "-");

  if (def->description != NULL)
    g_string_append_printf (text, " (%s)", def->description);
  if (def->parent_name != NULL)
    g_string_append_printf (text, " <%s", def->parent_name);
  if (def->creation_time != 0)
    g_string_append_printf (text, " @%" G_GINT64_FORMAT, def->creation_time);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      g_string_append_printf (text, " %s=%s", disk->name, disk->tracked ? "bitmap" : "no");
      if (disk->bitmap != NULL)
        g_string_append_printf (text, ":%s", disk->bitmap);
      g_assert_cmpint (disk->size, ==, -1);
    }
  return g_strdup (text->str);
}
