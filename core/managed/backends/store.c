/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/store.h"

VckcStoredDomain *
vckc_stored_domain_new (void)
{
  VckcStoredDomain *stored = g_new0 (VckcStoredDomain, 1);

  stored->checkpoint_names = g_ptr_array_new_with_free_func (g_free);
  stored->checkpoint_xml = g_ptr_array_new_with_free_func (g_free);
  stored->unreadable = g_ptr_array_new_with_free_func (g_free);
  return stored;
}

void
vckc_stored_domain_free (VckcStoredDomain *stored)
{
  if (stored == NULL)
    return;

  g_free (stored->domain_xml);
  g_clear_pointer (&stored->checkpoint_names, g_ptr_array_unref);
  g_clear_pointer (&stored->checkpoint_xml, g_ptr_array_unref);
  g_clear_pointer (&stored->unreadable, g_ptr_array_unref);
  g_free (stored->current);
  g_free (stored->notes);
  vckc_journal_free (stored->journal);
  g_free (stored->journal_problem);
  g_free (stored);
}
