/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/journal-file.h"

#include <string.h>

#include "drivers/local/store/checkpoint-filename.h"

#define VERSION 1
#define MAIN_GROUP "change"

static char *
journal_file_group (const char *kind, guint index)
{
  return g_strdup_printf ("%s %u", kind, index + 1);
}

/* Texts stand in quotes, so that a key file keeps blanks at either end, and a cut shows. */
static void
journal_file_set_text (GKeyFile *file, const char *group, const char *key, const char *text)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", text);

  g_key_file_set_string (file, group, key, quoted);
}

/* GLib may give both a text and an error. */
static char *
journal_file_get_text (GKeyFile *file, const char *group, const char *key, GError **gerror)
{
  GError *local = NULL;
  g_autofree char *quoted = g_key_file_get_string (file, group, key, &local);
  gsize length = quoted != NULL ? strlen (quoted) : 0;

  if (local == NULL && (length < 2 || quoted[0] != '"' || quoted[length - 1] != '"'))
    g_set_error (&local, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                 "'%s' in '[%s]' does not stand in quotes", key, group);
  if (local == NULL)
    return g_strndup (quoted + 1, length - 2);
  g_propagate_error (gerror, local);
  return NULL;
}

static void
journal_file_add_bitmaps (GKeyFile *file, GPtrArray *bitmaps)
{
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcJournalBitmap *bitmap = g_ptr_array_index (bitmaps, i);
      g_autofree char *group = journal_file_group ("remove bitmap", i);

      journal_file_set_text (file, group, "disk", bitmap->target);
      journal_file_set_text (file, group, "image", bitmap->path);
      journal_file_set_text (file, group, "format", bitmap->format);
      journal_file_set_text (file, group, "bitmap", bitmap->bitmap);
    }
}

static void
journal_file_add_texts (GKeyFile *file, GHashTable *write)
{
  GHashTableIter iter;
  gpointer name;
  gpointer text;
  guint i = 0;

  g_hash_table_iter_init (&iter, write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    {
      g_autofree char *group = journal_file_group ("write checkpoint", i++);

      journal_file_set_text (file, group, "name", name);
      journal_file_set_text (file, group, "xml", text);
    }
}

static void
journal_file_add_removals (GKeyFile *file, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *group = journal_file_group ("remove checkpoint", i);

      journal_file_set_text (file, group, "name", g_ptr_array_index (names, i));
    }
}

char *
vckc_journal_format (const VckcJournal *journal)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_integer (file, MAIN_GROUP, "version", VERSION);
  journal_file_set_text (file, MAIN_GROUP, "operation", journal->operation);
  g_key_file_set_integer (file, MAIN_GROUP, "remove-bitmaps", (int) journal->bitmaps->len);
  g_key_file_set_integer (file, MAIN_GROUP, "write-checkpoints",
                          (int) g_hash_table_size (journal->write));
  g_key_file_set_integer (file, MAIN_GROUP, "remove-checkpoints", (int) journal->remove->len);
  g_key_file_set_boolean (file, MAIN_GROUP, "set-current", journal->set_current);
  if (journal->current != NULL)
    journal_file_set_text (file, MAIN_GROUP, "current", journal->current);
  g_key_file_set_boolean (file, MAIN_GROUP, "set-notes", journal->set_notes);
  if (journal->notes != NULL)
    journal_file_set_text (file, MAIN_GROUP, "notes", journal->notes);
  if (journal->set_backup)
    g_key_file_set_boolean (file, MAIN_GROUP, "set-backup", TRUE);
  if (journal->backup != NULL)
    journal_file_set_text (file, MAIN_GROUP, "backup", journal->backup);
  journal_file_add_bitmaps (file, journal->bitmaps);
  journal_file_add_texts (file, journal->write);
  journal_file_add_removals (file, journal->remove);
  return g_key_file_to_data (file, NULL, NULL);
}

static char *
journal_file_get_name (GKeyFile *file, const char *group, const char *key, GError **gerror)
{
  g_autofree char *name = journal_file_get_text (file, group, key, gerror);

  if (name == NULL || vckc_store_name_is_valid (name))
    return g_steal_pointer (&name);
  g_set_error (gerror, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
               "'%s' in '[%s]' cannot be the name of a checkpoint", key, group);
  return NULL;
}

static bool
journal_file_get_bitmap (GKeyFile *file, const char *group, VckcJournal *journal, GError **gerror)
{
  g_autofree char *target = journal_file_get_text (file, group, "disk", gerror);
  g_autofree char *path =
      target != NULL ? journal_file_get_text (file, group, "image", gerror) : NULL;
  g_autofree char *format =
      path != NULL ? journal_file_get_text (file, group, "format", gerror) : NULL;
  g_autofree char *bitmap =
      format != NULL ? journal_file_get_text (file, group, "bitmap", gerror) : NULL;

  if (bitmap != NULL)
    vckc_journal_add_bitmap (journal, target, path, format, bitmap);
  return bitmap != NULL;
}

static bool
journal_file_get_checkpoint (GKeyFile *file,
                             const char *group,
                             VckcJournal *journal,
                             GError **gerror)
{
  g_autofree char *name = journal_file_get_name (file, group, "name", gerror);
  g_autofree char *text = name != NULL ? journal_file_get_text (file, group, "xml", gerror) : NULL;

  if (text == NULL)
    return false;
  g_hash_table_insert (journal->write, g_steal_pointer (&name), g_steal_pointer (&text));
  return true;
}

static bool
journal_file_get_removal (GKeyFile *file, const char *group, VckcJournal *journal, GError **gerror)
{
  char *name = journal_file_get_name (file, group, "name", gerror);

  if (name != NULL)
    g_ptr_array_add (journal->remove, name);
  return name != NULL;
}

/* The parts of a journal: how many there are, and how to read one. */
typedef struct
{
  const char *count_key;
  const char *group;
  bool (*get) (GKeyFile *file, const char *group, VckcJournal *journal, GError **gerror);
} JournalFilePart;

static const JournalFilePart parts[] = {
  { "remove-bitmaps", "remove bitmap", journal_file_get_bitmap },
  { "write-checkpoints", "write checkpoint", journal_file_get_checkpoint },
  { "remove-checkpoints", "remove checkpoint", journal_file_get_removal },
};

static bool
journal_file_get_part (GKeyFile *file,
                       const JournalFilePart *part,
                       VckcJournal *journal,
                       GError **gerror)
{
  GError *local = NULL;
  int count = g_key_file_get_integer (file, MAIN_GROUP, part->count_key, &local);

  for (int i = 0; local == NULL && i < count; i++)
    {
      g_autofree char *group = journal_file_group (part->group, (guint) i);

      part->get (file, group, journal, &local);
    }
  if (local != NULL)
    g_propagate_error (gerror, local);
  return local == NULL;
}

static bool
journal_file_get_main (GKeyFile *file, VckcJournal *journal, GError **gerror)
{
  GError *local = NULL;
  int version = g_key_file_get_integer (file, MAIN_GROUP, "version", &local);

  if (local == NULL && version != VERSION)
    g_set_error (&local, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                 "it is of version %d, and only %d is known", version, VERSION);
  if (local == NULL)
    journal->operation = journal_file_get_text (file, MAIN_GROUP, "operation", &local);
  if (local == NULL)
    journal->set_current = g_key_file_get_boolean (file, MAIN_GROUP, "set-current", &local);
  if (local == NULL && g_key_file_has_key (file, MAIN_GROUP, "current", NULL))
    journal->current = journal_file_get_name (file, MAIN_GROUP, "current", &local);
  if (local == NULL)
    journal->set_notes = g_key_file_get_boolean (file, MAIN_GROUP, "set-notes", &local);
  if (local == NULL && g_key_file_has_key (file, MAIN_GROUP, "notes", NULL))
    journal->notes = journal_file_get_text (file, MAIN_GROUP, "notes", &local);
  if (local == NULL && g_key_file_has_key (file, MAIN_GROUP, "set-backup", NULL))
    journal->set_backup = g_key_file_get_boolean (file, MAIN_GROUP, "set-backup", &local);
  if (local == NULL && g_key_file_has_key (file, MAIN_GROUP, "backup", NULL))
    journal->backup = journal_file_get_text (file, MAIN_GROUP, "backup", &local);
  if (local != NULL)
    g_propagate_error (gerror, local);
  return local == NULL;
}

VckcJournal *
vckc_journal_parse (const char *text, VckcError **err)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (VckcJournal) journal = vckc_journal_new (NULL);
  GError *gerror = NULL;
  bool ok = g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &gerror)
            && journal_file_get_main (file, journal, &gerror);

  for (gsize i = 0; ok && i < G_N_ELEMENTS (parts); i++)
    ok = journal_file_get_part (file, &parts[i], journal, &gerror);
  if (ok)
    return g_steal_pointer (&journal);
  vckc_set_error_from_gerror (err, VCKC_ERROR_SYSTEM_ERROR, gerror,
                              "cannot read the journal of an interrupted change");
  return NULL;
}
