/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-finish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/blocks-file.h"
#include "backup/copied-blocks.h"
#include "base/dir-file.h"
#include "handles/handles.h"
#include "handles/job-info.h"

#define CHECKPOINT_FILE "checkpoint.xml"
#define HASH_BUFFER 262144

static char *
backup_finish_hash (int fd, const char *path, VckcError **err)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guchar *buffer = g_malloc (HASH_BUFFER);
  off_t offset = 0;
  ssize_t n;

  do
    {
      n = pread (fd, buffer, HASH_BUFFER, offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          vckc_set_error_errno (err, errno, "cannot read the image '%s'", path);
          return NULL;
        }
      g_checksum_update (checksum, buffer, n);
      offset += n;
    }
  while (n != 0);
  return g_strdup (g_checksum_get_string (checksum));
}

/* Lists what was copied, which is not known of a full backup: nothing is hidden by it. */
static bool
backup_finish_list_blocks (const VckcPartial *partial,
                           VckcManifestDisk *disk,
                           int fd,
                           VckcError **err)
{
  if (disk->base == NULL)
    return true;
  disk->blocks = g_strconcat (disk->target, VCKC_BLOCKS_FILE_SUFFIX, NULL);
  return vckc_dir_remove (partial->fd, partial->where, disk->blocks, err)
         && vckc_copied_blocks_write (fd, partial->fd, partial->where, disk->file, disk->blocks,
                                      err);
}

static bool
backup_finish_image (const VckcPartial *partial,
                     VckcManifestDisk *disk,
                     int fd,
                     bool checksum,
                     VckcError **err)
{
  g_autofree char *path = g_build_filename (partial->where, disk->file, NULL);
  struct stat info;

  if (fsync (fd) < 0 || fstat (fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot store the image '%s'", path);
      return false;
    }
  disk->file_size = (guint64) info.st_size;
  if (checksum)
    disk->sha256 = backup_finish_hash (fd, path, err);
  return (!checksum || disk->sha256 != NULL) && backup_finish_list_blocks (partial, disk, fd, err);
}

static bool
backup_finish_disk (const VckcPartial *partial,
                    VckcManifestDisk *disk,
                    bool checksum,
                    VckcError **err)
{
  VckcDirFound found;
  int fd = vckc_dir_open_file (partial->fd, disk->file, O_RDONLY, &found);
  bool ok;

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s/%s'", partial->where,
                            disk->file);
      return false;
    }
  ok = backup_finish_image (partial, disk, fd, checksum, err);
  close (fd);
  return ok;
}

static void
backup_finish_note_result (VckcManifest *manifest, const VckcJobInfo *info)
{
  if (info != NULL)
    {
      g_free (manifest->qemu);
      manifest->qemu = g_strdup (info->qemu);
    }
  for (guint i = 0; info != NULL && i < info->disks->len; i++)
    {
      const VckcJobDisk *copied = g_ptr_array_index (info->disks, i);
      VckcManifestDisk *disk = vckc_manifest_find_disk (manifest, copied->name);

      if (disk != NULL && copied->bytes_done >= 0)
        disk->bytes = (guint64) copied->bytes_done;
    }
}

/* The checkpoint as it was made, for emergencies, and which one it is. */
static bool
backup_finish_write_checkpoint (const VckcPartial *partial,
                                VckcManifest *manifest,
                                VckcDomain *domain,
                                VckcError **err)
{
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  g_autofree char *xml = NULL;
  VckcError *error = NULL;

  if (manifest->checkpoint_name == NULL)
    return true;
  checkpoint = vckc_domain_checkpoint_lookup_by_name (domain, manifest->checkpoint_name, 0, err);
  xml = checkpoint != NULL
            ? vckc_domain_checkpoint_get_xml_desc (checkpoint, VCKC_CHECKPOINT_XML_NO_DOMAIN, err)
            : NULL;
  if (xml == NULL)
    return false;
  manifest->checkpoint_uuid = vckc_domain_checkpoint_get_uuid (checkpoint, &error);
  if (error != NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  return vckc_dir_replace (partial->fd, partial->where, CHECKPOINT_FILE, xml, partial->fd, err);
}

bool
vckc_backup_finish (const VckcPartial *partial,
                    VckcManifest *manifest,
                    VckcDomain *domain,
                    VckcJobInfo *info,
                    bool checksum,
                    VckcError **err)
{
  backup_finish_note_result (manifest, info);
  for (guint i = 0; i < manifest->disks->len; i++)
    if (!backup_finish_disk (partial, g_ptr_array_index (manifest->disks, i), checksum, err))
      return false;
  return backup_finish_write_checkpoint (partial, manifest, domain, err)
         && vckc_partial_write_manifest (partial, VCKC_MANIFEST_FILE, manifest, err)
         && vckc_partial_publish (partial, err);
}
