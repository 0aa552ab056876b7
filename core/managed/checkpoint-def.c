/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "checkpoint-def.h"

#include <string.h>

/* --- plain memory --- */

static VckcCheckpointDiskDef *
disk_def_new (const char *name, bool tracked, const char *bitmap)
{
  VckcCheckpointDiskDef *disk = g_new0 (VckcCheckpointDiskDef, 1);

  disk->name = g_strdup (name);
  disk->tracked = tracked;
  disk->bitmap = g_strdup (bitmap);
  disk->size = -1;
  return disk;
}

static void
disk_def_free (gpointer data)
{
  VckcCheckpointDiskDef *disk = data;

  g_free (disk->name);
  g_free (disk->bitmap);
  g_free (disk);
}

static VckcCheckpointDef *
checkpoint_def_new (void)
{
  VckcCheckpointDef *def = g_new0 (VckcCheckpointDef, 1);

  def->disks = g_ptr_array_new_with_free_func (disk_def_free);
  return def;
}

VckcCheckpointDef *
vckc_checkpoint_def_copy (const VckcCheckpointDef *def)
{
  VckcCheckpointDef *copy = checkpoint_def_new ();

  copy->name = g_strdup (def->name);
  copy->description = g_strdup (def->description);
  copy->parent_name = g_strdup (def->parent_name);
  copy->creation_time = def->creation_time;
  copy->has_disks = def->has_disks;
  copy->domain = def->domain == NULL ? NULL : vckc_domain_def_ref (def->domain);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      VckcCheckpointDiskDef *disk_copy = disk_def_new (disk->name, disk->tracked, disk->bitmap);

      disk_copy->size = disk->size;
      g_ptr_array_add (copy->disks, disk_copy);
    }
  return copy;
}

void
vckc_checkpoint_def_free (VckcCheckpointDef *def)
{
  if (def == NULL)
    return;
  g_free (def->name);
  g_free (def->description);
  g_free (def->parent_name);
  g_ptr_array_unref (def->disks);
  vckc_domain_def_unref (def->domain);
  g_free (def);
}

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
                      "before, or give a time in seconds since 1970", def->name);
      return false;
    }
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &value, NULL))
    {
      g_autofree char *shown = vckc_xml_tidy_message (text);

      vckc_set_error (err, VCKC_ERROR_XML_ERROR,
                      "checkpoint '%s' has the <creationTime> '%s', which is no time; give "
                      "seconds since 1970, at least 1 and less than 2^63", def->name, shown);
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

      g_ptr_array_add (def->disks, disk_def_new (name, g_strcmp0 (mode, "no") != 0, bitmap));
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
  g_autoptr (VckcCheckpointDef) def = checkpoint_def_new ();

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
vckc_checkpoint_def_parse (const char *text, bool redefine, VckcError **err)
{
  g_autoptr (xmlDoc) doc = parse_document (text, err);

  return doc != NULL ? parse_root (xmlDocGetRootElement (doc), redefine, err) : NULL;
}

VckcCheckpointDef *
vckc_checkpoint_def_parse_report (const char *text, VckcError **err)
{
  g_autoptr (xmlDoc) doc = parse_document (text, err);
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;
  VckcCheckpointDef *def = root != NULL ? parse_root (root, true, err) : NULL;
  const xmlNode *node;

  if (def == NULL)
    return NULL;
  node = vckc_xml_child (vckc_xml_child (root, "disks"), "disk");
  for (guint i = 0; i < def->disks->len; i++, node = vckc_xml_next (node, "disk"))
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);
      g_autofree char *text_size = vckc_xml_attribute (node, "size");
      guint64 size;

      if (text_size != NULL
          && g_ascii_string_to_unsigned (text_size, 10, 0, G_MAXINT64, &size, NULL))
        disk->size = (gint64) size;
    }
  return def;
}

/* --- alignment --- */

/* The domain's disks, to be found by what a request may call them. */
typedef struct
{
  const VckcDomainDef *domain;
  GHashTable *by_target;         /* target -> VckcDomainDiskDef */
  GHashTable *by_path;           /* source -> VckcDomainDiskDef, NULL if several have it */
  GHashTable *requests;          /* VckcDomainDiskDef -> VckcCheckpointDiskDef */
} DiskFinder;

static void
disk_finder_init (DiskFinder *finder, const VckcDomainDef *domain)
{
  finder->domain = domain;
  finder->by_target = g_hash_table_new (g_str_hash, g_str_equal);
  finder->by_path = g_hash_table_new (g_str_hash, g_str_equal);
  finder->requests = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < domain->disks->len; i++)
    {
      VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);

      g_hash_table_insert (finder->by_target, disk->target, disk);
      if (disk->source != NULL)
        {
          bool is_first = !g_hash_table_contains (finder->by_path, disk->source);

          g_hash_table_insert (finder->by_path, disk->source, is_first ? disk : NULL);
        }
    }
}

static void
disk_finder_clear (DiskFinder *finder)
{
  g_clear_pointer (&finder->by_target, g_hash_table_unref);
  g_clear_pointer (&finder->by_path, g_hash_table_unref);
  g_clear_pointer (&finder->requests, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DiskFinder, disk_finder_clear)

/* "'vda', 'vdb'", a few at most: those with that source, or all if it is NULL. */
static char *
list_targets (const VckcDomainDef *domain, const char *source)
{
  const guint max = 8;
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < domain->disks->len && n <= max; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);

      if (source != NULL && g_strcmp0 (disk->source, source) != 0)
        continue;
      if (n++ < max)
        g_string_append_printf (text, "%s'%s'", n > 1 ? ", " : "", disk->target);
      else
        g_string_append (text, ", …");
    }
  return vckc_xml_tidy_message (text->str);
}

static VckcDomainDiskDef *
find_requested_disk (const DiskFinder *finder, const char *name, VckcError **err)
{
  GHashTable *disks = *name == '/' ? finder->by_path : finder->by_target;
  VckcDomainDiskDef *disk = g_hash_table_lookup (disks, name);
  bool is_ambiguous = disk == NULL && g_hash_table_contains (disks, name);
  g_autofree char *targets = NULL;
  g_autofree char *shown = NULL;

  if (disk != NULL)
    return disk;
  targets = list_targets (finder->domain, is_ambiguous ? name : NULL);
  shown = vckc_xml_tidy_message (name);
  if (is_ambiguous)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "several disks of domain '%s' have the image '%s'; use one of the targets %s",
                    finder->domain->name, shown, targets);
  else
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "domain '%s' has no disk '%s'; its disks are %s", finder->domain->name, shown,
                    targets);
  return NULL;
}

static bool
add_request (DiskFinder *finder, VckcCheckpointDiskDef *request, VckcError **err)
{
  VckcDomainDiskDef *disk = find_requested_disk (finder, request->name, err);
  g_autofree char *shown = vckc_xml_tidy_message (request->name);

  if (disk == NULL)
    return false;
  if (!g_hash_table_insert (finder->requests, disk, request))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "disk '%s' of domain '%s' is listed twice; list each disk once",
                      shown, finder->domain->name);
      return false;
    }
  if (request->tracked && (disk->empty || disk->read_only))
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "disk '%s' of domain '%s' is %s, so nothing can be tracked on it; leave it "
                      "out or give it checkpoint='no'",
                      shown, finder->domain->name, disk->empty ? "empty" : "read-only");
      return false;
    }
  return true;
}

static bool
check_counts (const VckcCheckpointDef *def, const VckcDomainDef *domain, VckcError **err)
{
  if (def->disks->len > domain->disks->len)
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "domain '%s' has fewer disks (%u) than the checkpoint lists (%u); list "
                      "only disks of the domain, each once",
                      domain->name, domain->disks->len, def->disks->len);
      return false;
    }
  if (domain->disks->len == 0)
    {
      vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                      "domain '%s' has no disk, so a checkpoint has nothing to track; add a disk "
                      "first", domain->name);
      return false;
    }
  return true;
}

static VckcCheckpointDiskDef *
aligned_disk_new (const VckcDomainDiskDef     *disk,
                  const VckcCheckpointDiskDef *request,
                  bool                         tracked_by_default)
{
  if (request != NULL)
    return disk_def_new (disk->target, request->tracked, request->bitmap);
  return disk_def_new (disk->target, tracked_by_default && !disk->empty && !disk->read_only, NULL);
}

bool
vckc_checkpoint_def_align (VckcCheckpointDef *def, const VckcDomainDef *domain, VckcError **err)
{
  g_auto (DiskFinder) finder = { 0 };
  GPtrArray *disks;

  if (!check_counts (def, domain, err))
    return false;
  disk_finder_init (&finder, domain);
  for (guint i = 0; i < def->disks->len; i++)
    if (!add_request (&finder, g_ptr_array_index (def->disks, i), err))
      return false;

  disks = g_ptr_array_new_with_free_func (disk_def_free);
  for (guint i = 0; i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (domain->disks, i);
      const VckcCheckpointDiskDef *request = g_hash_table_lookup (finder.requests, disk);

      g_ptr_array_add (disks, aligned_disk_new (disk, request, !def->has_disks));
    }
  g_ptr_array_unref (def->disks);
  def->disks = disks;
  def->has_disks = true;
  return true;
}

void
vckc_checkpoint_def_name_bitmaps (VckcCheckpointDef *def)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcCheckpointDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->tracked && disk->bitmap == NULL)
        disk->bitmap = g_strdup (def->name);
    }
}

/* --- writing --- */

static void
format_disk (GString *out, const VckcCheckpointDiskDef *disk)
{
  g_string_append (out, "    <disk");
  vckc_xml_append_attribute (out, "name", disk->name);
  vckc_xml_append_attribute (out, "checkpoint", disk->tracked ? "bitmap" : "no");
  if (disk->tracked && disk->bitmap != NULL)
    vckc_xml_append_attribute (out, "bitmap", disk->bitmap);
  if (disk->tracked && disk->size >= 0)
    g_string_append_printf (out, " size='%" G_GINT64_FORMAT "'", disk->size);
  g_string_append (out, "/>\n");
}

static void
format_disks (GString *out, const GPtrArray *disks)
{
  if (disks->len == 0)
    return;
  g_string_append (out, "  <disks>\n");
  for (guint i = 0; i < disks->len; i++)
    format_disk (out, g_ptr_array_index (disks, i));
  g_string_append (out, "  </disks>\n");
}

char *
vckc_checkpoint_def_format (const VckcCheckpointDef *def, bool with_domain, bool secure)
{
  g_autoptr (GString) out = g_string_new ("<domaincheckpoint>\n");

  if (def->name != NULL)
    vckc_xml_append_element (out, 1, "name", def->name);
  if (def->description != NULL)
    vckc_xml_append_element (out, 1, "description", def->description);
  if (def->parent_name != NULL)
    {
      g_string_append (out, "  <parent>\n");
      vckc_xml_append_element (out, 2, "name", def->parent_name);
      g_string_append (out, "  </parent>\n");
    }
  if (def->creation_time != 0)
    g_string_append_printf (out, "  <creationTime>%" G_GINT64_FORMAT "</creationTime>\n",
                            def->creation_time);
  format_disks (out, def->disks);
  if (with_domain && def->domain != NULL)
    vckc_domain_def_format (def->domain, secure, 1, out);
  g_string_append (out, "</domaincheckpoint>\n");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

bool
vckc_checkpoint_def_check_size (const VckcCheckpointDef *def, VckcError **err)
{
  g_autofree char *text = vckc_checkpoint_def_format (def, true, true);
  const gsize for_parent = VCKC_CHECKPOINT_NAME_MAX + 100;

  return vckc_xml_check_size (strlen (text) + for_parent,
                              "the description of the checkpoint and its domain", err);
}
