/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-handles.h"

static void
repository_free (gpointer object)
{
  VckcRepository *repository = object;

  vckc_store_root_free (repository->root);
}

const VckcObjectClass vckc_repository_class = {
  .name = "store of backups",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = repository_free,
};

static void
backup_free (gpointer object)
{
  VckcBackup *backup = object;

  g_free (backup->folder);
  g_free (backup->id);
  g_free (backup->domain_uuid);
  vckc_manifest_free (backup->manifest);
  g_free (backup->problem);
}

const VckcObjectClass vckc_backup_class = {
  .name = "backup",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = backup_free,
};

VckcBackup *
vckc_backup_new (const VckcDomainFolder *folder, VckcBackupEntry *entry)
{
  VckcBackup *backup = vckc_object_new (&vckc_backup_class, sizeof *backup);

  backup->folder = g_build_filename (folder->where, entry->id, NULL);
  backup->id = g_strdup (entry->id);
  backup->domain_uuid = g_strdup (folder->uuid);
  backup->manifest = g_steal_pointer (&entry->manifest);
  backup->problem = g_strdup (entry->problem);
  return backup;
}

static void
backup_disk_free (gpointer object)
{
  VckcBackupDisk *disk = object;

  g_free (disk->path);
  vckc_object_unref (disk->backup);
}

const VckcObjectClass vckc_backup_disk_class = {
  .name = "disk of a backup",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = backup_disk_free,
};

VckcBackupDisk *
vckc_backup_disk_new (VckcBackup *backup, const VckcManifestDisk *disk)
{
  VckcBackupDisk *handle = vckc_object_new (&vckc_backup_disk_class, sizeof *handle);

  handle->backup = vckc_object_ref (backup);
  handle->disk = disk;
  handle->path = g_build_filename (backup->folder, disk->file, NULL);
  return handle;
}
