/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/journal.h"

static void
journal_bitmap_free (gpointer data)
{
  VckcJournalBitmap *bitmap = data;

  g_free (bitmap->target);
  g_free (bitmap->path);
  g_free (bitmap->format);
  g_free (bitmap->bitmap);
  g_free (bitmap);
}

VckcJournal *
vckc_journal_new (const char *operation)
{
  VckcJournal *change = g_new0 (VckcJournal, 1);

  change->ref_count = 1;
  change->operation = g_strdup (operation);
  change->bitmaps = g_ptr_array_new_with_free_func (journal_bitmap_free);
  change->write = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  change->remove = g_ptr_array_new_with_free_func (g_free);
  return change;
}

void
vckc_journal_add_bitmap (VckcJournal *change,
                         const char *target,
                         const char *path,
                         const char *format,
                         const char *bitmap)
{
  VckcJournalBitmap *entry = g_new0 (VckcJournalBitmap, 1);

  entry->target = g_strdup (target);
  entry->path = g_strdup (path);
  entry->format = g_strdup (format);
  entry->bitmap = g_strdup (bitmap);
  g_ptr_array_add (change->bitmaps, entry);
}

VckcJournal *
vckc_journal_ref (VckcJournal *change)
{
  g_atomic_int_inc (&change->ref_count);
  return change;
}

void
vckc_journal_unref (VckcJournal *change)
{
  if (change == NULL || !g_atomic_int_dec_and_test (&change->ref_count))
    return;

  g_free (change->operation);
  g_clear_pointer (&change->bitmaps, g_ptr_array_unref);
  g_clear_pointer (&change->write, g_hash_table_unref);
  g_clear_pointer (&change->remove, g_ptr_array_unref);
  g_free (change->current);
  g_free (change->notes);
  g_free (change->backup);
  g_free (change);
}
