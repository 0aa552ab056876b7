/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/journal-replay.h"

#include "managed/bitmap-set.h"
#include "managed/domain-table.h"

static bool
journal_remove_bitmaps (VckcEngine *engine,
                        const VckcBlockMachine *machine,
                        const VckcJournal *journal,
                        VckcError **err)
{
  g_autoptr (VckcBitmapSet) plan = vckc_bitmap_set_new ();
  VckcError *error = NULL;
  bool removed;

  if (journal->bitmaps->len == 0)
    return true;
  for (guint i = 0; i < journal->bitmaps->len; i++)
    {
      const VckcJournalBitmap *bitmap = g_ptr_array_index (journal->bitmaps, i);

      vckc_bitmap_set_add (plan, bitmap->target, bitmap->path, bitmap->format, bitmap->bitmap);
    }

  removed = vckc_bitmap_set_open (plan, engine->backend, machine, VCKC_BLOCK_SESSION_MEND, &error)
            && vckc_bitmap_set_remove_found (plan, &error);
  if (!vckc_bitmap_set_close (plan, removed ? &error : NULL))
    removed = false;
  if (!removed)
    vckc_propagate_error (err, error);
  return removed;
}

bool
vckc_journal_apply (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    const VckcJournal *journal,
                    VckcError **err)
{
  vckc_domain_lock_assert_held (&domain->lock);
  if (vckc_store_apply (engine->store, domain->uuid, journal, err)
      && vckc_store_clear_journal (engine->store, domain->uuid, err))
    return true;

  vckc_job_must_reload (engine, domain);
  return false;
}

bool
vckc_journal_replay (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     const VckcDomainDef *def,
                     const VckcJournal *journal,
                     VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, def);

  vckc_domain_lock_assert_held (&domain->lock);
  if (journal_remove_bitmaps (engine, &machine, journal, err))
    return vckc_journal_apply (engine, domain, journal, err);

  vckc_job_must_reload (engine, domain);
  return false;
}
