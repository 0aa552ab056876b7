/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/recovery.h"

#include "managed/bitmap-set.h"
#include "managed/domain-table.h"

static bool
remove_bitmaps (VckcEngine *engine,
                const VckcBlockMachine *machine,
                const VckcStoreChange *record,
                VckcError **err)
{
  g_autoptr (VckcBitmapPlan) plan = vckc_bitmap_plan_new ();
  VckcError *error = NULL;
  bool removed;

  if (record->bitmaps->len == 0)
    return true;
  for (guint i = 0; i < record->bitmaps->len; i++)
    {
      const VckcStoreBitmap *bitmap = g_ptr_array_index (record->bitmaps, i);

      vckc_bitmap_plan_add (plan, bitmap->target, bitmap->path, bitmap->format, bitmap->bitmap);
    }

  removed = vckc_bitmap_plan_open (plan, engine->backend, machine, VCKC_BLOCK_SESSION_MEND, &error)
            && vckc_bitmap_plan_remove_found (plan, &error);
  if (!vckc_bitmap_plan_close (plan, removed ? &error : NULL))
    removed = false;
  if (!removed)
    vckc_propagate_error (err, error);
  return removed;
}

bool
vckc_recovery_finish (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      const VckcStoreChange *record,
                      VckcError **err)
{
  const VckcStoreClass *store = engine->store->klass;

  if (store->apply (engine->store, domain->uuid, record, err)
      && store->end (engine->store, domain->uuid, err))
    return true;

  vckc_job_must_reload (engine, domain);
  return false;
}

bool
vckc_recovery_run (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   const VckcDomainDef *def,
                   const VckcStoreChange *record,
                   VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, def);

  if (remove_bitmaps (engine, &machine, record, err))
    return vckc_recovery_finish (engine, domain, record, err);

  vckc_job_must_reload (engine, domain);
  return false;
}
