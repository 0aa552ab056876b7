/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/merge.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/chain-daemon.h"
#include "backup/merge-journal.h"
#include "base/dir-file.h"
#include "base/file-copy.h"
#include "base/file-hash.h"

#define REMOVED_SUFFIX ".removed"
#define COPY_CHUNK (1024 * 1024)

typedef struct
{
  VckcDomainFolder *folder;
  const VckcStoreRoot *root;
  VckcChain *chain;
  guint levels;
  int backup_fd;
  char *temporary;
  char *path; /* of that, for messages */
  int fd;     /* -1 before it was made */
} Merge;

static void
merge_clear (Merge *self)
{
  if (self->fd >= 0)
    close (self->fd);
  if (self->backup_fd >= 0)
    close (self->backup_fd);
  g_free (self->temporary);
  g_free (self->path);
  vckc_chain_free (self->chain);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Merge, merge_clear)

static const VckcChainLevel *
merge_get_level (const Merge *self, guint i)
{
  return g_ptr_array_index (self->chain->levels, i);
}

/* Makes the copy of the lowest level. What an interrupted merge has left there was never needed. */
static bool
merge_copy_lowest (Merge *self, VckcError **err)
{
  const VckcChainLevel *top = vckc_chain_get_top (self->chain);
  const VckcChainLevel *lowest = merge_get_level (self, self->levels);
  g_autofree char *where = g_build_filename (self->folder->where, top->manifest->id, NULL);

  self->temporary = vckc_merge_journal_make_temporary (top->disk->file);
  self->path = g_build_filename (where, self->temporary, NULL);
  self->backup_fd = vckc_domain_folder_open_backup (self->folder, top->manifest->id, err);
  if (self->backup_fd < 0 || !vckc_dir_remove (self->backup_fd, where, self->temporary, err))
    return false;
  self->fd = openat (self->backup_fd, self->temporary,
                     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (self->fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot make the image '%s'", self->path);
      return false;
    }
  return vckc_file_copy (lowest->fd, lowest->path, self->fd, self->path, err);
}

/* Copies what each level above the lowest holds, from below upwards. */
static bool
merge_copy_levels (Merge *self, VckcChainDaemon *daemon, VckcError **err)
{
  g_autofree char *file = vckc_chain_daemon_make_file (daemon, 0);
  g_autofree char *below = self->levels + 1 < self->chain->levels->len
                               ? vckc_chain_daemon_make_node (0, self->levels + 1)
                               : NULL;
  VckcChainTarget target = { .file = file, .path = self->path, .below = below };

  target.max_chunk = COPY_CHUNK;
  for (guint i = 0; i <= self->levels; i++)
    target.max_chunk = MAX (target.max_chunk, merge_get_level (self, i)->disk->cluster_size);
  if (!vckc_chain_daemon_open_target (daemon, &target, err))
    return false;
  for (guint i = self->levels; i-- > 0;)
    {
      g_autofree char *node = vckc_chain_daemon_make_node (0, i);

      target.size = merge_get_level (self, i)->disk->virtual_size;
      if (!vckc_chain_daemon_copy (daemon, &target, node, true, err))
        return false;
    }
  return vckc_chain_daemon_close_target (daemon, &target, err);
}

static bool
merge_make_image (Merge *self, VckcError **err)
{
  g_autoptr (VckcChainDaemon) daemon = NULL;
  bool ok = merge_copy_lowest (self, err)
            && (daemon = vckc_chain_daemon_start (&self->chain, 1, &self->fd, 1, err)) != NULL
            && merge_copy_levels (self, daemon, err);

  if (!ok || fsync (self->fd) == 0)
    return ok;
  vckc_set_error_errno (err, errno, "cannot store '%s'", self->path);
  return false;
}

static void
merge_set (char **member, const char *value)
{
  g_free (*member);
  *member = g_strdup (value);
}

/* The image is based on what the lowest level was based on, and has the form of that. The
 * checkpoint stays the one since which the blocks in the list of copied ones were written. */
static bool
merge_describe (Merge *self, VckcManifestDisk *disk, VckcError **err)
{
  const VckcManifestDisk *lowest = merge_get_level (self, self->levels)->disk;
  struct stat info;

  if (fstat (self->fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine '%s'", self->path);
      return false;
    }
  disk->cluster_size = lowest->cluster_size;
  disk->file_size = (guint64) info.st_size;
  merge_set (&disk->base, lowest->base);
  merge_set (&disk->why_full, lowest->why_full);
  if (disk->sha256 == NULL)
    return true;
  g_free (disk->sha256);
  disk->sha256 = vckc_file_hash (self->fd, self->path, err);
  return disk->sha256 != NULL;
}

static bool
merge_commit (Merge *self, const VckcManifest *manifest, const char *target, VckcError **err)
{
  g_autoptr (VckcMergeJournal) journal = NULL;
  VckcError *error = NULL;

  if (!vckc_domain_folder_lock (self->folder, VCKC_FOLDER_LOCK_LIST, true, err))
    return false;
  if (vckc_merge_journal_write (self->folder, manifest, target, &error))
    journal = vckc_merge_journal_read (self->folder, manifest->id, &error);
  if (journal != NULL)
    vckc_merge_journal_finish (self->folder, journal, &error);
  vckc_domain_folder_unlock (self->folder, VCKC_FOLDER_LOCK_LIST);
  vckc_keep_first_error (err, error);
  return error == NULL;
}

/* Opens the images under the lock of the list. */
static bool
merge_open (Merge *self,
            const VckcBackupList *list,
            const char *id,
            const char *target,
            VckcError **err)
{
  self->chain = vckc_chain_find (list, self->folder, id, target, err);
  if (self->chain == NULL)
    return false;
  g_assert (self->levels > 0 && self->levels < self->chain->levels->len);
  return vckc_chain_open (self->chain, self->folder, err);
}

bool
vckc_merge (VckcDomainFolder *folder,
            const VckcStoreRoot *root,
            const char *id,
            const char *target,
            guint levels,
            VckcError **err)
{
  g_autoptr (VckcBackupList) list = vckc_backup_list_load (folder, root, err);
  g_autoptr (VckcManifest) manifest = NULL;
  g_auto (Merge) self = { folder, root, NULL, levels, -1, NULL, NULL, -1 };

  if (list == NULL || !merge_open (&self, list, id, target, err))
    return false;
  if (!merge_make_image (&self, err))
    {
      if (self.fd >= 0)
        unlinkat (self.backup_fd, self.temporary, 0);
      return false;
    }
  manifest = vckc_backup_list_read_manifest (folder, root, id, NULL, err);
  return manifest != NULL && merge_describe (&self, vckc_manifest_find_disk (manifest, target), err)
         && merge_commit (&self, manifest, target, err);
}

/* Fails if another backup is based on this one. */
static bool
merge_check_unused (const VckcBackupList *list, const char *id, VckcError **err)
{
  for (guint i = 0; i < list->entries->len; i++)
    {
      const VckcBackupEntry *entry = g_ptr_array_index (list->entries, i);
      bool uses = entry->manifest == NULL && !g_str_equal (entry->id, id);

      for (guint j = 0; entry->manifest != NULL && j < entry->manifest->disks->len; j++)
        {
          const VckcManifestDisk *disk = g_ptr_array_index (entry->manifest->disks, j);

          uses = uses || g_strcmp0 (disk->base, id) == 0;
        }
      if (!uses)
        continue;
      vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                      "cannot remove the backup '%s': the backup '%s' %s", id, entry->id,
                      entry->manifest != NULL ? "is based on it" : "is damaged and may need it");
      return false;
    }
  return true;
}

static bool
merge_hide_backup (VckcDomainFolder *folder,
                   const VckcStoreRoot *root,
                   const char *id,
                   const char *removed,
                   VckcError **err)
{
  g_autoptr (VckcBackupList) list = vckc_backup_list_load_locked (folder, root, err);

  if (list == NULL || !merge_check_unused (list, id, err))
    return false;
  if (renameat (folder->fd, id, folder->fd, removed) == 0)
    return vckc_dir_sync (folder->fd, folder->where, err);
  vckc_set_error_errno (err, errno, "cannot rename '%s/%s' to '%s'", folder->where, id, removed);
  return false;
}

bool
vckc_merge_remove_backup (VckcDomainFolder *folder,
                          const VckcStoreRoot *root,
                          const char *id,
                          VckcError **err)
{
  g_autofree char *removed = g_strdup_printf (".%s" REMOVED_SUFFIX, id);
  bool hidden;

  if (!vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_LIST, true, err))
    return false;
  hidden = merge_hide_backup (folder, root, id, removed, err);
  vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_LIST);
  return hidden && vckc_domain_folder_remove_tree (folder, removed, err);
}

static bool
merge_recover_journal (VckcDomainFolder *folder, const char *id, VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcMergeJournal) journal = vckc_merge_journal_read (folder, id, &error);

  if (journal != NULL && vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_LIST, true, &error))
    {
      vckc_merge_journal_finish (folder, journal, &error);
      vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_LIST);
    }
  vckc_keep_first_error (err, error);
  return error == NULL;
}

static bool
is_removed (const char *name)
{
  gsize at = 1 + VCKC_BACKUP_ID_LENGTH;
  g_autofree char *id = name[0] == '.' ? g_strndup (name + 1, VCKC_BACKUP_ID_LENGTH) : NULL;

  return id != NULL && vckc_backup_id_is_valid (id) && g_str_equal (name + at, REMOVED_SUFFIX);
}

/* Files that were written and not renamed: images of merges, and those of dir-file.h. */
static bool
merge_sweep (int fd, const char *where, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (fd, where, err);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if ((vckc_merge_journal_is_temporary (name) || vckc_backup_uuid_is_valid (name))
          && !vckc_dir_remove (fd, where, name, err))
        return false;
    }
  return names != NULL;
}

static bool
merge_sweep_backup (VckcDomainFolder *folder, const char *id, VckcError **err)
{
  g_autofree char *where = g_build_filename (folder->where, id, NULL);
  VckcDirFound found;
  VckcError *error = NULL;
  int fd = vckc_dir_open (folder->fd, where, id, false, &found, &error);
  bool ok;

  if (fd < 0)
    {
      /* What is no folder of ours holds nothing of ours. */
      if (found == VCKC_DIR_FAILED)
        vckc_propagate_error (err, error);
      else
        vckc_error_free (error);
      return found != VCKC_DIR_FAILED;
    }
  ok = merge_sweep (fd, where, err);
  close (fd);
  return ok;
}

static bool
merge_recover_name (VckcDomainFolder *folder, const char *name, VckcError **err)
{
  if (is_removed (name))
    return vckc_domain_folder_remove_tree (folder, name, err);
  if (vckc_backup_id_is_valid (name))
    return merge_sweep_backup (folder, name, err);
  return true;
}

bool
vckc_merge_recover (VckcDomainFolder *folder, const VckcStoreRoot *root, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (folder->fd, folder->where, err);

  /* Journals come first: they need the images. */
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *id = vckc_merge_journal_find_id (g_ptr_array_index (names, i));

      if (id != NULL && !merge_recover_journal (folder, id, err))
        return false;
    }
  for (guint i = 0; names != NULL && i < names->len; i++)
    if (!merge_recover_name (folder, g_ptr_array_index (names, i), err))
      return false;
  return names != NULL && merge_sweep (folder->fd, folder->where, err);
}
