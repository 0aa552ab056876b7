/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "checkpoint-facts.h"

#define INSTRUCTION "vck-disk"

void
vckc_checkpoint_facts_append (const VckcCheckpointDef *def, GString *out)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (!disk->tracked || disk->capacity < 0 || disk->granularity < 0)
        continue;
      g_string_append (out, "<?" INSTRUCTION);
      vckc_xml_append_attribute (out, "name", disk->name);
      g_string_append_printf (out,
                              " capacity='%" G_GINT64_FORMAT "' granularity='%" G_GINT64_FORMAT
                              "'?>\n",
                              disk->capacity, disk->granularity);
    }
}

static VckcCheckpointDiskDef *
find_disk (const VckcCheckpointDef *def, const char *name)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked && g_str_equal (disk->name, name))
        return disk;
    }
  return NULL;
}

static void
start_element_cb (GMarkupParseContext *context,
                  const char *element,
                  const char **names,
                  const char **values,
                  gpointer data,
                  GError **error)
{
  VckcCheckpointDiskDef *disk;
  const char *name = NULL;
  guint64 capacity, granularity;

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], "name"))
      name = values[i];
  disk = name != NULL ? find_disk (data, name) : NULL;
  if (disk == NULL)
    return;

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], "capacity")
        && g_ascii_string_to_unsigned (values[i], 10, 1, G_MAXINT64, &capacity, NULL))
      disk->capacity = (gint64) capacity;
    else if (g_str_equal (names[i], "granularity")
             && g_ascii_string_to_unsigned (values[i], 10, 1, G_MAXINT64, &granularity, NULL))
      disk->granularity = (gint64) granularity;
}

/* The content of the instruction is written like the attributes of an element. */
static void
read_instruction (VckcCheckpointDef *def, const char *content)
{
  static const GMarkupParser parser = { .start_element = start_element_cb };
  g_autofree char *element = g_strdup_printf ("<disk %s/>", content);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, def, NULL);

  g_markup_parse_context_parse (context, element, -1, NULL);
}

void
vckc_checkpoint_facts_read (VckcCheckpointDef *def, const xmlDoc *doc)
{
  for (const xmlNode *node = doc->children; node != NULL; node = node->next)
    if (node->type == XML_PI_NODE && xmlStrEqual (node->name, BAD_CAST INSTRUCTION)
        && node->content != NULL)
      read_instruction (def, (const char *) node->content);
}
