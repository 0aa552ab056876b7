/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "model/backup-def.h"

void
vckc_backup_server_free (VckcBackupServer *server)
{
  if (server == NULL)
    return;
  g_free (server->name);
  g_free (server->socket);
  g_free (server);
}

VckcBackupDiskDef *
vckc_backup_disk_def_new (const char *name)
{
  VckcBackupDiskDef *disk = g_new0 (VckcBackupDiskDef, 1);

  disk->name = g_strdup (name);
  return disk;
}

VckcBackupDiskDef *
vckc_backup_disk_def_copy (const VckcBackupDiskDef *disk)
{
  VckcBackupDiskDef *copy = g_memdup2 (disk, sizeof *disk);

  copy->name = g_strdup (disk->name);
  copy->path = g_strdup (disk->path);
  copy->format = g_strdup (disk->format);
  copy->incremental = g_strdup (disk->incremental);
  copy->export_name = g_strdup (disk->export_name);
  copy->export_bitmap = g_strdup (disk->export_bitmap);
  return copy;
}

void
vckc_backup_disk_def_free (VckcBackupDiskDef *disk)
{
  if (disk == NULL)
    return;
  g_free (disk->name);
  g_free (disk->path);
  g_free (disk->format);
  g_free (disk->incremental);
  g_free (disk->export_name);
  g_free (disk->export_bitmap);
  g_free (disk);
}

VckcBackupDef *
vckc_backup_def_new (void)
{
  VckcBackupDef *def = g_new0 (VckcBackupDef, 1);

  def->mode = VCKC_BACKUP_MODE_PUSH;
  def->disks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_backup_disk_def_free);
  return def;
}

void
vckc_backup_def_free (VckcBackupDef *def)
{
  if (def == NULL)
    return;
  g_free (def->incremental);
  vckc_backup_server_free (def->server);
  g_ptr_array_unref (def->disks);
  g_free (def);
}

VckcBackupDiskDef *
vckc_backup_def_find_disk (const VckcBackupDef *def, const char *name)
{
  for (guint i = 0; i < def->disks->len; i++)
    {
      VckcBackupDiskDef *disk = g_ptr_array_index (def->disks, i);

      if (disk->backup && g_str_equal (disk->name, name))
        return disk;
    }
  return NULL;
}
