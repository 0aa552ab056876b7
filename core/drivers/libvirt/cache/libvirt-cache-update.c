/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-cache-update.h"

#include <libvirt/virterror.h>

/* --- events --- */

VckcDomainCheckpoint *
vckc_libvirt_cache_new_handle (VckcDomain *domain, const VckcCachedCheckpoint *checkpoint)
{
  VckcDomainCheckpoint *handle;

  virDomainCheckpointRef (checkpoint->checkpoint);
  handle = vckc_libvirt_checkpoint_new (domain, checkpoint->checkpoint);
  handle->incarnation = checkpoint->incarnation;
  return handle;
}

VckcDomainCheckpoint *
vckc_libvirt_cache_find_handle_locked (VckcDomain *domain,
                                       VckcCachedDomain *cached,
                                       const char *name)
{
  const VckcCachedCheckpoint *found = vckc_cached_domain_find_locked (cached, name);

  return found != NULL ? vckc_libvirt_cache_new_handle (domain, found) : NULL;
}

static void
libvirt_cache_emit_locked (VckcDomain *domain,
                           VckcEventType type,
                           const VckcCachedCheckpoint *checkpoint)
{
  g_autoptr (VckcDomainCheckpoint) handle = vckc_libvirt_cache_new_handle (domain, checkpoint);

  vckc_event_queue_push (domain->connect->events, type, domain, handle, 0);
}

static void
libvirt_cache_emit_changed_locked (VckcDomain *domain,
                                   VckcCachedDomain *cached,
                                   const VckcCachedCheckpoint *checkpoint)
{
  g_autoptr (VckcDomainCheckpoint) handle = vckc_libvirt_cache_new_handle (domain, checkpoint);
  g_autoptr (VckcDomainCheckpoint) parent = NULL;
  const VckcCheckpointDef *def = checkpoint->def;

  if (def->parent_name != NULL)
    parent = vckc_libvirt_cache_find_handle_locked (domain, cached, def->parent_name);
  vckc_event_queue_push_changed (domain->connect->events, domain, handle, def->description,
                                 def->parent_name, parent, def->creation_time);
}

/* --- one checkpoint --- */

static VckcCachedCheckpoint *
libvirt_cache_get_locked (VckcCachedDomain *cached, virDomainCheckpointPtr checkpoint)
{
  VckcCachedCheckpoint *found =
      vckc_cached_domain_find_locked (cached, virDomainCheckpointGetName (checkpoint));

  return found != NULL ? found : vckc_cached_domain_add_locked (cached, checkpoint);
}

/* Finds or adds a checkpoint and announces it, unless it is one of the first list. */
static VckcCachedCheckpoint *
libvirt_cache_announce_locked (VckcDomain *domain,
                               VckcCachedDomain *cached,
                               virDomainCheckpointPtr checkpoint)
{
  VckcCachedCheckpoint *found = libvirt_cache_get_locked (cached, checkpoint);

  if (cached->listed && !found->announced)
    libvirt_cache_emit_locked (domain, VCKC_EVENT_CHECKPOINT_ADDED, found);
  found->announced = true;
  return found;
}

static void
libvirt_cache_remove_locked (VckcDomain *domain, VckcCachedDomain *cached, const char *name)
{
  const VckcCachedCheckpoint *checkpoint = vckc_cached_domain_find_locked (cached, name);

  if (checkpoint->announced)
    libvirt_cache_emit_locked (domain, VCKC_EVENT_CHECKPOINT_REMOVED, checkpoint);
  vckc_cached_domain_remove_locked (cached, name);
}

/* Else it is another checkpoint of the same name. */
static bool
is_same (const VckcCheckpointDef *before, const VckcCheckpointDef *now)
{
  return before->creation_time == now->creation_time;
}

static bool
is_unchanged (const VckcCheckpointDef *before, const VckcCheckpointDef *now)
{
  return g_strcmp0 (before->parent_name, now->parent_name) == 0
         && g_strcmp0 (before->description, now->description) == 0;
}

void
vckc_libvirt_cache_update_def_locked (VckcDomain *domain,
                                      VckcCachedDomain *cached,
                                      virDomainCheckpointPtr checkpoint,
                                      VckcCheckpointDef *def)
{
  const char *name = virDomainCheckpointGetName (checkpoint);
  VckcCachedCheckpoint *found = vckc_cached_domain_find_locked (cached, name);
  g_autoptr (VckcCheckpointDef) before = NULL;

  if (found != NULL && found->def != NULL && !is_same (found->def, def))
    libvirt_cache_remove_locked (domain, cached, name);
  found = libvirt_cache_announce_locked (domain, cached, checkpoint);
  before = g_steal_pointer (&found->def);
  found->def = def;
  if (before != NULL && !is_unchanged (before, def))
    libvirt_cache_emit_changed_locked (domain, cached, found);
}

/* --- lists --- */

void
vckc_libvirt_cache_remove_missing_locked (VckcDomain *domain,
                                          VckcCachedDomain *cached,
                                          GPtrArray *checkpoints)
{
  g_autoptr (GPtrArray) missing = vckc_cached_domain_list_missing_locked (cached, checkpoints);

  for (guint i = 0; i < missing->len; i++)
    {
      const VckcCachedCheckpoint *checkpoint = g_ptr_array_index (missing, i);

      libvirt_cache_remove_locked (domain, cached,
                                   virDomainCheckpointGetName (checkpoint->checkpoint));
    }
}

void
vckc_libvirt_cache_update_list_locked (VckcDomain *domain,
                                       VckcCachedDomain *cached,
                                       GPtrArray *checkpoints)
{
  vckc_libvirt_cache_remove_missing_locked (domain, cached, checkpoints);
  for (guint i = 0; i < checkpoints->len; i++)
    libvirt_cache_announce_locked (domain, cached, checkpoints->pdata[i]);
  cached->listed = true;
}

/* --- changes that Vck made --- */

void
vckc_libvirt_cache_add (VckcDomain *domain,
                        virDomainCheckpointPtr checkpoint,
                        VckcCheckpointDef *def,
                        bool was_there)
{
  const char *name = virDomainCheckpointGetName (checkpoint);
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedCheckpoint *added;
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  added = vckc_cached_domain_find_locked (cached, name);
  /* Another client deleted the one of this name before. */
  if (added != NULL && added->announced && !was_there)
    libvirt_cache_remove_locked (domain, cached, name);
  added = libvirt_cache_get_locked (cached, checkpoint);
  vckc_checkpoint_def_free (added->def);
  added->def = def;
  added->announced = true;
  if (!was_there)
    libvirt_cache_emit_locked (domain, VCKC_EVENT_CHECKPOINT_ADDED, added);
  else if (def != NULL)
    libvirt_cache_emit_changed_locked (domain, cached, added);
  vckc_mutex_unlock (&cache->mutex);
}

void
vckc_libvirt_cache_remove (VckcDomain *domain, virDomainCheckpointPtr checkpoint)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  libvirt_cache_get_locked (cached, checkpoint)->announced = true;
  libvirt_cache_remove_locked (domain, cached, virDomainCheckpointGetName (checkpoint));
  vckc_mutex_unlock (&cache->mutex);
}

void
vckc_libvirt_cache_remove_domain (VckcDomain *domain)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  if (cached->incarnation == domain->incarnation)
    {
      vckc_libvirt_cache_remove_missing_locked (domain, cached, NULL);
      cached->incarnation = vckc_incarnation_new ();
      cached->generation++;
    }
  vckc_mutex_unlock (&cache->mutex);
}

void
vckc_libvirt_cache_undefine_domain (VckcDomain *domain)
{
  const int active = virDomainIsActive (vckc_libvirt_get_domain (domain));

  if (active < 0)
    virResetLastError ();
  if (active != 1)
    vckc_libvirt_cache_remove_domain (domain);
}
