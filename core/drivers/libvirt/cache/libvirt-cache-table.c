/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-cache-table.h"

static void
cached_checkpoint_free (gpointer data)
{
  VckcCachedCheckpoint *cached = data;

  virDomainCheckpointFree (cached->checkpoint);
  vckc_checkpoint_def_free (cached->def);
  g_free (cached);
}

static void
cached_domain_free (gpointer data)
{
  VckcCachedDomain *cached = data;

  g_hash_table_unref (cached->checkpoints);
  g_free (cached);
}

VckcLibvirtCache *
vckc_libvirt_cache_new (void)
{
  VckcLibvirtCache *cache = g_new0 (VckcLibvirtCache, 1);

  vckc_mutex_init (&cache->mutex);
  vckc_cond_init (&cache->unlocked);
  cache->domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, cached_domain_free);
  return cache;
}

void
vckc_libvirt_cache_free (VckcLibvirtCache *cache)
{
  g_hash_table_unref (cache->domains);
  vckc_cond_clear (&cache->unlocked);
  vckc_mutex_clear (&cache->mutex);
  g_free (cache);
}

VckcLibvirtCache *
vckc_libvirt_get_cache (VckcDomain *domain)
{
  return vckc_libvirt_get_connection (domain->connect)->cache;
}

VckcCachedDomain *
vckc_libvirt_cache_get_domain_locked (VckcLibvirtCache *cache, const char *uuid)
{
  VckcCachedDomain *cached = g_hash_table_lookup (cache->domains, uuid);

  if (cached != NULL)
    return cached;
  cached = g_new0 (VckcCachedDomain, 1);
  vckc_domain_lock_init (&cached->lock, &cache->mutex, &cache->unlocked);
  cached->incarnation = vckc_incarnation_new ();
  cached->checkpoints =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, cached_checkpoint_free);
  g_hash_table_insert (cache->domains, g_strdup (uuid), cached);
  return cached;
}

VckcCachedCheckpoint *
vckc_cached_domain_find_locked (VckcCachedDomain *cached, const char *name)
{
  return g_hash_table_lookup (cached->checkpoints, name);
}

VckcCachedCheckpoint *
vckc_cached_domain_add_locked (VckcCachedDomain *cached, virDomainCheckpointPtr checkpoint)
{
  VckcCachedCheckpoint *added = g_new0 (VckcCachedCheckpoint, 1);

  virDomainCheckpointRef (checkpoint);
  added->checkpoint = checkpoint;
  added->incarnation = vckc_incarnation_new ();
  g_hash_table_replace (cached->checkpoints, (gpointer) virDomainCheckpointGetName (checkpoint),
                        added);
  return added;
}

void
vckc_cached_domain_remove_locked (VckcCachedDomain *cached, const char *name)
{
  g_hash_table_remove (cached->checkpoints, name);
  cached->generation++;
}

/* --- children before parents --- */

static VckcCachedCheckpoint *
cached_domain_find_parent_locked (VckcCachedDomain *cached, const VckcCachedCheckpoint *checkpoint)
{
  return checkpoint->def != NULL && checkpoint->def->parent_name != NULL
             ? vckc_cached_domain_find_locked (cached, checkpoint->def->parent_name)
             : NULL;
}

/* Sets the depth of a checkpoint and of its ancestors that have none yet. A cycle ends where it
 * began. */
static void
cached_domain_set_depth_locked (VckcCachedDomain *cached, VckcCachedCheckpoint *checkpoint)
{
  g_autoptr (GPtrArray) path = g_ptr_array_new ();
  guint depth;

  while (checkpoint != NULL && checkpoint->depth == 0)
    {
      checkpoint->depth = 1;
      g_ptr_array_add (path, checkpoint);
      checkpoint = cached_domain_find_parent_locked (cached, checkpoint);
    }
  depth = checkpoint != NULL ? checkpoint->depth : 0;
  for (guint i = path->len; i > 0; i--)
    ((VckcCachedCheckpoint *) path->pdata[i - 1])->depth = ++depth;
}

static gint
compare_depth_cb (gconstpointer a, gconstpointer b)
{
  const guint one = (*(VckcCachedCheckpoint *const *) a)->depth;
  const guint other = (*(VckcCachedCheckpoint *const *) b)->depth;

  return one > other ? -1 : one < other ? 1 : 0;
}

GPtrArray *
vckc_cached_domain_list_missing_locked (VckcCachedDomain *cached, GPtrArray *checkpoints)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *missing = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;
  gpointer checkpoint;

  for (guint i = 0; checkpoints != NULL && i < checkpoints->len; i++)
    g_hash_table_add (listed, (gpointer) virDomainCheckpointGetName (checkpoints->pdata[i]));
  g_hash_table_iter_init (&iter, cached->checkpoints);
  while (g_hash_table_iter_next (&iter, &name, &checkpoint))
    {
      ((VckcCachedCheckpoint *) checkpoint)->depth = 0;
      if (!g_hash_table_contains (listed, name))
        g_ptr_array_add (missing, checkpoint);
    }
  for (guint i = 0; i < missing->len; i++)
    cached_domain_set_depth_locked (cached, missing->pdata[i]);
  g_ptr_array_sort (missing, compare_depth_cb);
  return missing;
}
