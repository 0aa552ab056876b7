/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-list.h"

#include <string.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "backup/merge-journal.h"
#include "base/dir-file.h"

/* One more than a chain may have levels. */
#define MAX_PASSES 101

static void
backup_entry_free (gpointer data)
{
  VckcBackupEntry *entry = data;

  g_free (entry->id);
  vckc_manifest_free (entry->manifest);
  g_free (entry->problem);
  g_free (entry);
}

static VckcBackupList *
backup_list_new (void)
{
  VckcBackupList *list = g_new0 (VckcBackupList, 1);

  list->entries = g_ptr_array_new_with_free_func (backup_entry_free);
  list->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  return list;
}

void
vckc_backup_list_free (VckcBackupList *list)
{
  if (list == NULL)
    return;
  g_hash_table_unref (list->by_id);
  g_ptr_array_unref (list->entries);
  g_free (list);
}

/* Is it the manifest of that backup, of that domain, in that store? */
static bool
backup_list_check_manifest (const VckcManifest *manifest,
                            const VckcDomainFolder *folder,
                            const VckcStoreRoot *root,
                            const char *id,
                            VckcError **err)
{
  const char *other = !g_str_equal (manifest->id, id)                      ? "backup"
                      : !g_str_equal (manifest->domain_uuid, folder->uuid) ? "domain"
                      : !g_str_equal (manifest->store, root->uuid)         ? "store"
                                                                           : NULL;

  if (other != NULL)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                    "the manifest '%s/%s/%s' is that of another %s", folder->where, id,
                    VCKC_MANIFEST_FILE, other);
  return other == NULL;
}

static VckcManifest *
backup_list_parse (VckcDomainFolder *folder, const char *id, const char *text, VckcError **err)
{
  g_autofree char *where = g_build_filename (folder->where, id, VCKC_MANIFEST_FILE, NULL);

  return vckc_manifest_parse (text, where, err);
}

/* The manifest as a merge that was interrupted has left it: what is renamed already is described
 * by the journal. */
static bool
backup_list_apply_journal (VckcManifest **manifest,
                           VckcDomainFolder *folder,
                           int backup_fd,
                           VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcMergeJournal) journal = vckc_merge_journal_read (folder, (*manifest)->id, &error);

  if (error != NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  if (journal != NULL && vckc_merge_journal_is_renamed (journal, backup_fd))
    {
      vckc_manifest_free (*manifest);
      *manifest = g_steal_pointer (&journal->manifest);
    }
  return true;
}

VckcManifest *
vckc_backup_list_read_manifest (VckcDomainFolder *folder,
                                const VckcStoreRoot *root,
                                const char *id,
                                char **ret_text,
                                VckcError **err)
{
  g_autofree char *where = g_build_filename (folder->where, id, NULL);
  int backup_fd = vckc_domain_folder_open_backup (folder, id, err);
  g_autofree char *text = backup_fd >= 0 ? vckc_dir_read (backup_fd, where, VCKC_MANIFEST_FILE,
                                                          VCKC_MANIFEST_MAX_SIZE, NULL, err)
                                         : NULL;
  g_autoptr (VckcManifest) manifest =
      text != NULL ? backup_list_parse (folder, id, text, err) : NULL;
  bool ok = manifest != NULL && backup_list_check_manifest (manifest, folder, root, id, err)
            && backup_list_apply_journal (&manifest, folder, backup_fd, err);

  if (backup_fd >= 0)
    close (backup_fd);
  if (ok && ret_text != NULL)
    *ret_text = g_steal_pointer (&text);
  return ok ? g_steal_pointer (&manifest) : NULL;
}

static bool
backup_list_add (VckcBackupList *list,
                 VckcDomainFolder *folder,
                 const VckcStoreRoot *root,
                 const char *id,
                 VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcManifest *manifest = vckc_backup_list_read_manifest (folder, root, id, NULL, &error);
  VckcBackupEntry *entry;

  if (manifest == NULL && vckc_error_is_exhaustion (error))
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  entry = g_new0 (VckcBackupEntry, 1);
  entry->id = g_strdup (id);
  entry->order = entry->id;
  entry->manifest = manifest;
  entry->problem = manifest == NULL ? g_strdup (vckc_error_get_message (error)) : NULL;
  g_ptr_array_add (list->entries, entry);
  g_hash_table_insert (list->by_id, entry->id, entry);
  return true;
}

/* Puts the entry behind what it is based on; true if it was not. */
static bool
backup_list_put_behind_bases (const VckcBackupList *list, VckcBackupEntry *entry)
{
  bool moved = false;

  for (guint i = 0; entry->manifest != NULL && i < entry->manifest->disks->len; i++)
    {
      const VckcManifestDisk *disk = g_ptr_array_index (entry->manifest->disks, i);
      const VckcBackupEntry *base =
          disk->base != NULL ? vckc_backup_list_find (list, disk->base) : NULL;
      int difference = base != NULL ? strcmp (base->order, entry->order) : -1;

      if (difference < 0 || (difference == 0 && base->depth < entry->depth))
        continue;
      entry->order = base->order;
      entry->depth = base->depth + 1;
      moved = true;
    }
  return moved;
}

static int
backup_list_compare (gconstpointer a, gconstpointer b)
{
  const VckcBackupEntry *one = *(VckcBackupEntry *const *) a;
  const VckcBackupEntry *other = *(VckcBackupEntry *const *) b;
  int difference = strcmp (one->order, other->order);

  if (difference == 0 && one->depth != other->depth)
    difference = one->depth < other->depth ? -1 : 1;
  return difference != 0 ? difference : strcmp (one->id, other->id);
}

/* Ids are times, but a clock may have been put back. A list that goes in a circle has no order. */
static void
backup_list_sort (VckcBackupList *list)
{
  bool moved = true;

  g_ptr_array_sort (list->entries, backup_list_compare);
  for (guint pass = 0; moved && pass < MAX_PASSES; pass++)
    {
      moved = false;
      for (guint i = 0; i < list->entries->len; i++)
        moved = backup_list_put_behind_bases (list, g_ptr_array_index (list->entries, i)) || moved;
    }
  g_ptr_array_sort (list->entries, backup_list_compare);
}

VckcBackupList *
vckc_backup_list_load_locked (VckcDomainFolder *folder, const VckcStoreRoot *root, VckcError **err)
{
  g_autoptr (VckcBackupList) list = backup_list_new ();
  g_autoptr (GPtrArray) names = vckc_dir_list (folder->fd, folder->where, err);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (!vckc_backup_id_is_valid (name))
        continue;
      if (list->entries->len == VCKC_BACKUP_LIST_MAX)
        {
          vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                          "there are more than %d backups in '%s'", VCKC_BACKUP_LIST_MAX,
                          folder->where);
          return NULL;
        }
      if (!backup_list_add (list, folder, root, name, err))
        return NULL;
    }
  backup_list_sort (list);
  return names != NULL ? g_steal_pointer (&list) : NULL;
}

VckcBackupList *
vckc_backup_list_load (VckcDomainFolder *folder, const VckcStoreRoot *root, VckcError **err)
{
  VckcBackupList *list;

  if (!vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_LIST, false, err))
    return NULL;
  list = vckc_backup_list_load_locked (folder, root, err);
  vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_LIST);
  return list;
}

VckcBackupEntry *
vckc_backup_list_find (const VckcBackupList *list, const char *id)
{
  return g_hash_table_lookup (list->by_id, id);
}

const VckcManifest *
vckc_backup_list_get (const VckcBackupList *list, const char *id, VckcError **err)
{
  const VckcBackupEntry *entry = vckc_backup_list_find (list, id);

  if (entry == NULL)
    vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "there is no backup '%s'", id);
  else if (entry->manifest == NULL)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "%s", entry->problem);
  return entry != NULL ? entry->manifest : NULL;
}
