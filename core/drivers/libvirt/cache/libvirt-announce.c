/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-announce.h"

#include <string.h>

#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-domain-states.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* --- domains --- */

static gint
libvirt_announce_compare_names_cb (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const VckcDomain *const *) a)->name, (*(const VckcDomain *const *) b)->name);
}

/* Handles of all domains, by UUID. */
static GHashTable *
libvirt_announce_list_domains (VckcConnect *connect, VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  virDomainPtr *list = NULL;
  int count = virConnectListAllDomains (conn, &list, 0);
  GHashTable *domains;

  if (count < 0)
    {
      vckc_libvirt_set_error (err, conn, "the domains of '%s' cannot be listed", connect->uri);
      return NULL;
    }
  domains = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, vckc_object_unref);
  for (int i = 0; i < count; i++)
    {
      VckcDomain *domain = vckc_libvirt_domain_new (connect, list[i]);

      g_hash_table_insert (domains, domain->uuid, domain);
    }
  free (list);
  return domains;
}

bool
vckc_libvirt_connect_announce_domains (VckcConnect *connect, VckcError **err)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (connect);
  g_autoptr (GHashTable) found = libvirt_announce_list_domains (connect, err);
  GPtrArray *listed;
  GHashTableIter iter;
  gpointer domain;

  if (found == NULL)
    return false;

  vckc_mutex_lock (&connection->mutex);
  if (connection->states != NULL)
    listed = vckc_libvirt_domain_states_list (connection->states, connect, found);
  else
    {
      listed = g_ptr_array_new_with_free_func (vckc_object_unref);
      g_hash_table_iter_init (&iter, found);
      while (g_hash_table_iter_next (&iter, NULL, &domain))
        g_ptr_array_add (listed, vckc_object_ref (domain));
    }
  g_ptr_array_sort (listed, libvirt_announce_compare_names_cb);
  vckc_event_queue_push_list (connect->events, NULL, listed);
  vckc_mutex_unlock (&connection->mutex);
  return true;
}

/* --- checkpoints --- */

static gint64
libvirt_announce_get_time (const VckcCachedCheckpoint *checkpoint)
{
  return checkpoint->def != NULL ? checkpoint->def->creation_time : G_MAXINT64;
}

static gint
libvirt_announce_compare_times_cb (gconstpointer a, gconstpointer b)
{
  const VckcCachedCheckpoint *one = *(const VckcCachedCheckpoint *const *) a;
  const VckcCachedCheckpoint *other = *(const VckcCachedCheckpoint *const *) b;
  const gint64 time = libvirt_announce_get_time (one);
  const gint64 other_time = libvirt_announce_get_time (other);

  if (time != other_time)
    return time > other_time ? 1 : -1;
  if (one->depth != other->depth)
    return one->depth > other->depth ? 1 : -1;
  return strcmp (virDomainCheckpointGetName (one->checkpoint),
                 virDomainCheckpointGetName (other->checkpoint));
}

static void
libvirt_announce_push_locked (VckcDomain *domain, VckcCachedDomain *cached)
{
  g_autoptr (GPtrArray) checkpoints = vckc_cached_domain_list_missing_locked (cached, NULL);
  GPtrArray *listed = g_ptr_array_new_with_free_func (vckc_object_unref);

  g_ptr_array_sort (checkpoints, libvirt_announce_compare_times_cb);
  for (guint i = 0; i < checkpoints->len; i++)
    {
      const VckcCachedCheckpoint *checkpoint = g_ptr_array_index (checkpoints, i);

      if (checkpoint->announced)
        g_ptr_array_add (listed, vckc_libvirt_cache_new_handle (domain, checkpoint));
    }
  vckc_event_queue_push_list (domain->connect->events, domain, listed);
}

static void
libvirt_announce_push (VckcDomain *domain)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);

  vckc_mutex_lock (&cache->mutex);
  libvirt_announce_push_locked (domain, vckc_libvirt_cache_get_domain_locked (cache, domain->uuid));
  vckc_mutex_unlock (&cache->mutex);
}

bool
vckc_libvirt_domain_announce_checkpoints (VckcDomain *domain, VckcError **err)
{
  bool reloaded;

  if (!vckc_libvirt_domain_lock (domain, err))
    return false;
  reloaded = vckc_libvirt_cache_reload (domain, err);
  if (reloaded)
    libvirt_announce_push (domain);
  vckc_libvirt_domain_unlock (domain);
  return reloaded;
}
