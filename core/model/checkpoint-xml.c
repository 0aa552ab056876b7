/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/checkpoint-xml.h"

#include <string.h>

#include "model/checkpoint-disk-info.h"
#include "xml/xml-format.h"
#include "xml/xml-parse.h"

/* --- reading --- */

static bool
parse_name (VckcCheckpointDef *def, const xmlNode *root, bool redefine, VckcError **err)
{
  def->name = vckc_xml_text (vckc_xml_child (root, "name"));
  if (def->name == NULL && redefine)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "checkpoint description has no <name>, which redefining needs; give the "
                      "name of the checkpoint's bitmaps");
      return false;
    }
  if (def->name != NULL && strlen (def->name) > VCKC_CHECKPOINT_NAME_MAX)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "checkpoint name '%.32s…' has %" G_GSIZE_FORMAT " characters; use at most "
                      "%d, so that it can be the name of a file",
                      def->name, strlen (def->name), VCKC_CHECKPOINT_NAME_MAX);
      return false;
    }
  return true;
}

static bool
parse_creation_time (VckcCheckpointDef *def, const xmlNode *root, VckcError **err)
{
  g_autofree char *text = vckc_xml_text (vckc_xml_child (root, "creationTime"));
  guint64 value;

  if (text == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "redefining checkpoint '%s' needs a <creationTime>; take the XML from "
                      "before, or give a time in seconds since 1970",
                      def->name);
      return false;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &value, NULL))
    {
      g_autofree char *shown = vckc_xml_tidy_message (text);

      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "checkpoint '%s' has the <creationTime> '%s', which is no time; give "
                      "seconds since 1970, at least 1 and less than 2^63",
                      def->name, shown);
      return false;
    }
  def->creation_time = (gint64) value;
  return true;
}

/* What only counts when an existing checkpoint is described. */
static bool
parse_existing (VckcCheckpointDef *def, const xmlNode *root, VckcError **err)
{
  const xmlNode *domain = vckc_xml_child (root, "domain");

  if (!parse_creation_time (def, root, err))
    return false;
  def->parent_name = vckc_xml_text (vckc_xml_child (vckc_xml_child (root, "parent"), "name"));
  if (domain == NULL)
    return true;
  def->domain = vckc_domain_def_new_from_node (domain, err);
  if (def->domain == NULL)
    vckc_prefix_error (err, "checkpoint '%s'", def->name);
  return def->domain != NULL;
}

static void
parse_disks (VckcCheckpointDef *def, const xmlNode *root)
{
  const xmlNode *disks = vckc_xml_child (root, "disks");
  const xmlNode *node = vckc_xml_child (disks, "disk");

  def->has_disks = disks != NULL;
  for (; node != NULL; node = vckc_xml_next (node, "disk"))
    {
      g_autofree char *name = vckc_xml_attribute (node, "name");
      g_autofree char *mode = vckc_xml_attribute (node, "checkpoint");
      g_autofree char *bitmap = vckc_xml_attribute (node, "bitmap");

      bool tracked = g_strcmp0 (mode, "no") != 0;

      g_ptr_array_add (def->disks, vckc_checkpoint_disk_def_new (name, tracked, bitmap));
    }
}

static xmlDoc *
parse_document (const char *text, VckcError **err)
{
  return vckc_xml_parse (text, VCKC_XML_SCHEMA_CHECKPOINT, "checkpoint description", err);
}

static VckcCheckpointDef *
parse_root (const xmlNode *root, bool redefine, VckcError **err)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_new ();

  if (!parse_name (def, root, redefine, err))
    return NULL;
  def->description = vckc_xml_text (vckc_xml_child (root, "description"));
  if (def->description != NULL && *def->description == '\0')
    g_clear_pointer (&def->description, g_free);
  if (redefine && !parse_existing (def, root, err))
    return NULL;
  parse_disks (def, root);
  return g_steal_pointer (&def);
}

VckcCheckpointDef *
vckc_checkpoint_def_new_from_node (const xmlNode *node, VckcError **err)
{
  return parse_root (node, true, err);
}

VckcCheckpointDef *
vckc_checkpoint_def_parse (const char *text, bool redefine, VckcError **err)
{
  g_autoptr (xmlDoc) doc = parse_document (text, err);
  VckcCheckpointDef *def =
      doc != NULL ? parse_root (xmlDocGetRootElement (doc), redefine, err) : NULL;

  if (def != NULL && redefine)
    vckc_checkpoint_disk_info_read (def, doc);
  return def;
}

static gint64
read_number (char *text /* (transfer full) (nullable) */, gint64 otherwise)
{
  g_autofree char *owned = text;
  guint64 value;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &value, NULL)
             ? (gint64) value
             : otherwise;
}

static void
report_disk (VckcCheckpointDef *def, const xmlNode *node)
{
  g_autofree char *name = vckc_xml_attribute (node, "name");
  g_autofree char *mode = vckc_xml_attribute (node, "checkpoint");
  g_autofree char *bitmap = vckc_xml_attribute (node, "bitmap");
  VckcCheckpointDiskDef *disk;

  if (name == NULL)
    return;
  disk = vckc_checkpoint_disk_def_new (name, g_strcmp0 (mode, "no") != 0, bitmap);
  disk->size = read_number (vckc_xml_attribute (node, "size"), -1);
  g_ptr_array_add (def->disks, disk);
}

VckcCheckpointDef *
vckc_checkpoint_def_parse_report (const char *text, VckcError **err)
{
  g_autoptr (xmlDoc) doc =
      vckc_xml_parse (text, VCKC_XML_SCHEMA_REPORT, "report of a checkpoint", err);
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;
  g_autoptr (VckcCheckpointDef) def = NULL;
  const xmlNode *disks;

  if (root == NULL)
    return NULL;
  def = vckc_checkpoint_def_new ();
  def->name = vckc_xml_text (vckc_xml_child (root, "name"));
  if (def->name == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_XML_ERROR, "report of a checkpoint has no <name>");
      return NULL;
    }
  def->description = vckc_xml_text (vckc_xml_child (root, "description"));
  if (def->description != NULL && *def->description == '\0')
    g_clear_pointer (&def->description, g_free);
  def->parent_name = vckc_xml_text (vckc_xml_child (vckc_xml_child (root, "parent"), "name"));
  def->creation_time = read_number (vckc_xml_text (vckc_xml_child (root, "creationTime")), 0);
  disks = vckc_xml_child (root, "disks");
  def->has_disks = disks != NULL;
  for (const xmlNode *node = vckc_xml_child (disks, "disk"); node != NULL;
       node = vckc_xml_next (node, "disk"))
    report_disk (def, node);
  return g_steal_pointer (&def);
}

/* --- writing --- */

static void
format_disk (GString *out, guint level, const VckcCheckpointDiskDef *disk)
{
  vckc_xml_append_indent (out, level);
  g_string_append (out, "<disk");
  vckc_xml_append_attribute (out, "name", disk->name);
  vckc_xml_append_attribute (out, "checkpoint", disk->tracked ? "bitmap" : "no");
  if (disk->tracked && disk->bitmap != NULL)
    vckc_xml_append_attribute (out, "bitmap", disk->bitmap);
  if (disk->tracked && disk->size >= 0)
    g_string_append_printf (out, " size='%" G_GINT64_FORMAT "'", disk->size);
  g_string_append (out, "/>\n");
}

static void
append_tag (GString *out, guint level, const char *tag)
{
  vckc_xml_append_indent (out, level);
  g_string_append_c (out, '<');
  g_string_append (out, tag);
  g_string_append (out, ">\n");
}

static void
format_disks (GString *out, guint level, const GPtrArray *disks)
{
  if (disks->len == 0)
    return;
  append_tag (out, level, "disks");
  for (guint i = 0; i < disks->len; i++)
    format_disk (out, level + 1, g_ptr_array_index (disks, i));
  append_tag (out, level, "/disks");
}

static void
format_parent (GString *out, guint level, const char *name)
{
  append_tag (out, level, "parent");
  vckc_xml_append_element (out, level + 1, "name", name);
  append_tag (out, level, "/parent");
}

/* Without <domain>; the end of the element is left to the caller. */
static void
format_own (GString *out, guint level, const VckcCheckpointDef *def)
{
  append_tag (out, level, "domaincheckpoint");
  if (def->name != NULL)
    vckc_xml_append_element (out, level + 1, "name", def->name);
  if (def->description != NULL)
    vckc_xml_append_element (out, level + 1, "description", def->description);
  if (def->parent_name != NULL)
    format_parent (out, level + 1, def->parent_name);
  if (def->creation_time != 0)
    {
      vckc_xml_append_indent (out, level + 1);
      g_string_append_printf (out, "<creationTime>%" G_GINT64_FORMAT "</creationTime>\n",
                              def->creation_time);
    }
  format_disks (out, level + 1, def->disks);
}

void
vckc_checkpoint_def_append (const VckcCheckpointDef *def, guint level, GString *out)
{
  format_own (out, level, def);
  append_tag (out, level, "/domaincheckpoint");
}

static void
append_document (GString *out, const VckcCheckpointDef *def, bool with_domain, bool secure)
{
  format_own (out, 0, def);
  if (with_domain && def->domain != NULL)
    g_string_append (out, vckc_domain_def_get_element (def->domain, secure));
  append_tag (out, 0, "/domaincheckpoint");
}

char *
vckc_checkpoint_def_format (const VckcCheckpointDef *def, bool with_domain, bool secure)
{
  GString *out = g_string_new (NULL);

  append_document (out, def, with_domain, secure);
  return g_string_free (out, FALSE);
}

bool
vckc_checkpoint_def_check_size (const VckcCheckpointDef *def, VckcError **err)
{
  g_autofree char *text = vckc_checkpoint_def_format_stored (def);
  const gsize for_parent = VCKC_CHECKPOINT_NAME_MAX + 100;
  const gsize for_sizes = (gsize) def->disks->len * 100;

  return vckc_xml_check_size (strlen (text) + for_parent + for_sizes,
                              "the description of the checkpoint and its domain", err);
}

char *
vckc_checkpoint_def_format_stored (const VckcCheckpointDef *def)
{
  GString *text = g_string_new (NULL);

  append_document (text, def, true, true);
  vckc_checkpoint_disk_info_append (def, text);
  return g_string_free (text, FALSE);
}
