/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/verify.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/chain.h"
#include "backup/result-handles.h"
#include "backup/verify-blocks.h"
#include "base/cancel.h"
#include "base/dir-file.h"
#include "base/file-hash.h"
#include "qemu/qcow2-check.h"

typedef struct
{
  VckcDomainFolder *folder;
  const VckcStoreRoot *root;
  bool fast;
  GPtrArray *findings;
  VckcBackupList *list; /* as it was at the beginning */
} Verify;

static void
verify_add (Verify *self,
            VckcBackupFindingKind kind,
            const char *backup,
            const char *disk,
            const char *message)
{
  g_ptr_array_add (self->findings,
                   vckc_backup_finding_new (kind, self->folder->uuid, backup, disk, message));
}

/* Makes a finding of an error that says something of one backup. Otherwise the call fails. */
static bool
verify_add_error (Verify *self,
                  VckcBackupFindingKind kind,
                  const char *backup,
                  const char *disk,
                  VckcError *error /* (transfer full) */,
                  VckcError **err)
{
  VckcErrorCode code = vckc_error_get_code (error);

  if (vckc_error_is_exhaustion (error) || code == VCKC_ERROR_CANCELLED || code == VCKC_ERROR_BUSY)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  verify_add (self, kind, backup, disk, vckc_error_get_message (error));
  vckc_error_free (error);
  return true;
}

/* What hidden names say: that something has begun and not ended, and what ends it. */
static const struct
{
  const char *suffix;
  const char *message;
} interruptions[] = {
  { ".partial", "a backup is being made, or was interrupted; recovering, or the next backup of the "
                "domain, ends it" },
  { ".restore",
    "a restore in place is under way, or was interrupted; recovering, or the next backup "
    "of the domain, ends it" },
  { ".merge", "backups are being merged, or that was interrupted; the next prune ends it" },
  { ".removed", "the backup is being removed, or that was interrupted; the next prune ends it" },
};

static void
verify_name (Verify *self, const char *name)
{
  g_autofree char *id =
      name[0] == '.' ? g_strndup (name + 1, VCKC_BACKUP_ID_LENGTH) : g_strdup ("");

  for (gsize i = 0; vckc_backup_id_is_valid (id) && i < G_N_ELEMENTS (interruptions); i++)
    if (g_str_equal (name + 1 + VCKC_BACKUP_ID_LENGTH, interruptions[i].suffix))
      {
        g_autofree char *message =
            g_strdup_printf ("'%s/%s': %s", self->folder->where, name, interruptions[i].message);

        verify_add (self, VCKC_BACKUP_FINDING_INTERRUPTED, id, NULL, message);
      }
}

static bool
verify_names (Verify *self, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (self->folder->fd, self->folder->where, err);

  for (guint i = 0; names != NULL && i < names->len; i++)
    verify_name (self, g_ptr_array_index (names, i));
  return names != NULL;
}

static bool
verify_chain (Verify *self, const char *id, const char *target, VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcChain) chain = vckc_chain_find (self->list, self->folder, id, target, &error);
  const VckcBackupEntry *newest =
      g_ptr_array_index (self->list->entries, self->list->entries->len - 1);
  g_autofree char *message = NULL;

  if (chain == NULL)
    return verify_add_error (self, VCKC_BACKUP_FINDING_CHAIN, id, target, error, err);
  if (chain->levels->len < VCKC_VERIFY_LONG_CHAIN || !g_str_equal (newest->id, id))
    return true;
  message = g_strdup_printf ("the chain of disk '%s' has %u images; prune makes it shorter", target,
                             chain->levels->len);
  verify_add (self, VCKC_BACKUP_FINDING_LONG_CHAIN, id, target, message);
  return true;
}

/* Opens the image of a disk as it is now. -1 without an error if a finding was made. */
static int
verify_open_image (Verify *self,
                   const VckcManifest *manifest,
                   const VckcManifestDisk *disk,
                   VckcError **err)
{
  g_autofree char *path = g_build_filename (self->folder->where, manifest->id, disk->file, NULL);
  VckcError *error = NULL;
  g_autoptr (VckcManifest) base =
      disk->base != NULL
          ? vckc_backup_list_read_manifest (self->folder, self->root, disk->base, NULL, &error)
          : NULL;
  const VckcManifestDisk *base_disk =
      base != NULL ? vckc_manifest_find_disk (base, disk->target) : NULL;
  const VckcChainLevel below = { base, base_disk, NULL, -1 };
  VckcChainLevel level = { manifest, disk, path, -1 };

  /* What is wrong with the base is a finding of the chain. */
  if (disk->base != NULL && base_disk == NULL)
    {
      g_clear_pointer (&error, vckc_error_free);
      return -1;
    }
  if (vckc_chain_open_level (&level, base_disk != NULL ? &below : NULL, self->folder, &error))
    return level.fd;
  if (level.fd >= 0)
    close (level.fd);
  verify_add_error (self, VCKC_BACKUP_FINDING_IMAGE, manifest->id, disk->target, error, err);
  return -1;
}

static bool
verify_content (Verify *self,
                const char *id,
                const char *target,
                int fd,
                const char *path,
                VckcError **err)
{
  VckcError *error = NULL;
  g_autofree char *fault = NULL;
  g_autofree char *message = NULL;

  if (!vckc_qcow2_check (fd, path, &fault, &error))
    return verify_add_error (self, VCKC_BACKUP_FINDING_IMAGE, id, target, error, err);
  if (fault == NULL)
    return true;
  message = g_strdup_printf ("the image '%s' is inconsistent: %s", path, fault);
  verify_add (self, VCKC_BACKUP_FINDING_CONTENT, id, target, message);
  return true;
}

static bool
verify_blocks (Verify *self,
               const VckcManifest *manifest,
               const VckcManifestDisk *disk,
               int fd,
               VckcError **err)
{
  VckcError *error = NULL;
  g_autofree char *fault = NULL;

  if (!vckc_verify_blocks (self->folder, manifest, disk, fd, &fault, &error))
    return verify_add_error (self, VCKC_BACKUP_FINDING_IMAGE, manifest->id, disk->target, error,
                             err);
  if (fault != NULL)
    verify_add (self, VCKC_BACKUP_FINDING_CONTENT, manifest->id, disk->target, fault);
  return true;
}

/* Is the file that was read still the image of the disk, and has it no checksum? With the lock of
 * the writer held. */
static bool
verify_is_current (Verify *self, const char *id, const VckcManifestDisk *disk, int fd)
{
  int backup_fd = vckc_domain_folder_open_backup (self->folder, id, NULL);
  struct stat before, now;
  bool same = disk != NULL && disk->sha256 == NULL && backup_fd >= 0 && fstat (fd, &before) == 0
              && fstatat (backup_fd, disk->file, &now, AT_SYMLINK_NOFOLLOW) == 0
              && before.st_dev == now.st_dev && before.st_ino == now.st_ino;

  if (backup_fd >= 0)
    close (backup_fd);
  return same;
}

static bool
verify_write_manifest (Verify *self,
                       const VckcManifest *manifest,
                       const char *text,
                       VckcError **err)
{
  g_autofree char *where = g_build_filename (self->folder->where, manifest->id, NULL);
  g_autofree char *new_text = vckc_manifest_format (manifest, text);
  int backup_fd = vckc_domain_folder_open_backup (self->folder, manifest->id, err);
  bool ok = backup_fd >= 0
            && vckc_dir_replace (backup_fd, where, VCKC_MANIFEST_FILE, new_text, backup_fd, err)
            && vckc_dir_sync (backup_fd, where, err);

  if (backup_fd >= 0)
    close (backup_fd);
  return ok;
}

/* Adds the checksum to the manifest. */
static bool
verify_note_hash (Verify *self,
                  const char *id,
                  const char *target,
                  int fd,
                  const char *hash,
                  VckcError **err)
{
  g_autofree char *text = NULL;
  g_autoptr (VckcManifest) manifest = NULL;
  VckcManifestDisk *disk;
  bool ok = true;

  /* A backup that is being made has the lock for long: another time, then. */
  if (!vckc_domain_folder_try_lock (self->folder, VCKC_FOLDER_LOCK_WRITER))
    return true;
  manifest = vckc_backup_list_read_manifest (self->folder, self->root, id, &text, err);
  disk = manifest != NULL ? vckc_manifest_find_disk (manifest, target) : NULL;
  if (manifest != NULL && verify_is_current (self, id, disk, fd))
    {
      disk->sha256 = g_strdup (hash);
      ok = verify_write_manifest (self, manifest, text, err);
    }
  vckc_domain_folder_unlock (self->folder, VCKC_FOLDER_LOCK_WRITER);
  return manifest != NULL && ok;
}

static bool
verify_hash (Verify *self,
             const char *id,
             const VckcManifestDisk *disk,
             int fd,
             const char *path,
             VckcError **err)
{
  VckcError *error = NULL;
  g_autofree char *hash = vckc_file_hash (fd, path, &error);
  g_autofree char *message = NULL;

  if (hash == NULL)
    return verify_add_error (self, VCKC_BACKUP_FINDING_IMAGE, id, disk->target, error, err);
  if (disk->sha256 == NULL)
    return self->root->read_only || verify_note_hash (self, id, disk->target, fd, hash, err);
  if (g_str_equal (disk->sha256, hash))
    return true;
  message = g_strdup_printf ("the image '%s' has another checksum than when it was made", path);
  verify_add (self, VCKC_BACKUP_FINDING_CHECKSUM, id, disk->target, message);
  return true;
}

static bool
verify_image (Verify *self,
              const VckcManifest *manifest,
              const VckcManifestDisk *disk,
              int fd,
              VckcError **err)
{
  g_autofree char *path = g_build_filename (self->folder->where, manifest->id, disk->file, NULL);

  return self->fast
         || (verify_content (self, manifest->id, disk->target, fd, path, err)
             && verify_blocks (self, manifest, disk, fd, err)
             && verify_hash (self, manifest->id, disk, fd, path, err));
}

/* Opens all images of a backup under the lock of the list; -1 where a finding was made. NULL
 * without an error if the backup was removed meanwhile. */
static VckcManifest *
verify_open_backup (Verify *self, const char *id, GArray *fds, VckcError **err)
{
  g_autoptr (VckcManifest) manifest = NULL;
  VckcError *error = NULL;

  if (!vckc_domain_folder_lock (self->folder, VCKC_FOLDER_LOCK_LIST, false, err))
    return NULL;
  if (vckc_dir_has (self->folder->fd, id))
    manifest = vckc_backup_list_read_manifest (self->folder, self->root, id, NULL, &error);
  for (guint i = 0; manifest != NULL && error == NULL && i < manifest->disks->len; i++)
    {
      int fd = verify_open_image (self, manifest, g_ptr_array_index (manifest->disks, i), &error);

      g_array_append_val (fds, fd);
    }
  vckc_domain_folder_unlock (self->folder, VCKC_FOLDER_LOCK_LIST);
  vckc_keep_first_error (err, error);
  return error == NULL ? g_steal_pointer (&manifest) : NULL;
}

static bool
verify_backup (Verify *self, const char *id, VckcError **err)
{
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));
  VckcError *error = NULL;
  g_autoptr (VckcManifest) manifest = verify_open_backup (self, id, fds, &error);

  for (guint i = 0; i < fds->len; i++)
    {
      const VckcManifestDisk *disk =
          manifest != NULL ? g_ptr_array_index (manifest->disks, i) : NULL;
      int fd = g_array_index (fds, int, i);

      if (manifest != NULL && error == NULL && verify_chain (self, id, disk->target, &error)
          && fd >= 0)
        verify_image (self, manifest, disk, fd, &error);
      if (fd >= 0)
        close (fd);
    }
  vckc_keep_first_error (err, error);
  return error == NULL;
}

bool
vckc_verify (VckcDomainFolder *folder,
             const VckcStoreRoot *root,
             bool fast,
             GPtrArray *findings,
             VckcError **err)
{
  g_autoptr (VckcBackupList) list = vckc_backup_list_load (folder, root, err);
  Verify self = { folder, root, fast, findings, list };

  if (list == NULL || !verify_names (&self, err))
    return false;
  for (guint i = 0; i < list->entries->len; i++)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (list->entries, i);

      if (vckc_cancel_check ("the verification of backups", err))
        return false;
      if (entry->manifest == NULL)
        verify_add (&self, VCKC_BACKUP_FINDING_MANIFEST, entry->id, NULL, entry->problem);
      else if (!verify_backup (&self, entry->id, err))
        return false;
    }
  return true;
}
