/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-files.h"

#include <unistd.h>

#include "managed/methods/backup-end.h"
#include "model/bitmap-state.h"

void
vckc_backup_files_init (VckcBackupFiles *files)
{
  files->disks = g_array_new (FALSE, TRUE, sizeof (VckcBlockBackupDisk));
  files->socket = -1;
}

static VckcBlockBackupDisk *
backup_files_get (VckcBackupFiles *files, guint disk)
{
  return &g_array_index (files->disks, VckcBlockBackupDisk, disk);
}

void
vckc_backup_files_clear (VckcBackupFiles *files)
{
  for (guint i = 0; files->disks != NULL && i < files->disks->len; i++)
    if (backup_files_get (files, i)->fd >= 0)
      close (backup_files_get (files, i)->fd);
  g_clear_pointer (&files->disks, g_array_unref);
  if (files->socket >= 0)
    close (files->socket);
  files->socket = -1;
}

void
vckc_backup_add_images (VckcBitmapSet *set, const VckcBackupStatus *status)
{
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);

      vckc_bitmap_set_add_copied_disk (set, disk->target, disk->image, disk->image_format);
    }
}

static guint
backup_files_find_disk (const VckcBitmapSet *set, const char *target)
{
  for (guint i = 0; i < vckc_bitmap_set_n_disks (set); i++)
    if (g_str_equal (vckc_bitmap_set_disk_target (set, i), target))
      return i;
  return VCKC_BLOCK_BACKUP_NO_DISK;
}

/* Finds the bitmap that the disk starts from, which must be of use. */
static bool
backup_files_find_base (VckcBitmapSet *set,
                        const VckcBackupDiskStatus *status,
                        VckcBlockBackupDisk *disk,
                        VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = NULL;
  const VckcBlockBitmap *base = NULL;

  if (!vckc_block_session_list_bitmaps (vckc_bitmap_set_get_session (set), disk->disk, &bitmaps,
                                        err))
    return false;
  for (guint i = 0; base == NULL && i < bitmaps->len; i++)
    if (g_str_equal (((VckcBlockBitmap *) g_ptr_array_index (bitmaps, i))->name,
                     status->base_bitmap))
      base = g_ptr_array_index (bitmaps, i);
  if (!vckc_block_bitmap_is_usable (base))
    {
      vckc_set_error (
          err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
          "the bitmap '%s' of checkpoint '%s' %s on disk '%s', so that what has changed "
          "is not known; make a full backup of that disk",
          status->base_bitmap, status->base, base == NULL ? "is missing" : "cannot be relied on",
          status->target);
      return false;
    }
  disk->base = status->base_bitmap;
  disk->base_granularity = base->granularity;
  return true;
}

/* A disk of the status, and which one of the set that is; without its file, and what it starts
 * from. */
static VckcBlockBackupDisk
backup_files_describe (const VckcBitmapSet *set, const VckcBackupDiskStatus *status)
{
  return (VckcBlockBackupDisk){ .disk = backup_files_find_disk (set, status->target),
                                .file = status->file,
                                .fd = -1,
                                .format = status->format,
                                .export_name = status->export_name,
                                .export_bitmap = status->export_bitmap };
}

bool
vckc_backup_files_find (VckcBackupFiles *files,
                        VckcBitmapSet *set,
                        const VckcBackupStatus *status,
                        VckcError **err)
{
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *from = vckc_backup_status_get_disk (status, i);
      VckcBlockBackupDisk disk = backup_files_describe (set, from);

      if (from->base != NULL && !backup_files_find_base (set, from, &disk, err))
        return false;
      g_array_append_val (files->disks, disk);
    }
  return true;
}

static bool
backup_files_make_one (VckcEngine *engine,
                       VckcBitmapSet *set,
                       VckcBackupDiskStatus *status,
                       VckcBlockBackupDisk *disk,
                       VckcError **err)
{
  /* As libvirt has it: what has not changed is in the image itself. */
  VckcBlockBackupFile file = { .path = status->file,
                               .target = status->target,
                               .format = status->format,
                               .backing_file = status->base != NULL ? status->image : NULL,
                               .backing_format =
                                   status->base != NULL ? status->image_format : NULL };

  if (status->export_name != NULL)
    file.backing_file = file.backing_format = NULL;
  if (!vckc_block_session_get_capacity (vckc_bitmap_set_get_session (set), disk->disk,
                                        &file.capacity, err)
      || !vckc_block_make_backup_file (engine->backend, &file, &disk->fd, &status->made_as, err))
    return false;
  status->made = true;
  return true;
}

bool
vckc_backup_files_name (VckcBackupFiles *files,
                        VckcEngine *engine,
                        const VckcBackupStatus *status,
                        VckcError **err)
{
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);
      const VckcBlockBackupFile file = { .path = disk->file, .target = disk->target };

      if (disk->made
          && !vckc_block_name_backup_file (engine->backend, &file, backup_files_get (files, i)->fd,
                                           err))
        return false;
    }
  return true;
}

/* Paths do not show that a file that is to be written is an image of the domain under another name,
 * or the file of another disk. */
static bool
backup_files_check_is_apart (VckcEngine *engine,
                             const VckcDomainDef *domain,
                             const VckcBackupStatus *status,
                             guint at,
                             VckcError **err)
{
  const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, at);
  VckcBlockImage image = vckc_block_image_at (engine->backend, disk->file);
  const char *same = NULL;

  for (guint i = 0; same == NULL && i < domain->disks->len; i++)
    {
      const VckcDomainDiskDef *other = g_ptr_array_index (domain->disks, i);
      VckcBlockImage there = vckc_block_image_at (engine->backend, other->source);

      if (vckc_block_image_is_same (&image, &there))
        same = other->source;
    }
  for (guint i = 0; same == NULL && i < at; i++)
    {
      const VckcBackupDiskStatus *other = vckc_backup_status_get_disk (status, i);
      VckcBlockImage there = vckc_block_image_at (engine->backend, other->file);

      if (vckc_block_image_is_same (&image, &there))
        same = other->file;
    }
  if (same != NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "disk '%s' cannot be backed up to '%s': that is the same file as '%s'; name "
                    "another one",
                    disk->target, disk->file, same);
  return same == NULL;
}

static bool
backup_files_open_one (VckcEngine *engine,
                       const VckcDomainDef *domain,
                       const VckcBackupStatus *status,
                       guint at,
                       VckcBlockBackupDisk *file,
                       VckcError **err)
{
  return backup_files_check_is_apart (engine, domain, status, at, err)
         && vckc_block_open_backup_file (engine->backend, file->file, NULL, &file->fd, err);
}

static bool
backup_files_make_socket (VckcBackupFiles *files,
                          VckcEngine *engine,
                          VckcBackupStatus *status,
                          VckcError **err)
{
  if (status->socket == NULL)
    return true;
  if (!vckc_block_make_backup_socket (engine->backend, status->socket, &files->socket, err))
    return false;
  status->socket_made = true;
  status->socket_made_as = vckc_block_image_at (engine->backend, status->socket);
  return true;
}

bool
vckc_backup_files_make (VckcBackupFiles *files,
                        VckcEngine *engine,
                        const VckcDomainDef *domain,
                        VckcBitmapSet *set,
                        VckcBackupStatus *status,
                        VckcError **err)
{
  bool pull = status->mode == VCKC_BACKUP_MODE_PULL;
  bool none = pull && !vckc_block_session_needs_scratch (vckc_bitmap_set_get_session (set));
  bool reuse = true;
  bool ok = backup_files_make_socket (files, engine, status, err);

  for (guint i = 0; i < status->disks->len; i++)
    {
      VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);

      reuse = reuse && !disk->made;
      disk->made = false;
    }
  for (guint i = 0; ok && !none && i < status->disks->len; i++)
    {
      VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);
      VckcBlockBackupDisk *file = backup_files_get (files, i);

      ok = reuse ? backup_files_open_one (engine, domain, status, i, file, err)
                 : backup_files_make_one (engine, set, disk, file, err);
    }
  if (!ok)
    vckc_backup_remove_files (engine, status);
  return ok;
}

/* The bitmaps that the disks start from may have been deleted meanwhile. */
void
vckc_backup_files_attach (VckcBackupFiles *files,
                          VckcEngine *engine,
                          VckcBitmapSet *set,
                          const VckcBackupStatus *status,
                          VckcError **ret_problem)
{
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *from = vckc_backup_status_get_disk (status, i);
      VckcBlockBackupDisk disk = backup_files_describe (set, from);
      g_autoptr (VckcError) error = NULL;

      disk.base = from->base_bitmap;
      if (!vckc_block_open_backup_file (engine->backend, from->file,
                                        from->made ? &from->made_as : NULL, &disk.fd, &error)
          && !vckc_error_is_missing_file (error))
        vckc_keep_first_error (ret_problem, g_steal_pointer (&error));
      g_array_append_val (files->disks, disk);
    }
}
