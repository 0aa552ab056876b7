/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/in-place-journal.h"

#include <stdlib.h>
#include <string.h>

#include "backup/backup-names.h"
#include "backup/disk-fields.h"
#include "backup/json-file.h"
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

static const VckcDiskFields disks_fields = { disk_fields, G_N_ELEMENTS (disk_fields),
                                             sizeof (VckcInPlaceDisk) };

static void
in_place_disk_free (gpointer disk)
{
  vckc_disk_fields_free (&disks_fields, disk);
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
  return vckc_disk_fields_add (&disks_fields, journal->disks, target);
}

bool
vckc_in_place_disk_is_of_domain (const VckcInPlaceDisk *disk, const VckcDomainDef *def)
{
  const VckcDomainDiskDef *known = vckc_domain_def_find_disk (def, disk->target);
  char *path = known != NULL && known->source != NULL ? realpath (known->source, NULL) : NULL;
  bool same = path != NULL && g_str_equal (path, disk->path);

  free (path);
  return same;
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
      && vckc_disk_fields_read (&disks_fields, object, journal->disks, &why)
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
  g_autoptr (JsonObject) object = json_object_new ();

  vckc_fields_write (journal_fields, G_N_ELEMENTS (journal_fields), journal, object);
  vckc_disk_fields_write (&disks_fields, journal->disks, object);
  return vckc_json_file_write (folder->fd, folder->where, name, object, err);
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
