/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/disk-fields.h"

#include "backup/backup-names.h"

gpointer
vckc_disk_fields_add (const VckcDiskFields *fields, GPtrArray *disks, const char *target)
{
  char **disk = g_malloc0 (fields->size);

  *disk = g_strdup (target);
  g_ptr_array_add (disks, disk);
  return disk;
}

void
vckc_disk_fields_free (const VckcDiskFields *fields, gpointer disk)
{
  vckc_fields_clear (fields->fields, fields->n_fields, disk);
  g_free (*(char **) disk);
  g_free (disk);
}

static bool
disk_fields_read_one (const VckcDiskFields *fields,
                      const char *target,
                      JsonNode *node,
                      GPtrArray *disks,
                      char **ret_why)
{
  g_autofree char *why = NULL;

  if (!vckc_backup_target_is_valid (target))
    why = g_strdup ("its target cannot be the name of a file");
  else if (!JSON_NODE_HOLDS_OBJECT (node))
    why = g_strdup ("it is not an object");
  else
    vckc_fields_read (fields->fields, fields->n_fields, json_node_get_object (node),
                      vckc_disk_fields_add (fields, disks, target), &why);
  if (why != NULL)
    *ret_why = g_strdup_printf ("disk '%s': %s", target, why);
  return why == NULL;
}

bool
vckc_disk_fields_read (const VckcDiskFields *fields,
                       JsonObject *object,
                       GPtrArray *disks,
                       char **ret_why)
{
  JsonNode *node = json_object_get_member (object, "disks");
  JsonObjectIter iter;
  const char *target;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      *ret_why = g_strdup ("it has no disks");
      return false;
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &target, &node))
    if (!disk_fields_read_one (fields, target, node, disks, ret_why))
      return false;
  return true;
}

void
vckc_disk_fields_write (const VckcDiskFields *fields, const GPtrArray *disks, JsonObject *object)
{
  JsonObject *members = json_object_new ();

  for (guint i = 0; i < disks->len; i++)
    {
      gconstpointer disk = g_ptr_array_index (disks, i);
      JsonObject *member = json_object_new ();

      vckc_fields_write (fields->fields, fields->n_fields, disk, member);
      json_object_set_object_member (members, *(char *const *) disk, member);
    }
  json_object_set_object_member (object, "disks", members);
}
