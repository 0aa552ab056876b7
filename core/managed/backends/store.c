/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/store.h"

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
  vckc_journal_free (record->journal);
  g_free (record->journal_problem);
  g_free (record);
}
