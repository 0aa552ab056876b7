/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-disk-info.h"

#include "xml/xml-format.h"

#define CHECKPOINT "vck-checkpoint"
#define DISK "vck-disk"

/* There are several in each document, and printf() takes longer than the rest. */
static void
append_number (GString *out, const char *name, guint64 number)
{
  char digits[24];
  char *first = digits + sizeof digits - 1;

  *first = '\0';
  do
    *--first = (char) ('0' + number % 10);
  while ((number /= 10) != 0);
  vckc_xml_append_attribute (out, name, first);
}

static void
append_disk (const VckcCheckpointDiskDef *disk, GString *out)
{
  g_string_append (out, "<?" DISK);
  vckc_xml_append_attribute (out, "name", disk->name);
  if (disk->capacity >= 0)
    append_number (out, "capacity", (guint64) disk->capacity);
  if (disk->granularity >= 0)
    append_number (out, "granularity", (guint64) disk->granularity);
  if (disk->image.path != NULL)
    vckc_xml_append_attribute (out, "image", disk->image.path);
  if (disk->image.number != 0)
    append_number (out, "file", disk->image.number);
  if (disk->image.birth > 0)
    append_number (out, "birth", (guint64) disk->image.birth);
  g_string_append (out, "?>\n");
}

void
vckc_checkpoint_disk_info_append (const VckcCheckpointDef *def, GString *out)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked
          && (disk->capacity >= 0 || disk->granularity >= 0 || disk->image.path != NULL))
        append_disk (disk, out);
    }
  if (def->uuid != NULL)
    {
      g_string_append (out, "<?" CHECKPOINT);
      vckc_xml_append_attribute (out, "uuid", def->uuid);
      g_string_append (out, "?>\n");
    }
}

static gint64
read_number (const char *text, gint64 otherwise)
{
  guint64 number;

  return g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &number, NULL) ? (gint64) number
                                                                             : otherwise;
}

static void
set_value (VckcCheckpointDiskDef *disk, const char *name, const char *value)
{
  if (g_str_equal (name, "capacity"))
    disk->capacity = read_number (value, disk->capacity);
  else if (g_str_equal (name, "granularity"))
    disk->granularity = read_number (value, disk->granularity);
  else if (g_str_equal (name, "birth"))
    disk->image.birth = read_number (value, 0);
  else if (g_str_equal (name, "file")
           && !g_ascii_string_to_unsigned (value, 10, 1, G_MAXUINT64, &disk->image.number, NULL))
    disk->image.number = 0;
  else if (g_str_equal (name, "image"))
    {
      g_free (disk->image.path);
      disk->image.path = g_strdup (value);
    }
}

static const char *
find_value (const char **names, const char **values, const char *name)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], name))
      return values[i];
  return NULL;
}

static void
read_uuid (VckcCheckpointDef *def, const char *text)
{
  char *uuid = text != NULL ? vckc_uuid_normalize (text) : NULL;

  if (uuid == NULL)
    return;
  g_free (def->uuid);
  def->uuid = uuid;
}

static void
start_element_cb (GMarkupParseContext *context,
                  const char *element,
                  const char **names,
                  const char **values,
                  gpointer data,
                  GError **error)
{
  VckcCheckpointDef *def = data;
  const char *name = find_value (names, values, "name");
  VckcCheckpointDiskDef *disk = name != NULL ? vckc_checkpoint_def_find_disk (def, name) : NULL;

  if (g_str_equal (element, CHECKPOINT))
    read_uuid (def, find_value (names, values, "uuid"));
  else
    for (guint i = 0; disk != NULL && names[i] != NULL; i++)
      set_value (disk, names[i], values[i]);
}

/* The content of an instruction is written like the attributes of an element. */
static void
read_instruction (VckcCheckpointDef *def, const char *name, const char *content)
{
  static const GMarkupParser parser = { .start_element = start_element_cb };
  g_autofree char *element = g_strdup_printf ("<%s %s/>", name, content);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, def, NULL);

  g_markup_parse_context_parse (context, element, -1, NULL);
}

void
vckc_checkpoint_disk_info_read (VckcCheckpointDef *def, const xmlDoc *doc)
{
  for (const xmlNode *node = doc->children; node != NULL; node = node->next)
    if (node->type == XML_PI_NODE && node->content != NULL
        && (xmlStrEqual (node->name, BAD_CAST CHECKPOINT)
            || xmlStrEqual (node->name, BAD_CAST DISK)))
      read_instruction (def, (const char *) node->name, (const char *) node->content);
}
