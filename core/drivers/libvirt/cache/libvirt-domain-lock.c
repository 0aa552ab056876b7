/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-domain-lock.h"

#include "base/cancel.h"
#include "drivers/libvirt/cache/libvirt-cache-table.h"
#include "drivers/libvirt/cache/libvirt-cache.h"

/* How long a call waits for the lock; in milliseconds, as in the managed engine. */
#define LOCK_TIMEOUT 30000

bool
vckc_libvirt_domain_lock (VckcDomain *domain, VckcError **err)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  g_autoptr (VckcCancelWatch) watch = vckc_cancel_watch_open (&cache->unlocked, &cache->mutex);
  const gint64 deadline = g_get_monotonic_time () + LOCK_TIMEOUT * G_TIME_SPAN_MILLISECOND;
  bool in_time = true;
  bool acquired;
  VckcCachedDomain *cached;

  if (!vckc_libvirt_cache_check_domain (domain, err))
    return false;
  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  while (cached->locked && in_time && !vckc_cancel_watch_is_cancelled (watch))
    in_time = vckc_cond_wait_until (&cache->unlocked, &cache->mutex, deadline);
  acquired = !cached->locked && !vckc_cancel_watch_is_cancelled (watch);
  if (acquired)
    {
      cached->locked = true;
      cached->generation++;
    }
  vckc_mutex_unlock (&cache->mutex);

  if (!acquired && !vckc_cancel_check ("another operation on the domain", err))
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "another operation on domain '%s' is still under way; try again later",
                    domain->name);
  return acquired;
}

void
vckc_libvirt_domain_unlock (VckcDomain *domain)
{
  VckcLibvirtCache *cache = vckc_libvirt_get_cache (domain);
  VckcCachedDomain *cached;

  vckc_mutex_lock (&cache->mutex);
  cached = vckc_libvirt_cache_get_domain_locked (cache, domain->uuid);
  g_assert (cached->locked);
  cached->locked = false;
  cached->generation++;
  vckc_cond_broadcast (&cache->unlocked);
  vckc_mutex_unlock (&cache->mutex);
}
