/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/domain-table.h"

#include "managed/state-watch.h"

VckcManagedDomain *
vckc_engine_get_entry (VckcEngine *engine, const char *uuid)
{
  VckcManagedDomain *domain;

  vckc_mutex_lock (&engine->mutex);
  domain = g_hash_table_lookup (engine->domains, uuid);
  if (domain != NULL)
    vckc_managed_domain_ref (domain);
  else
    {
      domain = vckc_managed_domain_new (uuid, engine->initial_state != NULL
                                                  ? engine->initial_state (uuid)
                                                  : VCKC_DOMAIN_STATE_SHUTOFF);
      vckc_domain_lock_init (&domain->lock, &engine->mutex, &engine->unlocked);
      g_hash_table_insert (engine->domains, domain->uuid, vckc_managed_domain_ref (domain));
    }
  vckc_mutex_unlock (&engine->mutex);
  return domain;
}

void
vckc_managed_domain_set_def_locked (VckcEngine *engine,
                                    VckcManagedDomain *domain,
                                    VckcDomainDef *def)
{
  g_autoptr (VckcDomainDef) old = g_steal_pointer (&domain->def);

  domain->def = def;
  vckc_state_watch_update_locked (engine, domain);
  if (old == NULL || !domain->loaded || domain->gone)
    return;
  if (!g_str_equal (old->name, def->name))
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_RENAMED, domain);
  if (!vckc_domain_def_has_same_disks (old, def))
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DISKS_CHANGED, domain);
}

void
vckc_engine_remove_domain_locked (VckcEngine *engine, VckcManagedDomain *domain)
{
  vckc_domain_lock_assert_held (&domain->lock);
  if (domain->gone)
    return;

  domain->gone = true;
  vckc_state_watch_update_locked (engine, domain);
  if (domain->loaded)
    {
      for (VckcCheckpointNode *node = vckc_checkpoint_tree_first_root (domain->tree); node != NULL;
           node = vckc_checkpoint_node_next (node, NULL))
        vckc_engine_emit_checkpoint_locked (engine, VCKC_EVENT_CHECKPOINT_REMOVED, domain, node);
    }
  /* One that cannot be read is listed. */
  if (domain->loaded || domain->unreadable)
    vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_REMOVED, domain);
  g_hash_table_remove (engine->domains, domain->uuid);
}

bool
vckc_engine_read_generation (VckcEngine *engine,
                             VckcManagedDomain *domain,
                             guint64 *ret_generation,
                             VckcError **err)
{
  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_store_get_generation (engine->store, domain->uuid, ret_generation, err))
    return false;
  if (!domain->gone && *ret_generation != 0)
    return true;

  vckc_mutex_lock (&engine->mutex);
  vckc_engine_remove_domain_locked (engine, domain);
  vckc_mutex_unlock (&engine->mutex);
  vckc_set_no_domain (err, domain->uuid);
  return false;
}

void
vckc_job_stored (VckcEngine *engine, VckcManagedDomain *domain)
{
  guint64 generation = 0;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_store_get_generation (engine->store, domain->uuid, &generation, NULL))
    generation = 0;
  vckc_mutex_lock (&engine->mutex);
  domain->generation = generation;
  vckc_mutex_unlock (&engine->mutex);
}

void
vckc_job_must_reload (VckcEngine *engine, VckcManagedDomain *domain)
{
  vckc_domain_lock_assert_held (&domain->lock);
  vckc_mutex_lock (&engine->mutex);
  domain->generation = 0;
  vckc_mutex_unlock (&engine->mutex);
}
