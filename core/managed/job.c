/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/job.h"

#include "managed/domain-table.h"

/* `reads`: only to read the store. A thread of the engine does not wait for that once changes are
 * not looked for any more. */
static bool
job_lock (VckcEngine *engine,
          VckcManagedDomain *domain,
          bool reads,
          gint64 *ret_deadline,
          VckcError **err)
{
  const bool *while_set = reads && vckc_engine_is_own_thread (engine) ? &engine->watching : NULL;
  g_autofree char *name = NULL;

  vckc_mutex_lock (&engine->mutex);
  name = g_strdup (vckc_managed_domain_get_name_locked (domain));
  *ret_deadline = g_get_monotonic_time () + engine->job_timeout * G_TIME_SPAN_MILLISECOND;
  vckc_mutex_unlock (&engine->mutex);
  return vckc_domain_lock_acquire (&domain->lock, name, *ret_deadline, while_set,
                                   reads ? &domain->reading : NULL, err);
}

static void
job_unlock (VckcEngine *engine, VckcManagedDomain *domain)
{
  __atomic_store_n (&domain->job_since, 0, __ATOMIC_RELAXED);
  vckc_mutex_lock (&engine->mutex);
  domain->reading = false;
  vckc_domain_lock_release_locked (&domain->lock);
  vckc_mutex_unlock (&engine->mutex);
}

bool
vckc_job_reload (VckcEngine *engine, VckcManagedDomain *domain, VckcLook look, VckcError **err)
{
  gint64 unused;
  bool looked;

  if (!job_lock (engine, domain, true, &unused, err))
    return false;
  looked = vckc_job_look (engine, domain, look, err);
  job_unlock (engine, domain);
  vckc_engine_flush (engine);
  return looked;
}

typedef bool (*JobStoreLockFunc) (VckcStore *store,
                                  const char *uuid,
                                  gint64 deadline,
                                  VckcError **err);

/* The store knows UUIDs only. */
static void
job_prefix_busy (VckcEngine *engine, const VckcManagedDomain *domain, VckcError **err)
{
  if (err == NULL || vckc_error_get_code (*err) != VCKC_ERROR_BUSY)
    return;
  vckc_mutex_lock (&engine->mutex);
  vckc_prefix_error (err, "cannot lock domain '%s'", vckc_managed_domain_get_name_locked (domain));
  vckc_mutex_unlock (&engine->mutex);
}

static bool
job_take (VckcEngine *engine, VckcManagedDomain *domain, JobStoreLockFunc lock, VckcError **err)
{
  gint64 deadline;

  if (!job_lock (engine, domain, false, &deadline, err))
    return false;
  if (lock (engine->store, domain->uuid, deadline, err))
    {
      __atomic_store_n (&domain->job_since, g_get_monotonic_time (), __ATOMIC_RELAXED);
      return true;
    }
  job_prefix_busy (engine, domain, err);
  job_unlock (engine, domain);
  return false;
}

/* Takes the job of a domain that is in the store. */
static bool
job_take_existing (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   JobStoreLockFunc lock,
                   guint64 *ret_generation,
                   VckcError **err)
{
  if (!job_take (engine, domain, lock, err))
    return false;
  if (vckc_engine_read_generation (engine, domain, ret_generation, err))
    return true;
  vckc_job_end (engine, domain);
  return false;
}

bool
vckc_job_begin_raw (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  return job_take_existing (engine, domain, vckc_store_lock, &generation, err);
}

/* With the domain lock: is there something that was interrupted, and can be completed? */
static bool
is_recoverable (const VckcManagedDomain *domain, VckcLook look)
{
  return look == VCKC_LOOK_AND_RECOVER && domain->interrupted && domain->problem == NULL;
}

static bool
job_try_begin_shared (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  if (!job_take_existing (engine, domain, vckc_store_lock_shared, &generation, err))
    return false;
  if (vckc_job_look (engine, domain, VCKC_LOOK_ONLY, err))
    return true;
  vckc_job_end (engine, domain);
  return false;
}

/* The operation that held the lock has ended by then: what is unfinished can be
 * completed. */
bool
vckc_job_begin_shared (VckcEngine *engine,
                       VckcManagedDomain *domain,
                       VckcLook look,
                       VckcError **err)
{
  if (!job_try_begin_shared (engine, domain, err))
    return false;
  if (!is_recoverable (domain, look))
    return true;
  vckc_job_end (engine, domain);
  return vckc_job_reload (engine, domain, look, err) && job_try_begin_shared (engine, domain, err);
}

/* A journal that cannot be replayed is not read again by every call. */
static bool
job_bring_up_to_date (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      guint64 generation,
                      VckcError **err)
{
  if (generation != domain->generation || (domain->interrupted && domain->problem == NULL))
    return vckc_job_load (engine, domain, err);
  return vckc_job_check_completed (domain, err);
}

bool
vckc_job_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  if (!job_take_existing (engine, domain, vckc_store_lock, &generation, err))
    return false;
  if (job_bring_up_to_date (engine, domain, generation, err))
    return true;
  vckc_job_end (engine, domain);
  return false;
}

VckcManagedDomain *
vckc_job_begin_new (VckcEngine *engine, const char *uuid, VckcError **err)
{
  for (;;)
    {
      g_autoptr (VckcManagedDomain) domain = vckc_engine_get_entry (engine, uuid);

      if (!job_take (engine, domain, vckc_store_lock, err))
        return NULL;
      if (!domain->gone)
        return g_steal_pointer (&domain);
      /* While we waited it was found that there is no such domain, or it was undefined. */
      vckc_job_end (engine, domain);
    }
}

void
vckc_job_end (VckcEngine *engine, VckcManagedDomain *domain)
{
  vckc_store_unlock (engine->store, domain->uuid);
  job_unlock (engine, domain);
  vckc_engine_flush (engine);
}
