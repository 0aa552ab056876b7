/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-cache.h"

#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-read.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* --- domains --- */

guint64
vckc_libvirt_cache_get_incarnation (VckcConnect *connect, const char *uuid)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_connection (connect)->cache;
  guint64 incarnation;

  vckc_mutex_lock (&cache->mutex);
  incarnation = vckc_libvirt_cache_get_domain_locked (cache, uuid)->incarnation;
  vckc_mutex_unlock (&cache->mutex);
  return incarnation;
}

VckcDomain *
vckc_libvirt_domain_new (VckcConnect *connect, virDomainPtr domain)
{
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  VckcDomain *handle;

  virDomainGetUUIDString (domain, uuid);
  handle = vckc_domain_new (connect, virDomainGetName (domain), uuid);
  handle->driver_data = domain;
  handle->incarnation = vckc_libvirt_cache_get_incarnation (connect, uuid);
  return handle;
}

bool
vckc_libvirt_cache_check_domain (VckcDomain *domain, VckcError **err)
{
  if (domain->incarnation == vckc_libvirt_cache_get_incarnation (domain->connect, domain->uuid))
    return true;
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "domain '%s' does not exist any more", domain->name);
  return false;
}

guint64
vckc_libvirt_cache_get_generation (VckcDomain *domain)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  guint64 generation;

  vckc_mutex_lock (&cache->mutex);
  generation = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid)->generation;
  vckc_mutex_unlock (&cache->mutex);
  return generation;
}

/* --- handles of checkpoints --- */

/* A checkpoint that is not known yet is announced when all are listed. */
static GPtrArray *
libvirt_cache_wrap_locked (VckcDomain *domain, VckcCachedDomain *cached, GPtrArray *checkpoints)
{
  GPtrArray *handles = g_ptr_array_new_full (checkpoints->len, vckc_object_unref);

  for (guint i = 0; i < checkpoints->len; i++)
    {
      virDomainCheckpointPtr checkpoint = g_ptr_array_index (checkpoints, i);
      VckcCachedCheckpoint *found =
          vckc_cached_domain_find_locked (cached, virDomainCheckpointGetName (checkpoint));

      if (found == NULL)
        found = vckc_cached_domain_add_locked (cached, checkpoint);
      g_ptr_array_add (handles, vckc_libvirt_cache_new_handle (domain, found));
    }
  return handles;
}

GPtrArray *
vckc_libvirt_cache_wrap (VckcDomain *domain,
                         guint64 generation,
                         GPtrArray *checkpoints,
                         VckcLibvirtReply reply)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  GPtrArray *handles = NULL;
  bool current;
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  current = cached->generation == generation;
  if (current && !vckc_domain_lock_is_busy_locked (&cached->lock)
      && (reply & VCKC_LIBVIRT_REPLY_COMPLETE) != 0)
    vckc_libvirt_cache_update_list_locked (domain, cached, checkpoints);
  if (current || (reply & VCKC_LIBVIRT_REPLY_FINAL) != 0)
    handles = libvirt_cache_wrap_locked (domain, cached, checkpoints);
  vckc_mutex_unlock (&cache->mutex);
  return handles;
}

VckcDomainCheckpoint *
vckc_libvirt_cache_wrap_one (VckcDomain *domain,
                             guint64 generation,
                             virDomainCheckpointPtr checkpoint,
                             VckcLibvirtReply reply)
{
  g_autoptr (GPtrArray) checkpoints = g_ptr_array_new ();
  g_autoptr (GPtrArray) handles = NULL;

  g_ptr_array_add (checkpoints, checkpoint);
  handles = vckc_libvirt_cache_wrap (domain, generation, checkpoints, reply);
  return handles != NULL ? g_ptr_array_steal_index (handles, 0) : NULL;
}

static void
libvirt_cache_set_deleted_error (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  VCKC_AUTO_CHECKPOINT other =
      virDomainCheckpointLookupByName (vckc_libvirt_get_domain (domain), checkpoint->name, 0);

  if (other == NULL)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "checkpoint '%s' of domain '%s' cannot be found", checkpoint->name,
                            domain->name);
  else
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN_CHECKPOINT,
                    "checkpoint '%s' of domain '%s' was deleted, and another one created under its "
                    "name; look it up again",
                    checkpoint->name, domain->name);
}

bool
vckc_libvirt_cache_check_checkpoint (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  const VckcCachedCheckpoint *found;
  bool exists;

  vckc_mutex_lock (&cache->mutex);
  found = vckc_cached_domain_find_locked (
      vckc_libvirt_cache_get_domain_locked (cache, domain->uuid), checkpoint->name);
  exists = found != NULL && found->incarnation == checkpoint->incarnation;
  vckc_mutex_unlock (&cache->mutex);
  if (!exists)
    libvirt_cache_set_deleted_error (checkpoint, err);
  return exists;
}

/* --- reading --- */

/* Returns a copy of the checkpoint's def or, if it has not been read yet, fills `unread` with all
 * checkpoints that have not. */
static VckcCheckpointDef *
libvirt_cache_copy_def_locked (VckcCachedDomain *cached, const char *name, GPtrArray *unread)
{
  const VckcCachedCheckpoint *found = vckc_cached_domain_find_locked (cached, name);
  GHashTableIter iter;
  gpointer other;

  if (found != NULL && found->def != NULL)
    return vckc_checkpoint_def_copy (found->def);
  if (found == NULL)
    return NULL;
  g_hash_table_iter_init (&iter, cached->checkpoints);
  while (g_hash_table_iter_next (&iter, NULL, &other))
    if (((const VckcCachedCheckpoint *) other)->def == NULL)
      {
        virDomainCheckpointRef (((const VckcCachedCheckpoint *) other)->checkpoint);
        g_ptr_array_add (unread, ((const VckcCachedCheckpoint *) other)->checkpoint);
      }
  return NULL;
}

/* Stores what was read, unless another thread has read it or something has changed meanwhile. */
static void
libvirt_cache_store_defs (VckcDomain *domain, guint64 generation, GPtrArray *defs)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  for (guint i = 0; i < defs->len && cached->generation == generation; i++)
    {
      VckcCheckpointDef *def = g_ptr_array_index (defs, i);
      VckcCachedCheckpoint *found =
          def != NULL ? vckc_cached_domain_find_locked (cached, def->name) : NULL;

      if (found != NULL && found->def == NULL)
        found->def = g_steal_pointer (&defs->pdata[i]);
    }
  vckc_mutex_unlock (&cache->mutex);
}

static VckcCheckpointDef *
libvirt_cache_copy_def_of_name (GPtrArray *defs, const char *name)
{
  for (guint i = 0; i < defs->len; i++)
    {
      const VckcCheckpointDef *def = g_ptr_array_index (defs, i);

      if (def != NULL && g_str_equal (def->name, name))
        return vckc_checkpoint_def_copy (def);
    }
  return NULL;
}

VckcCheckpointDef *
vckc_libvirt_cache_get_def (VckcDomainCheckpoint *checkpoint, VckcError **err)
{
  VckcDomain *domain = checkpoint->domain;
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  g_autoptr (GPtrArray) unread =
      g_ptr_array_new_with_free_func (vckc_libvirt_checkpoint_ptr_destroy);
  g_autoptr (GPtrArray) defs = NULL;
  VckcCheckpointDef *def;
  guint64 generation;
  VckcCachedDomain *cached;

  if (!vckc_libvirt_cache_check_checkpoint (checkpoint, err))
    return NULL;
  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  generation = cached->generation;
  def = libvirt_cache_copy_def_locked (cached, checkpoint->name, unread);
  vckc_mutex_unlock (&cache->mutex);
  if (def == NULL && unread->len > 0)
    {
      defs = vckc_libvirt_read_checkpoints (unread, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
      if (defs == NULL)
        return NULL;
      def = libvirt_cache_copy_def_of_name (defs, checkpoint->name);
      libvirt_cache_store_defs (domain, generation, defs);
    }
  /* It was not listed, or deleted meanwhile. */
  return def != NULL ? def
                     : vckc_libvirt_read_checkpoint (vckc_libvirt_get_checkpoint (checkpoint),
                                                     VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
}

VckcDomainCheckpoint *
vckc_libvirt_cache_find_read (VckcDomain *domain, const char *name)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcDomainCheckpoint *handle = NULL;
  const VckcCachedCheckpoint *found;

  vckc_mutex_lock (&cache->mutex);
  found = vckc_cached_domain_find_locked (
      vckc_libvirt_cache_get_domain_locked (cache, domain->uuid), name);
  if (found != NULL && found->def != NULL)
    handle = vckc_libvirt_cache_new_handle (domain, found);
  vckc_mutex_unlock (&cache->mutex);
  return handle;
}

/* Parents are announced before their children. */
static void
libvirt_cache_update_all (VckcDomain *domain, GPtrArray *checkpoints, GPtrArray *defs)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  vckc_libvirt_cache_remove_missing_locked (domain, cached, checkpoints);
  for (guint i = 0; i < defs->len; i++)
    if (defs->pdata[i] != NULL)
      vckc_libvirt_cache_update_def_locked (domain, cached, checkpoints->pdata[i],
                                            g_steal_pointer (&defs->pdata[i]));
  cached->listed = true;
  vckc_mutex_unlock (&cache->mutex);
}

bool
vckc_libvirt_cache_reload (VckcDomain *domain, VckcError **err)
{
  g_autoptr (GPtrArray) checkpoints =
      vckc_libvirt_list_checkpoints (domain, VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL, err);
  g_autoptr (GPtrArray) defs = NULL;

  if (checkpoints == NULL)
    return false;
  defs = vckc_libvirt_read_checkpoints (checkpoints, VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN, err);
  if (defs == NULL)
    return false;
  libvirt_cache_update_all (domain, checkpoints, defs);
  return true;
}
