/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/store.h"

static void
store_bitmap_free (gpointer data)
{
  VckcStoreBitmap *bitmap = data;

  g_free (bitmap->target);
  g_free (bitmap->path);
  g_free (bitmap->format);
  g_free (bitmap->bitmap);
  g_free (bitmap);
}

VckcStoreChange *
vckc_store_change_new (const char *operation)
{
  VckcStoreChange *change = g_new0 (VckcStoreChange, 1);

  change->operation = g_strdup (operation);
  change->bitmaps = g_ptr_array_new_with_free_func (store_bitmap_free);
  change->write = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  change->remove = g_ptr_array_new_with_free_func (g_free);
  return change;
}

void
vckc_store_change_add_bitmap (VckcStoreChange *change,
                              const char *target,
                              const char *path,
                              const char *format,
                              const char *bitmap)
{
  VckcStoreBitmap *entry = g_new0 (VckcStoreBitmap, 1);

  entry->target = g_strdup (target);
  entry->path = g_strdup (path);
  entry->format = g_strdup (format);
  entry->bitmap = g_strdup (bitmap);
  g_ptr_array_add (change->bitmaps, entry);
}

void
vckc_store_change_free (VckcStoreChange *change)
{
  if (change == NULL)
    return;

  g_free (change->operation);
  g_clear_pointer (&change->bitmaps, g_ptr_array_unref);
  g_clear_pointer (&change->write, g_hash_table_unref);
  g_clear_pointer (&change->remove, g_ptr_array_unref);
  g_free (change->current);
  g_free (change->notes);
  g_free (change);
}

VckcStoreRecord *
vckc_store_record_new (void)
{
  VckcStoreRecord *record = g_new0 (VckcStoreRecord, 1);

  record->checkpoint_names = g_ptr_array_new_with_free_func (g_free);
  record->checkpoint_xml = g_ptr_array_new_with_free_func (g_free);
  record->unreadable = g_ptr_array_new_with_free_func (g_free);
  return record;
}

void
vckc_store_record_free (VckcStoreRecord *record)
{
  if (record == NULL)
    return;

  g_free (record->domain_xml);
  g_clear_pointer (&record->checkpoint_names, g_ptr_array_unref);
  g_clear_pointer (&record->checkpoint_xml, g_ptr_array_unref);
  g_clear_pointer (&record->unreadable, g_ptr_array_unref);
  g_free (record->current);
  g_free (record->notes);
  vckc_store_change_free (record->unfinished);
  g_free (record->unfinished_problem);
  g_free (record);
}
