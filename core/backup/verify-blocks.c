/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/verify-blocks.h"

#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/blocks-file.h"
#include "backup/identity.h"
#include "backup/image-data.h"

/* A merge gives the image another base, and leaves what says of which checkpoint the changes were
 * copied. */
static bool
is_merged (const VckcManifest *manifest, const VckcManifestDisk *disk)
{
  const char *id = disk->base_checkpoint != NULL
                       ? vckc_backup_find_id (disk->base_checkpoint, manifest->store)
                       : NULL;

  return disk->base == NULL || g_strcmp0 (id, disk->base) != 0;
}

/* Opens the list, one time for each side of the comparison. */
static VckcExtentReader *
verify_blocks_open (const VckcDomainFolder *folder,
                    const VckcManifest *manifest,
                    const VckcManifestDisk *disk,
                    guint32 *ret_block_size,
                    VckcError **err)
{
  g_autofree char *where = g_build_filename (folder->where, manifest->id, NULL);
  int backup_fd = vckc_domain_folder_open_backup (folder, manifest->id, err);
  VckcExtentReader *reader = backup_fd >= 0
                                 ? vckc_blocks_file_open (backup_fd, where, disk->blocks,
                                                          disk->virtual_size, ret_block_size, err)
                                 : NULL;

  if (backup_fd >= 0)
    close (backup_fd);
  return reader;
}

static bool
verify_blocks_read (VckcExtentReader *reader, VckcError **err)
{
  g_autoptr (GArray) extents = vckc_extents_new ();
  bool end = false;

  while (!end)
    {
      g_array_set_size (extents, 0);
      if (!vckc_extent_reader_next (reader, extents, &end, err))
        return false;
    }
  return true;
}

static bool
verify_blocks_compare (const VckcDomainFolder *folder,
                       const VckcManifest *manifest,
                       const VckcManifestDisk *disk,
                       int fd,
                       VckcIdentity *ret_identity,
                       VckcError **err)
{
  guint32 block_size = 0;
  g_autofree char *path = g_build_filename (folder->where, manifest->id, disk->file, NULL);
  g_autoptr (VckcExtentReader) one = verify_blocks_open (folder, manifest, disk, &block_size, err);
  g_autoptr (VckcExtentReader) other =
      one != NULL ? verify_blocks_open (folder, manifest, disk, &block_size, err) : NULL;
  g_autoptr (VckcExtentReader) image = other != NULL ? vckc_image_own_open (fd, path, err) : NULL;

  if (image == NULL)
    return false;
  if (!is_merged (manifest, disk))
    return vckc_identity_compare (image, one, other, MAX (block_size, disk->cluster_size),
                                  ret_identity, err);
  *ret_identity = (VckcIdentity){ 0 };
  return verify_blocks_read (one, err);
}

bool
vckc_verify_blocks (const VckcDomainFolder *folder,
                    const VckcManifest *manifest,
                    const VckcManifestDisk *disk,
                    int fd,
                    char **ret_fault,
                    VckcError **err)
{
  VckcError *error = NULL;
  VckcIdentity identity = { 0 };

  *ret_fault = NULL;
  if (disk->blocks == NULL)
    return true;
  if (!verify_blocks_compare (folder, manifest, disk, fd, &identity, &error))
    {
      if (vckc_error_get_code (error) != VCKC_ERROR_BACKUP_INCONSISTENT)
        {
          vckc_propagate_error (err, error);
          return false;
        }
      *ret_fault = g_strdup (vckc_error_get_message (error));
      vckc_error_free (error);
    }
  else if (identity.missing > 0 || identity.extra > 0)
    *ret_fault = g_strdup_printf ("the list '%s/%s/%s' of copied blocks is not that of the image "
                                  "beside it",
                                  folder->where, manifest->id, disk->blocks);
  return true;
}
