/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/refresh.h"

#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/job.h"

VckcLook
vckc_look_of (const VckcConnect *connect)
{
  return (connect->flags & VCKC_CONNECTION_READ_ONLY) != 0 ? VCKC_LOOK_ONLY : VCKC_LOOK_AND_RECOVER;
}

/* Is what is in memory right, or known better than what is in the store? */
static bool
is_fresh (VckcEngine *engine, VckcManagedDomain *domain, guint64 generation, VckcLook look)
{
  bool fresh, recoverable;

  vckc_mutex_lock (&engine->mutex);
  while (domain->reading && domain->loaded)
    vckc_cond_wait (&engine->unlocked, &engine->mutex);
  recoverable = look == VCKC_LOOK_AND_RECOVER && domain->interrupted && domain->problem == NULL;
  fresh = domain->loaded && !domain->gone
          && (vckc_domain_lock_is_busy_locked (&domain->lock)
              || (generation != 0 && domain->generation == generation && !recoverable));
  vckc_mutex_unlock (&engine->mutex);
  return fresh;
}

bool
vckc_engine_refresh_domain (VckcEngine *engine,
                            VckcManagedDomain *domain,
                            VckcLook look,
                            VckcError **err)
{
  guint64 generation;

  if (!vckc_store_get_generation (engine->store, domain->uuid, &generation, err))
    return false;
  return is_fresh (engine, domain, generation, look) || vckc_job_reload (engine, domain, look, err);
}

/* Domains we know that the store does not list any more. */
static void
refresh_drop_vanished (VckcEngine *engine, const GPtrArray *uuids)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) vanished =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_managed_domain_unref);
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < uuids->len; i++)
    g_hash_table_add (listed, g_ptr_array_index (uuids, i));

  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VckcManagedDomain *domain = value;

      if (!vckc_domain_lock_is_busy_locked (&domain->lock)
          && !g_hash_table_contains (listed, domain->uuid))
        g_ptr_array_add (vanished, vckc_managed_domain_ref (domain));
    }
  vckc_mutex_unlock (&engine->mutex);

  for (guint i = 0; i < vanished->len; i++)
    {
      VckcManagedDomain *domain = g_ptr_array_index (vanished, i);

      /* It may have been defined since the list was made: this looks again, with its lock. */
      vckc_engine_refresh_domain (engine, domain, VCKC_LOOK_ONLY, NULL);
    }
}

/* One that cannot be read is in the table all the same, and each call says why. */
static void
refresh_listed (VckcEngine *engine, const char *uuid, VckcLook look)
{
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_entry (engine, uuid);
  g_autoptr (VckcError) error = NULL;

  if (vckc_engine_refresh_domain (engine, domain, look, &error))
    return;
  vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                 "domain '%s' cannot be read: %s", domain->uuid, vckc_error_get_message (error));
  vckc_mutex_lock (&engine->mutex);
  domain->unreadable = !domain->loaded;
  vckc_mutex_unlock (&engine->mutex);
}

void
vckc_engine_refresh_uuid (VckcEngine *engine, const char *uuid)
{
  guint64 generation;
  bool known;

  vckc_mutex_lock (&engine->mutex);
  known = g_hash_table_contains (engine->domains, uuid);
  vckc_mutex_unlock (&engine->mutex);
  if (known || !vckc_store_get_generation (engine->store, uuid, &generation, NULL)
      || generation != 0)
    refresh_listed (engine, uuid, VCKC_LOOK_ONLY);
  vckc_engine_flush (engine);
}

bool
vckc_engine_refresh (VckcEngine *engine, VckcLook look, VckcError **err)
{
  const bool tidy = look == VCKC_LOOK_AND_RECOVER;
  g_autoptr (GPtrArray) uuids = NULL;

  if (!vckc_store_list_domains (engine->store, tidy, &uuids, err))
    return false;
  refresh_drop_vanished (engine, uuids);
  for (guint i = 0; i < uuids->len; i++)
    refresh_listed (engine, g_ptr_array_index (uuids, i), look);
  vckc_engine_flush (engine);
  return true;
}
