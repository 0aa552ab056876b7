/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/export-document.h"

#include "model/checkpoint-xml.h"
#include "xml/xml-format.h"
#include "xml/xml-parse.h"

static void
format_entry (const VckcCheckpointDef *def, GString *out)
{
  g_string_append (out, "  <entry");
  if (def->uuid != NULL)
    vckc_xml_append_attribute (out, "uuid", def->uuid);
  g_string_append (out, ">\n");
  vckc_checkpoint_def_append (def, 2, out);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (!disk->tracked || disk->capacity < 0 || disk->granularity < 0)
        continue;
      g_string_append (out, "    <disk");
      vckc_xml_append_attribute (out, "name", disk->name);
      g_string_append_printf (
          out, " capacity='%" G_GINT64_FORMAT "' granularity='%" G_GINT64_FORMAT "'/>\n",
          disk->capacity, disk->granularity);
    }
  g_string_append (out, "  </entry>\n");
}

char *
vckc_export_format (const VckcCheckpointTree *tree, const char *domain)
{
  const VckcCheckpointNode *current = vckc_checkpoint_tree_current (tree);
  GString *out = g_string_new ("<vckcheckpoints version='1'");

  vckc_xml_append_attribute (out, "domain", domain);
  if (current != NULL)
    vckc_xml_append_attribute (out, "current", current->def->name);
  g_string_append (out, ">\n");
  for (const VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (tree); node != NULL;
       node = vckc_checkpoint_node_next (node, NULL))
    format_entry (node->def, out);
  g_string_append (out, "</vckcheckpoints>\n");
  return g_string_free (out, FALSE);
}

static gint64
read_size (const xmlNode *node, const char *name)
{
  g_autofree char *text = vckc_xml_attribute (node, name);
  guint64 value;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &value, NULL)
             ? (gint64) value
             : -1;
}

static void
read_disk_info (VckcCheckpointDef *def, const xmlNode *entry)
{
  for (const xmlNode *node = vckc_xml_child (entry, "disk"); node != NULL;
       node = vckc_xml_next (node, "disk"))
    {
      g_autofree char *name = vckc_xml_attribute (node, "name");
      VckcCheckpointDiskDef *disk = vckc_checkpoint_def_find_disk (def, name);

      if (disk == NULL)
        continue;
      disk->capacity = read_size (node, "capacity");
      disk->granularity = read_size (node, "granularity");
    }
}

static void
read_uuid (VckcCheckpointDef *def, const xmlNode *entry)
{
  g_autofree char *text = vckc_xml_attribute (entry, "uuid");

  def->uuid = text != NULL ? vckc_uuid_normalize (text) : NULL;
}

static GPtrArray *
read_entries (const xmlNode *root, VckcError **err)
{
  g_autoptr (GPtrArray) defs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (const xmlNode *entry = vckc_xml_child (root, "entry"); entry != NULL;
       entry = vckc_xml_next (entry, "entry"))
    {
      VckcCheckpointDef *def =
          vckc_checkpoint_def_new_from_node (vckc_xml_child (entry, "domaincheckpoint"), err);

      if (def == NULL)
        return NULL;
      g_ptr_array_add (defs, def);
      read_uuid (def, entry);
      read_disk_info (def, entry);
      if (!g_hash_table_add (names, def->name))
        {
          vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                          "the document has checkpoint '%s' more than once", def->name);
          return NULL;
        }
    }
  return g_steal_pointer (&defs);
}

/* A tree sorts out what is whose parent; a checkpoint whose parent is not in the document keeps
 * its parent's name, which may be known to the domain. */
static GPtrArray *
order_by_parent (GPtrArray *defs)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) done = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  GPtrArray *ordered = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_checkpoint_def_free);

  for (guint i = 0; i < defs->len; i++)
    {
      VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      g_hash_table_insert (by_name, def->name, def);
    }
  for (guint i = 0; i < defs->len; i++)
    {
      VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      /* Up to an ancestor that is done, not in the document, or already on the way (a circle). */
      while (def != NULL && g_hash_table_add (done, def->name))
        {
          g_ptr_array_add (path, def);
          def = def->parent_name != NULL ? g_hash_table_lookup (by_name, def->parent_name) : NULL;
        }
      while (path->len > 0)
        g_ptr_array_add (ordered, g_ptr_array_steal_index (path, path->len - 1));
    }
  g_ptr_array_set_free_func (defs, NULL);
  g_ptr_array_unref (defs);
  return ordered;
}

GPtrArray *
vckc_export_parse (const char *document, char **ret_current, VckcError **err)
{
  g_autoptr (xmlDoc) doc =
      vckc_xml_parse (document, VCKC_XML_SCHEMA_EXPORT, "document of checkpoints", err);
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;
  GPtrArray *defs = root != NULL ? read_entries (root, err) : NULL;

  if (defs == NULL)
    return NULL;
  *ret_current = vckc_xml_attribute (root, "current");
  return order_by_parent (defs);
}
