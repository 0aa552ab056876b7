/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/manifest.h"

#include <string.h>

#include "backup/backup-names.h"
#include "backup/json-file.h"
#include "backup/manifest-fields.h"
#include "base/json-parse.h"

#define MAX_DISKS 1024
#define SHA256_LENGTH 64

const char *
vckc_manifest_kind_of (VckcBackupMode mode)
{
  return mode == VCKC_BACKUP_MODE_PULL ? "pull" : "push";
}

static bool
is_kind (const char *text)
{
  return g_str_equal (text, "push") || g_str_equal (text, "pull");
}

static bool
is_sha256 (const char *text)
{
  return strlen (text) == SHA256_LENGTH && strspn (text, "0123456789abcdef") == SHA256_LENGTH;
}

static bool
is_image_file (const char *text)
{
  return vckc_backup_file_is_valid (text) && g_str_has_suffix (text, ".qcow2");
}

static bool
is_blocks_file (const char *text)
{
  return vckc_backup_file_is_valid (text) && g_str_has_suffix (text, ".blocks");
}

static bool
is_not_empty (const char *text)
{
  return text[0] != '\0';
}

#define FIELD(group, name, type, required, member, is_valid)                                       \
  {                                                                                                \
    group, name, VCKC_FIELD_##type, required, G_STRUCT_OFFSET (VckcManifest, member), is_valid     \
  }

static const VckcField manifest_fields[] = {
  FIELD (NULL, "id", TEXT, true, id, vckc_backup_id_is_valid),
  FIELD (NULL, "time", TIME, true, time, NULL),
  FIELD (NULL, "store", TEXT, true, store, vckc_backup_uuid_is_valid),
  FIELD ("domain", "uuid", TEXT, true, domain_uuid, vckc_backup_uuid_is_valid),
  FIELD ("domain", "name", TEXT, true, domain_name, is_not_empty),
  FIELD ("domain", "uri", TEXT, false, domain_uri, NULL),
  FIELD ("checkpoint", "name", TEXT, false, checkpoint_name, is_not_empty),
  FIELD ("checkpoint", "uuid", TEXT, false, checkpoint_uuid, vckc_backup_uuid_is_valid),
  FIELD (NULL, "label", TEXT, false, label, NULL),
  FIELD (NULL, "left_out", TEXT, false, left_out, NULL),
  FIELD (NULL, "quiesced", BOOL, false, quiesced, NULL),
  FIELD (NULL, "kind", TEXT, true, kind, is_kind),
  FIELD (NULL, "vck", TEXT, true, vck, NULL),
  FIELD (NULL, "qemu", TEXT, false, qemu, NULL),
};

#define DISK_FIELD(name, type, required, member, is_valid)                                         \
  {                                                                                                \
    NULL, name, VCKC_FIELD_##type, required, G_STRUCT_OFFSET (VckcManifestDisk, member), is_valid  \
  }

static const VckcField disk_fields[] = {
  DISK_FIELD ("file", TEXT, true, file, is_image_file),
  DISK_FIELD ("virtual_size", NUMBER, true, virtual_size, NULL),
  DISK_FIELD ("cluster_size", NUMBER, true, cluster_size, NULL),
  DISK_FIELD ("base", TEXT, false, base, vckc_backup_id_is_valid),
  DISK_FIELD ("base_checkpoint", TEXT, false, base_checkpoint, is_not_empty),
  DISK_FIELD ("why_full", TEXT, false, why_full, NULL),
  DISK_FIELD ("bytes", NUMBER, true, bytes, NULL),
  DISK_FIELD ("file_size", NUMBER, true, file_size, NULL),
  DISK_FIELD ("blocks", TEXT, false, blocks, is_blocks_file),
  DISK_FIELD ("sha256", TEXT, false, sha256, is_sha256),
  DISK_FIELD ("source", TEXT, false, source, NULL),
};

VckcManifestDisk *
vckc_manifest_disk_new (void)
{
  return g_new0 (VckcManifestDisk, 1);
}

void
vckc_manifest_disk_free (VckcManifestDisk *disk)
{
  if (disk == NULL)
    return;
  vckc_fields_clear (disk_fields, G_N_ELEMENTS (disk_fields), disk);
  g_free (disk->target);
  g_free (disk);
}

VckcManifest *
vckc_manifest_new (void)
{
  VckcManifest *manifest = g_new0 (VckcManifest, 1);

  manifest->disks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_manifest_disk_free);
  return manifest;
}

void
vckc_manifest_free (VckcManifest *manifest)
{
  if (manifest == NULL)
    return;
  vckc_fields_clear (manifest_fields, G_N_ELEMENTS (manifest_fields), manifest);
  g_ptr_array_unref (manifest->disks);
  g_free (manifest);
}

VckcManifestDisk *
vckc_manifest_find_disk (const VckcManifest *manifest, const char *target)
{
  for (guint i = 0; i < manifest->disks->len; i++)
    {
      VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, i);

      if (g_str_equal (disk->target, target))
        return disk;
    }
  return NULL;
}

/* Why the disk cannot be one of the backup `id`; NULL if it can. `files` has those of the disks
 * before it. */
static char *
manifest_check_disk (const VckcManifestDisk *disk, const char *id, GHashTable *files)
{
  guint64 cluster = disk->cluster_size;

  if (!vckc_backup_target_is_valid (disk->target))
    return g_strdup ("its target cannot be the name of a file");
  if (g_strcmp0 (disk->base, id) == 0)
    return g_strdup ("it is based on itself");
  if (cluster < 512 || cluster > (2u << 20) || (cluster & (cluster - 1)) != 0)
    return g_strdup_printf ("it cannot have clusters of %" G_GUINT64_FORMAT " bytes", cluster);
  if (!g_hash_table_add (files, disk->file)
      || (disk->blocks != NULL && !g_hash_table_add (files, disk->blocks)))
    return g_strdup ("another disk has the same file");
  return NULL;
}

static bool
manifest_read_disk (VckcManifest *manifest,
                    const char *target,
                    JsonNode *node,
                    GHashTable *files,
                    char **ret_why)
{
  VckcManifestDisk *disk = vckc_manifest_disk_new ();
  g_autofree char *why = NULL;

  g_ptr_array_add (manifest->disks, disk);
  disk->target = g_strdup (target);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    why = g_strdup ("it is not an object");
  else if (vckc_fields_read (disk_fields, G_N_ELEMENTS (disk_fields), json_node_get_object (node),
                             disk, &why))
    why = manifest_check_disk (disk, manifest->id, files);
  if (why != NULL)
    *ret_why = g_strdup_printf ("disk '%s': %s", target, why);
  return why == NULL;
}

static bool
manifest_read_disks (VckcManifest *manifest, JsonObject *object, char **ret_why)
{
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  JsonNode *node = json_object_get_member (object, "disks");
  JsonObject *disks =
      node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonObjectIter iter;
  const char *target;

  if (disks == NULL || json_object_get_size (disks) == 0
      || json_object_get_size (disks) > MAX_DISKS)
    {
      *ret_why = g_strdup_printf ("it does not have 1 to %d disks", MAX_DISKS);
      return false;
    }
  json_object_iter_init_ordered (&iter, disks);
  while (json_object_iter_next_ordered (&iter, &target, &node))
    if (!manifest_read_disk (manifest, target, node, files, ret_why))
      return false;
  return true;
}

/* 0 if there is none. */
static gint64
manifest_get_format (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "format");

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_INT64
             ? json_node_get_int (node)
             : 0;
}

static VckcManifest *
manifest_read (JsonObject *object, char **ret_why)
{
  g_autoptr (VckcManifest) manifest = vckc_manifest_new ();

  if (!vckc_fields_read (manifest_fields, G_N_ELEMENTS (manifest_fields), object, manifest, ret_why)
      || !manifest_read_disks (manifest, object, ret_why))
    return NULL;
  return g_steal_pointer (&manifest);
}

VckcManifest *
vckc_manifest_parse (const char *text, const char *where, VckcError **err)
{
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) root = vckc_json_parse_object (text, strlen (text), &why);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;
  gint64 format = object != NULL ? manifest_get_format (object) : 0;
  VckcManifest *manifest = NULL;

  if (format > VCKC_MANIFEST_FORMAT)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "the manifest '%s' has the format %" G_GINT64_FORMAT
                      ", and only %d is known here; use the version of Vck that wrote it",
                      where, format, VCKC_MANIFEST_FORMAT);
      return NULL;
    }
  if (object != NULL && format < 1)
    why = g_strdup ("it has no format");
  else if (object != NULL && !vckc_json_is_finite (root))
    why = g_strdup ("it has a number that is too large");
  else if (object != NULL)
    manifest = manifest_read (object, &why);
  if (manifest == NULL)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "the manifest '%s' is damaged: %s", where,
                    why);
  return manifest;
}

/* The object `name` of an object, or NULL. */
static JsonObject *
manifest_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* Disks that are no longer in the manifest go. */
static JsonObject *
manifest_make_disks (const VckcManifest *manifest, JsonObject *old_disks)
{
  JsonObject *disks = json_object_new ();

  for (guint i = 0; i < manifest->disks->len; i++)
    {
      const VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, i);
      JsonObject *object = vckc_json_object_copy (manifest_get_object (old_disks, disk->target));

      vckc_fields_write (disk_fields, G_N_ELEMENTS (disk_fields), disk, object);
      json_object_set_object_member (disks, disk->target, object);
    }
  return disks;
}

char *
vckc_manifest_format (const VckcManifest *manifest, const char *old_text)
{
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) old =
      old_text != NULL ? vckc_json_parse_object (old_text, strlen (old_text), &why) : NULL;
  JsonObject *old_object = old != NULL ? json_node_get_object (old) : NULL;
  g_autoptr (JsonObject) object = vckc_json_object_copy (old_object);

  json_object_set_int_member (object, "format", VCKC_MANIFEST_FORMAT);
  vckc_fields_write (manifest_fields, G_N_ELEMENTS (manifest_fields), manifest, object);
  json_object_set_object_member (
      object, "disks", manifest_make_disks (manifest, manifest_get_object (old_object, "disks")));
  return vckc_json_format (object);
}
