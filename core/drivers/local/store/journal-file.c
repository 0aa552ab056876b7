/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/journal-file.h"

#include <string.h>

#include "drivers/local/store/checkpoint-filename.h"

#define VERSION 1
#define MAIN_GROUP "change"

static char *
pending_record_group (const char *kind, guint index)
{
  return g_strdup_printf ("%s %u", kind, index + 1);
}

/* Texts stand in quotes, so that a key file keeps blanks at either end, and a cut shows. */
static void
pending_record_set_text (GKeyFile *file, const char *group, const char *key, const char *text)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", text);

  g_key_file_set_string (file, group, key, quoted);
}

/* GLib may give both a text and an error. */
static char *
pending_record_get_text (GKeyFile *file, const char *group, const char *key, GError **gerror)
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
pending_record_add_bitmaps (GKeyFile *file, GPtrArray *bitmaps)
{
  for (guint i = 0; i < bitmaps->len; i++)
    {
      const VckcStoreBitmap *bitmap = g_ptr_array_index (bitmaps, i);
      g_autofree char *group = pending_record_group ("remove bitmap", i);

      pending_record_set_text (file, group, "disk", bitmap->target);
      pending_record_set_text (file, group, "image", bitmap->path);
      pending_record_set_text (file, group, "format", bitmap->format);
      pending_record_set_text (file, group, "bitmap", bitmap->bitmap);
    }
}

static void
pending_record_add_texts (GKeyFile *file, GHashTable *write)
{
  GHashTableIter iter;
  gpointer name;
  gpointer text;
  guint i = 0;

  g_hash_table_iter_init (&iter, write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    {
      g_autofree char *group = pending_record_group ("write checkpoint", i++);

      pending_record_set_text (file, group, "name", name);
      pending_record_set_text (file, group, "xml", text);
    }
}

static void
pending_record_add_removals (GKeyFile *file, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *group = pending_record_group ("remove checkpoint", i);

      pending_record_set_text (file, group, "name", g_ptr_array_index (names, i));
    }
}

char *
vckc_pending_record_format (const VckcStoreChange *change)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_integer (file, MAIN_GROUP, "version", VERSION);
  pending_record_set_text (file, MAIN_GROUP, "operation", change->operation);
  g_key_file_set_integer (file, MAIN_GROUP, "remove-bitmaps", (int) change->bitmaps->len);
  g_key_file_set_integer (file, MAIN_GROUP, "write-checkpoints",
                          (int) g_hash_table_size (change->write));
  g_key_file_set_integer (file, MAIN_GROUP, "remove-checkpoints", (int) change->remove->len);
  g_key_file_set_boolean (file, MAIN_GROUP, "set-current", change->set_current);
  if (change->current != NULL)
    pending_record_set_text (file, MAIN_GROUP, "current", change->current);
  g_key_file_set_boolean (file, MAIN_GROUP, "set-notes", change->set_notes);
  if (change->notes != NULL)
    pending_record_set_text (file, MAIN_GROUP, "notes", change->notes);
  pending_record_add_bitmaps (file, change->bitmaps);
  pending_record_add_texts (file, change->write);
  pending_record_add_removals (file, change->remove);
  return g_key_file_to_data (file, NULL, NULL);
}

static char *
pending_record_get_name (GKeyFile *file, const char *group, const char *key, GError **gerror)
{
  g_autofree char *name = pending_record_get_text (file, group, key, gerror);

  if (name == NULL || vckc_store_name_is_valid (name))
    return g_steal_pointer (&name);
  g_set_error (gerror, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
               "'%s' in '[%s]' cannot be the name of a checkpoint", key, group);
  return NULL;
}

static bool
pending_record_get_bitmap (GKeyFile *file,
                           const char *group,
                           VckcStoreChange *change,
                           GError **gerror)
{
  g_autofree char *target = pending_record_get_text (file, group, "disk", gerror);
  g_autofree char *path =
      target != NULL ? pending_record_get_text (file, group, "image", gerror) : NULL;
  g_autofree char *format =
      path != NULL ? pending_record_get_text (file, group, "format", gerror) : NULL;
  g_autofree char *bitmap =
      format != NULL ? pending_record_get_text (file, group, "bitmap", gerror) : NULL;

  if (bitmap != NULL)
    vckc_store_change_add_bitmap (change, target, path, format, bitmap);
  return bitmap != NULL;
}

static bool
pending_record_get_checkpoint (GKeyFile *file,
                               const char *group,
                               VckcStoreChange *change,
                               GError **gerror)
{
  g_autofree char *name = pending_record_get_name (file, group, "name", gerror);
  g_autofree char *text =
      name != NULL ? pending_record_get_text (file, group, "xml", gerror) : NULL;

  if (text == NULL)
    return false;
  g_hash_table_insert (change->write, g_steal_pointer (&name), g_steal_pointer (&text));
  return true;
}

static bool
pending_record_get_removal (GKeyFile *file,
                            const char *group,
                            VckcStoreChange *change,
                            GError **gerror)
{
  char *name = pending_record_get_name (file, group, "name", gerror);

  if (name != NULL)
    g_ptr_array_add (change->remove, name);
  return name != NULL;
}

/* The parts of a record: how many there are, and how to read one. */
typedef struct
{
  const char *count_key;
  const char *group;
  bool (*get) (GKeyFile *file, const char *group, VckcStoreChange *change, GError **gerror);
} PendingPart;

static const PendingPart parts[] = {
  { "remove-bitmaps", "remove bitmap", pending_record_get_bitmap },
  { "write-checkpoints", "write checkpoint", pending_record_get_checkpoint },
  { "remove-checkpoints", "remove checkpoint", pending_record_get_removal },
};

static bool
pending_record_get_part (GKeyFile *file,
                         const PendingPart *part,
                         VckcStoreChange *change,
                         GError **gerror)
{
  GError *local = NULL;
  int count = g_key_file_get_integer (file, MAIN_GROUP, part->count_key, &local);

  for (int i = 0; local == NULL && i < count; i++)
    {
      g_autofree char *group = pending_record_group (part->group, (guint) i);

      part->get (file, group, change, &local);
    }
  if (local != NULL)
    g_propagate_error (gerror, local);
  return local == NULL;
}

static bool
pending_record_get_main (GKeyFile *file, VckcStoreChange *change, GError **gerror)
{
  GError *local = NULL;
  int version = g_key_file_get_integer (file, MAIN_GROUP, "version", &local);

  if (local == NULL && version != VERSION)
    g_set_error (&local, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                 "it is of version %d, and only %d is known", version, VERSION);
  if (local == NULL)
    change->operation = pending_record_get_text (file, MAIN_GROUP, "operation", &local);
  if (local == NULL)
    change->set_current = g_key_file_get_boolean (file, MAIN_GROUP, "set-current", &local);
  if (local == NULL && g_key_file_has_key (file, MAIN_GROUP, "current", NULL))
    change->current = pending_record_get_name (file, MAIN_GROUP, "current", &local);
  if (local == NULL)
    change->set_notes = g_key_file_get_boolean (file, MAIN_GROUP, "set-notes", &local);
  if (local == NULL && g_key_file_has_key (file, MAIN_GROUP, "notes", NULL))
    change->notes = pending_record_get_text (file, MAIN_GROUP, "notes", &local);
  if (local != NULL)
    g_propagate_error (gerror, local);
  return local == NULL;
}

VckcStoreChange *
vckc_pending_record_parse (const char *text, VckcError **err)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (VckcStoreChange) change = vckc_store_change_new (NULL);
  GError *gerror = NULL;
  bool ok = g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, &gerror)
            && pending_record_get_main (file, change, &gerror);

  for (gsize i = 0; ok && i < G_N_ELEMENTS (parts); i++)
    ok = pending_record_get_part (file, &parts[i], change, &gerror);
  if (ok)
    return g_steal_pointer (&change);
  vckc_set_error_from_gerror (err, VCKC_ERROR_SYSTEM_ERROR, gerror,
                              "cannot read the record of an interrupted change");
  return NULL;
}
