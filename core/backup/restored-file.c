/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/restored-file.h"

#include <string.h>

#include "backup/backup-names.h"
#include "backup/manifest-fields.h"
#include "base/dir-file.h"
#include "base/json-parse.h"

#define RESTORED_FILE "restored.json"
#define RESTORED_FORMAT 1
#define MAX_RESTORED_FILE ((gsize) 1024 * 1024)

typedef struct
{
  guint64 format;
} RestoredHead;

static const VckcField restored_head_fields[] = {
  { NULL, "format", VCKC_FIELD_NUMBER, true, G_STRUCT_OFFSET (RestoredHead, format), NULL },
};

static bool
is_not_empty (const char *text)
{
  return text[0] != '\0';
}

static const VckcField restored_fields[] = {
  { NULL, "id", VCKC_FIELD_TEXT, true, G_STRUCT_OFFSET (VckcRestoredDisk, id),
    vckc_backup_id_is_valid },
  { NULL, "backup", VCKC_FIELD_TEXT, true, G_STRUCT_OFFSET (VckcRestoredDisk, backup),
    vckc_backup_id_is_valid },
  { NULL, "checkpoint", VCKC_FIELD_TEXT, false, G_STRUCT_OFFSET (VckcRestoredDisk, checkpoint),
    is_not_empty },
};

static void
restored_disk_free (gpointer data)
{
  VckcRestoredDisk *disk = data;

  vckc_fields_clear (restored_fields, G_N_ELEMENTS (restored_fields), disk);
  g_free (disk->target);
  g_free (disk);
}

static VckcRestored *
restored_new (void)
{
  VckcRestored *restored = g_new0 (VckcRestored, 1);

  restored->disks = g_ptr_array_new_with_free_func (restored_disk_free);
  return restored;
}

void
vckc_restored_free (VckcRestored *restored)
{
  if (restored == NULL)
    return;
  g_ptr_array_unref (restored->disks);
  g_free (restored);
}

static bool
restored_parse_disk (VckcRestored *restored, const char *target, JsonNode *node, char **ret_why)
{
  VckcRestoredDisk *disk = g_new0 (VckcRestoredDisk, 1);
  g_autofree char *why = NULL;

  g_ptr_array_add (restored->disks, disk);
  disk->target = g_strdup (target);
  if (!vckc_backup_target_is_valid (target))
    why = g_strdup ("its target cannot be the name of a file");
  else if (!JSON_NODE_HOLDS_OBJECT (node))
    why = g_strdup ("it is not an object");
  else
    vckc_fields_read (restored_fields, G_N_ELEMENTS (restored_fields), json_node_get_object (node),
                      disk, &why);
  if (why != NULL)
    *ret_why = g_strdup_printf ("disk '%s': %s", target, why);
  return why == NULL;
}

static bool
restored_parse_disks (VckcRestored *restored, JsonObject *object, char **ret_why)
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
    if (!restored_parse_disk (restored, target, node, ret_why))
      return false;
  return true;
}

static VckcRestored *
restored_parse (const VckcDomainFolder *folder, const char *text, VckcError **err)
{
  g_autoptr (VckcRestored) restored = restored_new ();
  RestoredHead head = { 0 };
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) root = vckc_json_parse_object (text, strlen (text), &why);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;

  if (object != NULL
      && vckc_fields_read (restored_head_fields, G_N_ELEMENTS (restored_head_fields), object, &head,
                           &why)
      && head.format > RESTORED_FORMAT)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "the file '%s/" RESTORED_FILE "' has the format %" G_GUINT64_FORMAT
                      ", and only %d is known here; use the version of Vck that wrote it",
                      folder->where, head.format, RESTORED_FORMAT);
      return NULL;
    }
  if (why == NULL && restored_parse_disks (restored, object, &why))
    return g_steal_pointer (&restored);
  vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                  "the file '%s/" RESTORED_FILE "' is damaged: %s; remove it and make a full "
                  "backup",
                  folder->where, why);
  return NULL;
}

VckcRestored *
vckc_restored_read (const VckcDomainFolder *folder, VckcError **err)
{
  VckcDirFound found;
  g_autofree char *text =
      vckc_dir_read (folder->fd, folder->where, RESTORED_FILE, MAX_RESTORED_FILE, &found, err);

  if (text != NULL)
    return restored_parse (folder, text, err);
  return found == VCKC_DIR_MISSING ? restored_new () : NULL;
}

const VckcRestoredDisk *
vckc_restored_find (const VckcRestored *restored, const char *target)
{
  for (guint i = 0; i < restored->disks->len; i++)
    {
      const VckcRestoredDisk *disk = g_ptr_array_index (restored->disks, i);

      if (g_str_equal (disk->target, target))
        return disk;
    }
  return NULL;
}

void
vckc_restored_set (VckcRestored *restored, const VckcRestoredDisk *disk)
{
  gpointer old = (gpointer) vckc_restored_find (restored, disk->target);
  VckcRestoredDisk *copy = g_new0 (VckcRestoredDisk, 1);

  copy->target = g_strdup (disk->target);
  copy->id = g_strdup (disk->id);
  copy->backup = g_strdup (disk->backup);
  copy->checkpoint = g_strdup (disk->checkpoint);
  if (old != NULL)
    g_ptr_array_remove (restored->disks, old);
  g_ptr_array_add (restored->disks, copy);
}

bool
vckc_restored_write (const VckcDomainFolder *folder, const VckcRestored *restored, VckcError **err)
{
  const RestoredHead head = { RESTORED_FORMAT };
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *disks = json_object_new ();
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  json_node_take_object (root, json_object_new ());
  vckc_fields_write (restored_head_fields, G_N_ELEMENTS (restored_head_fields), &head,
                     json_node_get_object (root));
  for (guint i = 0; i < restored->disks->len; i++)
    {
      const VckcRestoredDisk *disk = g_ptr_array_index (restored->disks, i);
      JsonObject *object = json_object_new ();

      vckc_fields_write (restored_fields, G_N_ELEMENTS (restored_fields), disk, object);
      json_object_set_object_member (disks, disk->target, object);
    }
  json_object_set_object_member (json_node_get_object (root), "disks", disks);
  text = json_to_string (root, TRUE);
  line = g_strconcat (text, "\n", NULL);
  return vckc_dir_replace (folder->fd, folder->where, RESTORED_FILE, line, folder->fd, err)
         && vckc_dir_sync (folder->fd, folder->where, err);
}
