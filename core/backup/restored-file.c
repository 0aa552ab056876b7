/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/restored-file.h"

#include <string.h>

#include "backup/backup-names.h"
#include "backup/disk-fields.h"
#include "backup/json-file.h"
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

static const VckcDiskFields restored_disks = { restored_fields, G_N_ELEMENTS (restored_fields),
                                               sizeof (VckcRestoredDisk) };

static void
restored_disk_free (gpointer disk)
{
  vckc_disk_fields_free (&restored_disks, disk);
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
  if (why == NULL && vckc_disk_fields_read (&restored_disks, object, restored->disks, &why))
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
  VckcRestoredDisk *copy;

  if (old != NULL)
    g_ptr_array_remove (restored->disks, old);
  copy = vckc_disk_fields_add (&restored_disks, restored->disks, disk->target);
  copy->id = g_strdup (disk->id);
  copy->backup = g_strdup (disk->backup);
  copy->checkpoint = g_strdup (disk->checkpoint);
}

bool
vckc_restored_write (const VckcDomainFolder *folder, const VckcRestored *restored, VckcError **err)
{
  const RestoredHead head = { RESTORED_FORMAT };
  g_autoptr (JsonObject) object = json_object_new ();

  vckc_fields_write (restored_head_fields, G_N_ELEMENTS (restored_head_fields), &head, object);
  vckc_disk_fields_write (&restored_disks, restored->disks, object);
  return vckc_json_file_write (folder->fd, folder->where, RESTORED_FILE, object, err);
}
