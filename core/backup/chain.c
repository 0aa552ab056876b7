/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/chain.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dir-file.h"
#include "qemu/qcow2-backing.h"
#include "qemu/qcow2-header.h"

static void
chain_level_free (gpointer data)
{
  VckcChainLevel *level = data;

  if (level->fd >= 0)
    close (level->fd);
  g_free (level->path);
  g_free (level);
}

void
vckc_chain_free (VckcChain *chain)
{
  if (chain == NULL)
    return;
  g_ptr_array_unref (chain->levels);
  g_free (chain);
}

const VckcChainLevel *
vckc_chain_get_top (const VckcChain *chain)
{
  return g_ptr_array_index (chain->levels, 0);
}

static void
chain_add (VckcChain *chain,
           const VckcDomainFolder *folder,
           const VckcManifest *manifest,
           const VckcManifestDisk *disk)
{
  VckcChainLevel *level = g_new0 (VckcChainLevel, 1);

  level->manifest = manifest;
  level->disk = disk;
  level->path = g_build_filename (folder->where, manifest->id, disk->file, NULL);
  level->fd = -1;
  g_ptr_array_add (chain->levels, level);
}

/* The manifest that `disk` of the backup `id` is based on. */
static const VckcManifest *
chain_find_base (const VckcBackupList *list,
                 const char *id,
                 const VckcManifestDisk *disk,
                 VckcError **err)
{
  const VckcBackupEntry *entry = vckc_backup_list_find (list, disk->base);
  const VckcManifestDisk *base = entry != NULL && entry->manifest != NULL
                                     ? vckc_manifest_find_disk (entry->manifest, disk->target)
                                     : NULL;

  if (entry == NULL)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                    "disk '%s' of the backup '%s' is based on the backup '%s', which is missing",
                    disk->target, id, disk->base);
  else if (entry->manifest == NULL)
    vckc_set_error (
        err, VCKC_ERROR_BACKUP_INCONSISTENT,
        "disk '%s' of the backup '%s' is based on the backup '%s', which is damaged: %s",
        disk->target, id, disk->base, entry->problem);
  else if (base == NULL)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                    "disk '%s' of the backup '%s' is based on the backup '%s', which lacks it",
                    disk->target, id, disk->base);
  else if (base->virtual_size > disk->virtual_size)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                    "disk '%s' of the backup '%s' is smaller than in the backup '%s' that it is "
                    "based on",
                    disk->target, id, disk->base);
  else
    return entry->manifest;
  return NULL;
}

/* More than that many levels may also be a circle. */
static bool
chain_check_length (const VckcChain *chain, VckcError **err)
{
  const VckcChainLevel *top = vckc_chain_get_top (chain);

  if (chain->levels->len <= VCKC_CHAIN_MAX_LEVELS)
    return true;
  vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                  "disk '%s' of the backup '%s' is based on more than %d backups, or on itself",
                  top->disk->target, top->manifest->id, VCKC_CHAIN_MAX_LEVELS - 1);
  return false;
}

VckcChain *
vckc_chain_find (const VckcBackupList *list,
                 const VckcDomainFolder *folder,
                 const char *id,
                 const char *target,
                 VckcError **err)
{
  g_autoptr (VckcChain) chain = g_new0 (VckcChain, 1);
  const VckcManifest *manifest = vckc_backup_list_get (list, id, err);
  const VckcManifestDisk *disk;

  chain->levels = g_ptr_array_new_with_free_func (chain_level_free);
  if (manifest == NULL)
    return NULL;
  disk = vckc_manifest_find_disk (manifest, target);
  if (disk == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "the backup '%s' has no disk '%s'", id, target);
      return NULL;
    }
  chain_add (chain, folder, manifest, disk);
  while (disk->base != NULL)
    {
      manifest = chain_find_base (list, manifest->id, disk, err);
      if (manifest == NULL)
        return NULL;
      disk = vckc_manifest_find_disk (manifest, target);
      chain_add (chain, folder, manifest, disk);
      if (!chain_check_length (chain, err))
        return NULL;
    }
  return g_steal_pointer (&chain);
}

/* The name of the backing file that a header has to have; NULL for none. */
static char *
chain_make_backing_name (const VckcChainLevel *below)
{
  return below != NULL ? g_strdup_printf ("../%s/%s", below->manifest->id, below->disk->file)
                       : NULL;
}

static bool
chain_fail (const VckcChainLevel *level, const char *why, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                  "the image '%s' is not what its manifest says: %s", level->path, why);
  return false;
}

static bool
chain_check_backing (const VckcChainLevel *level, const VckcChainLevel *below, VckcError **err)
{
  g_autofree char *wanted = chain_make_backing_name (below);
  g_autofree char *file = NULL;
  g_autofree char *format = NULL;
  g_autofree char *why = NULL;

  if (!vckc_qcow2_backing_read (level->fd, level->path, &file, &format, err))
    return false;
  if (g_strcmp0 (file, wanted) == 0 && (file == NULL || g_strcmp0 (format, "qcow2") == 0))
    return true;
  why = g_strdup_printf ("it is based on '%s' in format '%s', and not on '%s' in format 'qcow2'",
                         file != NULL ? file : "nothing", format != NULL ? format : "unknown",
                         wanted != NULL ? wanted : "nothing");
  return chain_fail (level, why, err);
}

static bool
chain_check_header (const VckcChainLevel *level, VckcError **err)
{
  VckcQcow2Header header;
  struct stat info;

  if (!vckc_qcow2_header_read_fd (level->fd, level->path, &header, err))
    return false;
  if (fstat (level->fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", level->path);
      return false;
    }
  if (header.encrypted)
    return chain_fail (level, "it is encrypted", err);
  if (header.has_data_file)
    return chain_fail (level, "its data is in another file", err);
  if (header.dirty || header.corrupt)
    return chain_fail (level, "it is marked as damaged", err);
  if (header.cut)
    return chain_fail (level, "it is cut short", err);
  if (header.virtual_size != level->disk->virtual_size)
    return chain_fail (level, "its disk has another size", err);
  if (header.cluster_size != level->disk->cluster_size)
    return chain_fail (level, "its clusters have another size", err);
  if ((guint64) info.st_size != level->disk->file_size)
    return chain_fail (level, "the file has another size", err);
  return true;
}

static bool
chain_open_file (VckcChainLevel *level, const VckcDomainFolder *folder, VckcError **err)
{
  int backup_fd = vckc_domain_folder_open_backup (folder, level->manifest->id, err);
  VckcDirFound found;
  int saved_errno;

  if (backup_fd < 0)
    return false;
  level->fd = vckc_dir_open_file (backup_fd, level->disk->file, O_RDONLY, &found);
  saved_errno = errno;
  close (backup_fd);
  if (level->fd >= 0)
    return true;
  if (found == VCKC_DIR_MISSING || found == VCKC_DIR_REFUSED)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "the image '%s' is %s", level->path,
                    found == VCKC_DIR_MISSING ? "missing" : "no file of this user");
  else
    vckc_set_error_errno (err, saved_errno, "cannot open the image '%s'", level->path);
  return false;
}

bool
vckc_chain_open_level (VckcChainLevel *level,
                       const VckcChainLevel *below,
                       const VckcDomainFolder *folder,
                       VckcError **err)
{
  return chain_open_file (level, folder, err) && chain_check_header (level, err)
         && chain_check_backing (level, below, err);
}

bool
vckc_chain_open (VckcChain *chain, const VckcDomainFolder *folder, VckcError **err)
{
  for (guint i = 0; i < chain->levels->len; i++)
    if (!vckc_chain_open_level (
            g_ptr_array_index (chain->levels, i),
            i + 1 < chain->levels->len ? g_ptr_array_index (chain->levels, i + 1) : NULL, folder,
            err))
      return false;
  return true;
}
