/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/in-place-journal.h"

#include <string.h>

#include "backup/backup-names.h"
#include "backup/manifest-fields.h"
#include "base/dir-file.h"
#include "base/json-parse.h"

#define JOURNAL_SUFFIX ".restore"
#define TEMPORARY_SUFFIX ".vck-restore"
#define MAX_JOURNAL ((gsize) 8 * 1024 * 1024)
#define NANOSECONDS G_GINT64_CONSTANT (1000000000)

static bool
is_not_empty (const char *text)
{
  return text[0] != '\0';
}

static bool
is_absolute (const char *text)
{
  return text[0] == '/' && text[1] != '\0';
}

#define FIELD(name, type, required, member, is_valid)                                              \
  {                                                                                                \
    NULL, name, VCKC_FIELD_##type, required, G_STRUCT_OFFSET (VckcInPlaceJournal, member),         \
        is_valid                                                                                   \
  }

static const VckcField journal_fields[] = {
  FIELD ("id", TEXT, true, id, vckc_backup_id_is_valid),
  FIELD ("backup", TEXT, true, backup, vckc_backup_id_is_valid),
  FIELD ("checkpoint", TEXT, false, checkpoint, is_not_empty),
  FIELD ("time", TIME, true, time, NULL),
  FIELD ("ready", BOOL, true, ready, NULL),
};

#define DISK_FIELD(name, type, member, is_valid)                                                   \
  {                                                                                                \
    NULL, name, VCKC_FIELD_##type, true, G_STRUCT_OFFSET (VckcInPlaceDisk, member), is_valid       \
  }

static const VckcField disk_fields[] = {
  DISK_FIELD ("path", TEXT, path, is_absolute),
  DISK_FIELD ("tracked", BOOL, tracked, NULL),
  DISK_FIELD ("old_inode", NUMBER, old_inode, NULL),
  DISK_FIELD ("old_size", NUMBER, old_size, NULL),
  DISK_FIELD ("old_changed", TIME, old_changed, NULL),
  DISK_FIELD ("new_inode", NUMBER, new_inode, NULL),
};

static void
in_place_disk_free (gpointer data)
{
  VckcInPlaceDisk *disk = data;

  vckc_fields_clear (disk_fields, G_N_ELEMENTS (disk_fields), disk);
  g_free (disk->target);
  g_free (disk);
}

static VckcInPlaceJournal *
in_place_journal_alloc (void)
{
  VckcInPlaceJournal *journal = g_new0 (VckcInPlaceJournal, 1);

  journal->disks = g_ptr_array_new_with_free_func (in_place_disk_free);
  return journal;
}

VckcInPlaceJournal *
vckc_in_place_journal_new (const char *backup)
{
  VckcInPlaceJournal *journal = in_place_journal_alloc ();

  journal->id = vckc_backup_id_new ();
  journal->backup = g_strdup (backup);
  return journal;
}

void
vckc_in_place_journal_free (VckcInPlaceJournal *journal)
{
  if (journal == NULL)
    return;
  vckc_fields_clear (journal_fields, G_N_ELEMENTS (journal_fields), journal);
  g_ptr_array_unref (journal->disks);
  g_free (journal);
}

VckcInPlaceDisk *
vckc_in_place_journal_add (VckcInPlaceJournal *journal, const char *target)
{
  VckcInPlaceDisk *disk = g_new0 (VckcInPlaceDisk, 1);

  disk->target = g_strdup (target);
  g_ptr_array_add (journal->disks, disk);
  return disk;
}

guint64
vckc_in_place_get_inode (const struct stat *info)
{
  return (guint64) info->st_ino & G_MAXINT64;
}

gint64
vckc_in_place_get_changed (const struct stat *info)
{
  return MAX (0, (gint64) info->st_mtim.tv_sec) * NANOSECONDS + info->st_mtim.tv_nsec;
}

char *
vckc_in_place_make_temporary (const VckcInPlaceJournal *journal, const VckcInPlaceDisk *disk)
{
  return g_strdup_printf ("%s.%s" TEMPORARY_SUFFIX, disk->path, journal->id);
}

static char *
in_place_journal_make_name (const char *id)
{
  return g_strdup_printf (".%s" JOURNAL_SUFFIX, id);
}

static char *
in_place_journal_find_id (const char *name)
{
  g_autofree char *id = NULL;

  if (name[0] != '.' || !g_str_has_suffix (name, JOURNAL_SUFFIX))
    return NULL;
  id = g_strndup (name + 1, strlen (name) - 1 - strlen (JOURNAL_SUFFIX));
  return vckc_backup_id_is_valid (id) ? g_steal_pointer (&id) : NULL;
}

static int
in_place_journal_compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
vckc_in_place_journal_list (const VckcDomainFolder *folder, VckcError **err)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (folder->fd, folder->where, err);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      char *id = in_place_journal_find_id (g_ptr_array_index (names, i));

      if (id != NULL)
        g_ptr_array_add (ids, id);
    }
  g_ptr_array_sort (ids, in_place_journal_compare_ids);
  return names != NULL ? g_steal_pointer (&ids) : NULL;
}

static bool
in_place_journal_parse_disks (VckcInPlaceJournal *journal, JsonObject *object, char **ret_why)
{
  JsonNode *node = json_object_get_member (object, "disks");
  JsonObjectIter iter;
  const char *target;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      *ret_why = g_strdup ("it has no disks");
      return false;
    }
  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &target, &node))
    {
      VckcInPlaceDisk *disk = vckc_in_place_journal_add (journal, target);

      if (!vckc_backup_target_is_valid (target) || !JSON_NODE_HOLDS_OBJECT (node))
        *ret_why = g_strdup_printf ("it cannot have a disk '%s'", target);
      else if (vckc_fields_read (disk_fields, G_N_ELEMENTS (disk_fields),
                                 json_node_get_object (node), disk, ret_why))
        continue;
      return false;
    }
  return true;
}

/* Is it what a journal of that name and store may hold? The checkpoint has the id in its name. */
static bool
in_place_journal_check (const VckcInPlaceJournal *journal, const char *id, char **ret_why)
{
  if (!g_str_equal (journal->id, id))
    *ret_why = g_strdup ("it is that of another restore");
  else if (journal->checkpoint != NULL && !g_str_has_suffix (journal->checkpoint, id))
    *ret_why = g_strdup_printf ("its checkpoint cannot be '%s'", journal->checkpoint);
  return *ret_why == NULL;
}

VckcInPlaceJournal *
vckc_in_place_journal_read (const VckcDomainFolder *folder, const char *id, VckcError **err)
{
  g_autoptr (VckcInPlaceJournal) journal = in_place_journal_alloc ();
  g_autofree char *name = in_place_journal_make_name (id);
  g_autofree char *text = vckc_dir_read (folder->fd, folder->where, name, MAX_JOURNAL, NULL, err);
  g_autofree char *why = NULL;
  g_autoptr (JsonNode) root =
      text != NULL ? vckc_json_parse_object (text, strlen (text), &why) : NULL;
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;

  if (text == NULL)
    return NULL;
  if (object != NULL
      && vckc_fields_read (journal_fields, G_N_ELEMENTS (journal_fields), object, journal, &why)
      && in_place_journal_parse_disks (journal, object, &why)
      && in_place_journal_check (journal, id, &why))
    return g_steal_pointer (&journal);
  vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT,
                  "the journal '%s/%s' of an interrupted restore is damaged: %s; look whether the "
                  "images of the domain are what they should be, and remove it",
                  folder->where, name, why);
  return NULL;
}

bool
vckc_in_place_journal_write (const VckcDomainFolder *folder,
                             const VckcInPlaceJournal *journal,
                             VckcError **err)
{
  g_autofree char *name = in_place_journal_make_name (journal->id);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *disks = json_object_new ();
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  json_node_take_object (root, json_object_new ());
  vckc_fields_write (journal_fields, G_N_ELEMENTS (journal_fields), journal,
                     json_node_get_object (root));
  for (guint i = 0; i < journal->disks->len; i++)
    {
      const VckcInPlaceDisk *disk = g_ptr_array_index (journal->disks, i);
      JsonObject *object = json_object_new ();

      vckc_fields_write (disk_fields, G_N_ELEMENTS (disk_fields), disk, object);
      json_object_set_object_member (disks, disk->target, object);
    }
  json_object_set_object_member (json_node_get_object (root), "disks", disks);
  text = json_to_string (root, TRUE);
  line = g_strconcat (text, "\n", NULL);
  return vckc_dir_replace (folder->fd, folder->where, name, line, folder->fd, err)
         && vckc_dir_sync (folder->fd, folder->where, err);
}

bool
vckc_in_place_journal_remove (const VckcDomainFolder *folder,
                              const VckcInPlaceJournal *journal,
                              VckcError **err)
{
  g_autofree char *name = in_place_journal_make_name (journal->id);

  return vckc_dir_remove (folder->fd, folder->where, name, err)
         && vckc_dir_sync (folder->fd, folder->where, err);
}
