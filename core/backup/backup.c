/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: what is known of a backup and its disks. */

#include "vckc-repository.h"

#include "api/entry.h"
#include "backup/backup-handles.h"

int
vckc_backup_ref (VckcBackup *backup, VckcError **err)
{
  if (!vckc_check_handle (backup, &vckc_backup_class, err))
    return -1;
  vckc_object_ref (backup);
  return 0;
}

int
vckc_backup_unref (VckcBackup *backup, VckcError **err)
{
  if (!vckc_check_handle (backup, &vckc_backup_class, err))
    return -1;
  vckc_object_unref (backup);
  return 0;
}

const char *
vckc_backup_get_id (VckcBackup *backup, VckcError **err)
{
  return vckc_check_handle (backup, &vckc_backup_class, err) ? backup->id : NULL;
}

const char *
vckc_backup_get_domain_uuid (VckcBackup *backup, VckcError **err)
{
  return vckc_check_handle (backup, &vckc_backup_class, err) ? backup->domain_uuid : NULL;
}

/* The manifest; NULL for one that is damaged, and for no backup, which is an error. */
static const VckcManifest *
backup_get_manifest (VckcBackup *backup, VckcError **err)
{
  return vckc_check_handle (backup, &vckc_backup_class, err) ? backup->manifest : NULL;
}

const char *
vckc_backup_get_domain_name (VckcBackup *backup, VckcError **err)
{
  const VckcManifest *manifest = backup_get_manifest (backup, err);

  return manifest != NULL ? manifest->domain_name : NULL;
}

int64_t
vckc_backup_get_time (VckcBackup *backup, VckcError **err)
{
  const VckcManifest *manifest = backup_get_manifest (backup, err);

  return manifest != NULL ? manifest->time : -1;
}

const char *
vckc_backup_get_label (VckcBackup *backup, VckcError **err)
{
  const VckcManifest *manifest = backup_get_manifest (backup, err);

  return manifest != NULL ? manifest->label : NULL;
}

const char *
vckc_backup_get_checkpoint (VckcBackup *backup, VckcError **err)
{
  const VckcManifest *manifest = backup_get_manifest (backup, err);

  return manifest != NULL ? manifest->checkpoint_name : NULL;
}

int64_t
vckc_backup_get_size (VckcBackup *backup, VckcError **err)
{
  const VckcManifest *manifest = backup_get_manifest (backup, err);
  guint64 size = 0;

  if (manifest == NULL)
    return -1;
  for (guint i = 0; i < manifest->disks->len; i++)
    size += ((const VckcManifestDisk *) g_ptr_array_index (manifest->disks, i))->file_size;
  return (int64_t) MIN (size, (guint64) G_MAXINT64);
}

const char *
vckc_backup_get_left_out (VckcBackup *backup, VckcError **err)
{
  return vckc_check_handle (backup, &vckc_backup_class, err) && backup->manifest != NULL
             ? backup->manifest->left_out
             : NULL;
}

const char *
vckc_backup_get_problem (VckcBackup *backup, VckcError **err)
{
  return vckc_check_handle (backup, &vckc_backup_class, err) ? backup->problem : NULL;
}

int
vckc_backup_list_disks (VckcBackup *backup, VckcBackupDisk ***ret_disks, VckcError **err)
{
  GPtrArray *disks;

  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (backup, &vckc_backup_class, err))
    return -1;
  disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (guint i = 0; backup->manifest != NULL && i < backup->manifest->disks->len; i++)
    g_ptr_array_add (disks,
                     vckc_backup_disk_new (backup, g_ptr_array_index (backup->manifest->disks, i)));
  return vckc_object_array_return (disks, (gpointer **) ret_disks);
}

int
vckc_backup_disk_ref (VckcBackupDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_backup_disk_class, err))
    return -1;
  vckc_object_ref (disk);
  return 0;
}

int
vckc_backup_disk_unref (VckcBackupDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_backup_disk_class, err))
    return -1;
  vckc_object_unref (disk);
  return 0;
}

const char *
vckc_backup_disk_get_target (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? disk->disk->target : NULL;
}

const char *
vckc_backup_disk_get_path (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? disk->path : NULL;
}

const char *
vckc_backup_disk_get_base (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? disk->disk->base : NULL;
}

const char *
vckc_backup_disk_get_why_full (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? disk->disk->why_full : NULL;
}

int64_t
vckc_backup_disk_get_virtual_size (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? (int64_t) disk->disk->virtual_size
                                                                : -1;
}

int64_t
vckc_backup_disk_get_bytes (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? (int64_t) disk->disk->bytes : -1;
}

int64_t
vckc_backup_disk_get_file_size (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? (int64_t) disk->disk->file_size
                                                                : -1;
}

const char *
vckc_backup_disk_get_sha256 (VckcBackupDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_backup_disk_class, err) ? disk->disk->sha256 : NULL;
}
