/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-domain-lock.h"

#include "drivers/libvirt/cache/libvirt-cache-table.h"
#include "drivers/libvirt/cache/libvirt-cache.h"

/* How long a call waits for the lock; in milliseconds, as in the managed engine. */
#define LOCK_TIMEOUT 30000

bool
vckc_libvirt_domain_lock (VckcDomain *domain, VckcError **err)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  const gint64 deadline = g_get_monotonic_time () + LOCK_TIMEOUT * G_TIME_SPAN_MILLISECOND;
  VckcCachedDomain *cached;

  if (!vckc_libvirt_cache_check_domain (domain, err))
    return false;
  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  vckc_mutex_unlock (&cache->mutex);
  if (!vckc_domain_lock_acquire (&cached->lock, domain->name, deadline, NULL, NULL, err))
    return false;
  vckc_mutex_lock (&cache->mutex);
  cached->generation++;
  vckc_mutex_unlock (&cache->mutex);
  return true;
}

void
vckc_libvirt_domain_unlock (VckcDomain *domain)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  vckc_domain_lock_release_locked (&cached->lock);
  cached->generation++;
  vckc_mutex_unlock (&cache->mutex);
}
