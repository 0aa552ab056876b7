/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/merge-journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup-names.h"
#include "base/dir-file.h"
#include "base/json-parse.h"

#define JOURNAL_SUFFIX ".merge"
#define TEMPORARY_SUFFIX ".merged"
/* The member of a manifest that makes a journal of it. */
#define TARGET_MEMBER "vck_merge"

void
vckc_merge_journal_free (VckcMergeJournal *journal)
{
  if (journal == NULL)
    return;
  vckc_manifest_free (journal->manifest);
  g_free (journal->target);
  g_free (journal);
}

char *
vckc_merge_journal_make_temporary (const char *file)
{
  return g_strdup_printf (".%s" TEMPORARY_SUFFIX, file);
}

bool
vckc_merge_journal_is_temporary (const char *name)
{
  return name[0] == '.' && g_str_has_suffix (name, TEMPORARY_SUFFIX);
}

static char *
merge_journal_make_name (const char *id)
{
  return g_strdup_printf (".%s" JOURNAL_SUFFIX, id);
}

char *
vckc_merge_journal_find_id (const char *name)
{
  g_autofree char *id = NULL;

  if (name[0] != '.' || !g_str_has_suffix (name, JOURNAL_SUFFIX))
    return NULL;
  id = g_strndup (name + 1, strlen (name) - 1 - strlen (JOURNAL_SUFFIX));
  return vckc_backup_id_is_valid (id) ? g_steal_pointer (&id) : NULL;
}

bool
vckc_merge_journal_write (const VckcDomainFolder *folder,
                          const VckcManifest *manifest,
                          const char *target,
                          VckcError **err)
{
  g_autofree char *name = merge_journal_make_name (manifest->id);
  g_autofree char *mark = g_strdup_printf ("{\"" TARGET_MEMBER "\": \"%s\"}", target);
  g_autofree char *text = vckc_manifest_format (manifest, mark);

  return vckc_dir_replace (folder->fd, folder->where, name, text, folder->fd, err)
         && vckc_dir_sync (folder->fd, folder->where, err);
}

/* The disk that is named in the journal. */
static char *
merge_journal_find_target (const char *text)
{
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) root = vckc_json_parse_object (text, strlen (text), &why);
  JsonNode *node =
      root != NULL ? json_object_get_member (json_node_get_object (root), TARGET_MEMBER) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return g_strdup (json_node_get_string (node));
}

VckcMergeJournal *
vckc_merge_journal_read (const VckcDomainFolder *folder, const char *id, VckcError **err)
{
  g_autoptr (VckcMergeJournal) journal = g_new0 (VckcMergeJournal, 1);
  g_autofree char *name = merge_journal_make_name (id);
  g_autofree char *where = g_build_filename (folder->where, name, NULL);
  VckcDirFound found;
  g_autofree char *text =
      vckc_dir_read (folder->fd, folder->where, name, VCKC_MANIFEST_MAX_SIZE, &found, err);

  if (text == NULL)
    return NULL;
  journal->manifest = vckc_manifest_parse (text, where, err);
  if (journal->manifest == NULL)
    return NULL;
  journal->target = merge_journal_find_target (text);
  if (journal->target != NULL && g_str_equal (journal->manifest->id, id)
      && vckc_manifest_find_disk (journal->manifest, journal->target) != NULL)
    return g_steal_pointer (&journal);
  vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                  "the journal '%s' of an interrupted merge is damaged", where);
  return NULL;
}

bool
vckc_merge_journal_is_renamed (const VckcMergeJournal *journal, int backup_fd)
{
  const VckcManifestDisk *disk = vckc_manifest_find_disk (journal->manifest, journal->target);
  g_autofree char *temporary = vckc_merge_journal_make_temporary (disk->file);

  return !vckc_dir_has (backup_fd, temporary);
}

static bool
merge_journal_rename (const VckcMergeJournal *journal,
                      int backup_fd,
                      const char *where,
                      VckcError **err)
{
  const VckcManifestDisk *disk = vckc_manifest_find_disk (journal->manifest, journal->target);
  g_autofree char *temporary = vckc_merge_journal_make_temporary (disk->file);

  if (renameat (backup_fd, temporary, backup_fd, disk->file) < 0 && errno != ENOENT)
    {
      vckc_set_error_errno (err, errno, "cannot rename '%s/%s' to '%s'", where, temporary,
                            disk->file);
      return false;
    }
  return vckc_dir_sync (backup_fd, where, err);
}

/* What others have put into the manifest is kept. */
static bool
merge_journal_write_manifest (const VckcMergeJournal *journal,
                              int backup_fd,
                              const char *where,
                              VckcError **err)
{
  g_autofree char *old =
      vckc_dir_read (backup_fd, where, VCKC_MANIFEST_FILE, VCKC_MANIFEST_MAX_SIZE, NULL, err);
  g_autofree char *text = old != NULL ? vckc_manifest_format (journal->manifest, old) : NULL;

  return text != NULL
         && vckc_dir_replace (backup_fd, where, VCKC_MANIFEST_FILE, text, backup_fd, err)
         && vckc_dir_sync (backup_fd, where, err);
}

bool
vckc_merge_journal_finish (const VckcDomainFolder *folder,
                           const VckcMergeJournal *journal,
                           VckcError **err)
{
  const char *id = journal->manifest->id;
  g_autofree char *where = g_build_filename (folder->where, id, NULL);
  g_autofree char *name = merge_journal_make_name (id);
  int backup_fd = vckc_domain_folder_open_backup (folder, id, err);
  bool ok = backup_fd >= 0 && merge_journal_rename (journal, backup_fd, where, err)
            && merge_journal_write_manifest (journal, backup_fd, where, err)
            && vckc_dir_remove (folder->fd, folder->where, name, err)
            && vckc_dir_sync (folder->fd, folder->where, err);

  if (backup_fd >= 0)
    close (backup_fd);
  return ok;
}
