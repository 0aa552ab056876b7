/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Keeping the table of domains up to date with the store. */

#include "engine-private.h"

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
      domain = vckc_managed_domain_new (engine, uuid);
      g_hash_table_insert (engine->domains, domain->uuid, vckc_managed_domain_ref (domain));
    }
  vckc_mutex_unlock (&engine->mutex);
  return domain;
}

bool
vckc_engine_refresh_domain (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation = engine->store->klass->generation (engine->store, domain->uuid);
  g_autoptr (VckcError) error = NULL;
  bool fresh, readable;

  vckc_mutex_lock (&engine->mutex);
  fresh = domain->loaded && !domain->gone
          && (domain->busy || (generation != 0 && domain->generation == generation));
  vckc_mutex_unlock (&engine->mutex);
  if (fresh)
    return true;
  if (vckc_job_begin (engine, domain, &error))
    {
      vckc_job_end (engine, domain);
      return true;
    }

  vckc_mutex_lock (&engine->mutex);
  readable = domain->loaded && domain->interrupted && !domain->gone;
  vckc_mutex_unlock (&engine->mutex);
  if (!readable)
    vckc_propagate_error (err, g_steal_pointer (&error));
  return readable;
}

/* Domains we know that the store does not list any more. */
static void
drop_vanished (VckcEngine *engine, const GPtrArray *uuids)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) vanished
      = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_managed_domain_unref);
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < uuids->len; i++)
    g_hash_table_add (listed, g_ptr_array_index (uuids, i));

  vckc_mutex_lock (&engine->mutex);
  g_hash_table_iter_init (&iter, engine->domains);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      VckcManagedDomain *domain = value;

      if (!domain->busy && !g_hash_table_contains (listed, domain->uuid))
        g_ptr_array_add (vanished, vckc_managed_domain_ref (domain));
    }
  vckc_mutex_unlock (&engine->mutex);

  for (guint i = 0; i < vanished->len; i++)
    {
      VckcManagedDomain *domain = g_ptr_array_index (vanished, i);

      /* It may have been defined since the list was made: this looks again, with its job. */
      vckc_engine_refresh_domain (engine, domain, NULL);
    }
}

bool
vckc_engine_refresh (VckcEngine *engine, VckcError **err)
{
  g_autoptr (GPtrArray) uuids = NULL;

  if (!engine->store->klass->list_domains (engine->store, &uuids, err))
    return false;
  drop_vanished (engine, uuids);
  for (guint i = 0; i < uuids->len; i++)
    {
      g_autoptr (VckcManagedDomain) domain
          = vckc_engine_get_entry (engine, g_ptr_array_index (uuids, i));
      g_autoptr (VckcError) error = NULL;

      if (!vckc_engine_refresh_domain (engine, domain, &error))
        g_info ("domain '%s' is left out: %s", domain->uuid, vckc_error_get_message (error));
    }
  vckc_engine_flush (engine);
  return true;
}
