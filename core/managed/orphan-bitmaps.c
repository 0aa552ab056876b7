/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/orphan-bitmaps.h"

#include <string.h>

/* One line a bitmap: the path of the image and the name of the bitmap, both escaped as in a URI,
 * with a blank between them, and behind them, as far as it is known, what shows whether it is still
 * that bitmap: " uuid=… granularity=… file=… birth=…". */
struct _VckcOrphanBitmaps
{
  GHashTable *notes; /* path and bitmap, as written -> Note */
};

typedef struct
{
  char *uuid;              /* (nullable): of the checkpoint that left it */
  guint64 granularity;     /* 0 if not known */
  VckcImageIdentity image; /* without its path */
} Note;

static void
orphan_note_free (gpointer data)
{
  Note *note = data;

  g_free (note->uuid);
  vckc_image_identity_clear (&note->image);
  g_free (note);
}

static char *
orphan_note_make_key (const char *path, const char *bitmap)
{
  g_autofree char *escaped_path = g_uri_escape_string (path, "/", TRUE);
  g_autofree char *escaped_bitmap = g_uri_escape_string (bitmap, NULL, TRUE);

  return g_strdup_printf ("%s %s", escaped_path, escaped_bitmap);
}

static void
orphan_note_read_value (Note *note, const char *fact)
{
  const char *value = strchr (fact, '=');
  guint64 number;

  if (value == NULL)
    return;
  if (g_str_has_prefix (fact, "uuid="))
    {
      g_free (note->uuid);
      note->uuid = vckc_uuid_normalize (value + 1);
    }
  else if (!g_ascii_string_to_unsigned (value + 1, 10, 1, G_MAXUINT64, &number, NULL))
    return;
  else if (g_str_has_prefix (fact, "granularity="))
    note->granularity = number;
  else if (g_str_has_prefix (fact, "file="))
    note->image.number = number;
  else if (g_str_has_prefix (fact, "birth="))
    note->image.birth = (gint64) MIN (number, G_MAXINT64);
}

static void
orphan_bitmaps_read_line (VckcOrphanBitmaps *orphans, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  Note *note;

  if (*line != '/' || g_strv_length (words) < 2)
    return;
  note = g_new0 (Note, 1);
  for (guint i = 2; words[i] != NULL; i++)
    orphan_note_read_value (note, words[i]);
  g_hash_table_replace (orphans->notes, g_strdup_printf ("%s %s", words[0], words[1]), note);
}

VckcOrphanBitmaps *
vckc_orphan_bitmaps_new (const char *notes)
{
  VckcOrphanBitmaps *orphans = g_new0 (VckcOrphanBitmaps, 1);
  g_auto (GStrv) lines = g_strsplit (notes != NULL ? notes : "", "\n", -1);

  orphans->notes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, orphan_note_free);
  for (guint i = 0; lines[i] != NULL; i++)
    orphan_bitmaps_read_line (orphans, lines[i]);
  return orphans;
}

VckcOrphanBitmaps *
vckc_orphan_bitmaps_copy (const VckcOrphanBitmaps *orphans)
{
  g_autofree char *notes = vckc_orphan_bitmaps_format (orphans);

  return vckc_orphan_bitmaps_new (notes);
}

void
vckc_orphan_bitmaps_free (VckcOrphanBitmaps *orphans)
{
  if (orphans == NULL)
    return;

  g_hash_table_unref (orphans->notes);
  g_free (orphans);
}

static void
orphan_bitmaps_append_line (GString *text, const char *key, const Note *note)
{
  g_string_append (text, key);
  if (note->uuid != NULL)
    g_string_append_printf (text, " uuid=%s", note->uuid);
  if (note->granularity != 0)
    g_string_append_printf (text, " granularity=%" G_GUINT64_FORMAT, note->granularity);
  if (note->image.number != 0)
    g_string_append_printf (text, " file=%" G_GUINT64_FORMAT, note->image.number);
  if (note->image.birth > 0)
    g_string_append_printf (text, " birth=%" G_GINT64_FORMAT, note->image.birth);
  g_string_append_c (text, '\n');
}

char *
vckc_orphan_bitmaps_format (const VckcOrphanBitmaps *orphans)
{
  g_autoptr (GList) keys =
      g_list_sort (g_hash_table_get_keys (orphans->notes), (GCompareFunc) g_strcmp0);
  GString *text;

  if (keys == NULL)
    return NULL;
  text = g_string_new (NULL);
  for (GList *key = keys; key != NULL; key = key->next)
    orphan_bitmaps_append_line (text, key->data, g_hash_table_lookup (orphans->notes, key->data));
  return g_string_free (text, FALSE);
}

bool
vckc_orphan_bitmaps_contain (const VckcOrphanBitmaps *orphans,
                             const char *path,
                             const VckcBlockImage *image,
                             const VckcBlockBitmap *bitmap)
{
  g_autofree char *key = orphan_note_make_key (path, bitmap->name);
  const Note *note = g_hash_table_lookup (orphans->notes, key);

  return note != NULL && (note->granularity == 0 || note->granularity == bitmap->granularity)
         && vckc_image_identity_match (&note->image, image) != VCKC_IMAGE_OTHER;
}

void
vckc_orphan_bitmaps_add_disk (VckcOrphanBitmaps *orphans,
                              const VckcCheckpointDef *checkpoint,
                              const VckcCheckpointDiskDef *disk,
                              const char *path)
{
  Note *note = g_new0 (Note, 1);

  note->uuid = g_strdup (checkpoint->uuid);
  note->granularity = disk->granularity > 0 ? (guint64) disk->granularity : 0;
  note->image.number = disk->image.number;
  note->image.birth = disk->image.birth;
  g_hash_table_replace (orphans->notes, orphan_note_make_key (path, disk->bitmap), note);
}

void
vckc_orphan_bitmaps_add_checkpoint (VckcOrphanBitmaps *orphans,
                                    const VckcCheckpointDef *checkpoint,
                                    const VckcDomainDef *domain)
{
  for (guint i = 0; i < checkpoint->disks->len; i++)
    {
      const VckcCheckpointDiskDef *disk = g_ptr_array_index (checkpoint->disks, i);
      const VckcDomainDiskDef *known = vckc_domain_def_find_disk (domain, disk->name);

      if (disk->tracked && known != NULL && known->source != NULL)
        vckc_orphan_bitmaps_add_disk (orphans, checkpoint, disk, known->source);
    }
}

void
vckc_orphan_bitmaps_remove (VckcOrphanBitmaps *orphans, const char *path, const char *bitmap)
{
  g_autofree char *key = orphan_note_make_key (path, bitmap);

  g_hash_table_remove (orphans->notes, key);
}

void
vckc_orphan_bitmaps_remove_plan (VckcOrphanBitmaps *orphans, const VckcBitmapSet *plan)
{
  for (guint i = 0; i < vckc_bitmap_set_size (plan); i++)
    vckc_orphan_bitmaps_remove (orphans, vckc_bitmap_set_path (plan, i),
                                vckc_bitmap_set_bitmap (plan, i));
}
