/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/job.h"

#include "base/cancel.h"
#include "managed/domain-table.h"

static bool
wait_for_turn (VckcEngine *engine,
               VckcManagedDomain *domain,
               bool to_read,
               gint64 *ret_deadline,
               VckcError **err)
{
  g_autoptr (VckcCancelWatch) watch = vckc_cancel_watch_open (&engine->job_ended, &engine->mutex);
  bool in_time = true;
  bool mine;

  vckc_mutex_lock (&engine->mutex);
  *ret_deadline = g_get_monotonic_time () + engine->job_timeout * G_TIME_SPAN_MILLISECOND;
  while (domain->busy && in_time && !vckc_cancel_watch_is_cancelled (watch))
    in_time = vckc_cond_wait_until (&engine->job_ended, &engine->mutex, *ret_deadline);
  mine = !domain->busy && !vckc_cancel_watch_is_cancelled (watch);
  if (mine)
    {
      domain->busy = true;
      domain->reading = to_read;
    }
  vckc_mutex_unlock (&engine->mutex);

  if (!mine && !vckc_cancel_check ("another operation on the domain", err))
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "another operation on domain '%s' is still under way; try again later",
                    domain->uuid);
  return mine;
}

static void
end_turn (VckcEngine *engine, VckcManagedDomain *domain)
{
  __atomic_store_n (&domain->job_since, 0, __ATOMIC_RELAXED);
  vckc_mutex_lock (&engine->mutex);
  domain->busy = false;
  domain->reading = false;
  vckc_cond_broadcast (&engine->job_ended);
  vckc_mutex_unlock (&engine->mutex);
}

bool
vckc_job_reload (VckcEngine *engine, VckcManagedDomain *domain, VckcLook look, VckcError **err)
{
  gint64 unused;
  bool looked;

  if (!wait_for_turn (engine, domain, true, &unused, err))
    return false;
  looked = vckc_turn_look (engine, domain, look, err);
  end_turn (engine, domain);
  vckc_engine_flush (engine);
  return looked;
}

typedef bool (*LockFunc) (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err);

/* The store knows UUIDs only. */
static void
name_busy_domain (VckcEngine *engine, const VckcManagedDomain *domain, VckcError **err)
{
  if (err == NULL || vckc_error_get_code (*err) != VCKC_ERROR_BUSY)
    return;
  vckc_mutex_lock (&engine->mutex);
  vckc_prefix_error (err, "cannot lock domain '%s'", vckc_managed_domain_get_name_locked (domain));
  vckc_mutex_unlock (&engine->mutex);
}

static bool
take_job (VckcEngine *engine, VckcManagedDomain *domain, LockFunc lock, VckcError **err)
{
  gint64 deadline;

  if (!wait_for_turn (engine, domain, false, &deadline, err))
    return false;
  if (lock (engine->store, domain->uuid, deadline, err))
    {
      __atomic_store_n (&domain->job_since, g_get_monotonic_time (), __ATOMIC_RELAXED);
      return true;
    }
  name_busy_domain (engine, domain, err);
  end_turn (engine, domain);
  return false;
}

/* Takes the job of a domain that is in the store. */
static bool
take_job_of_existing (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      LockFunc lock,
                      guint64 *ret_generation,
                      VckcError **err)
{
  if (!take_job (engine, domain, lock, err))
    return false;
  if (vckc_turn_get_generation (engine, domain, ret_generation, err))
    return true;
  vckc_job_end (engine, domain);
  return false;
}

bool
vckc_job_begin_raw (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  return take_job_of_existing (engine, domain, engine->store->klass->lock, &generation, err);
}

/* With the turn or job: is there something that was interrupted, and can be completed? */
static bool
is_recoverable (const VckcManagedDomain *domain, VckcLook look)
{
  return look == VCKC_LOOK_AND_RECOVER && domain->interrupted && domain->problem == NULL;
}

static bool
begin_shared (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  if (!take_job_of_existing (engine, domain, engine->store->klass->lock_shared, &generation, err))
    return false;
  if (vckc_turn_look (engine, domain, VCKC_LOOK_ONLY, err))
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
  if (!begin_shared (engine, domain, err))
    return false;
  if (!is_recoverable (domain, look))
    return true;
  vckc_job_end (engine, domain);
  return vckc_job_reload (engine, domain, look, err) && begin_shared (engine, domain, err);
}

/* A journal that cannot be replayed is not read again by every call. */
static bool
bring_up_to_date (VckcEngine *engine,
                  VckcManagedDomain *domain,
                  guint64 generation,
                  VckcError **err)
{
  if (generation != domain->generation || (domain->interrupted && domain->problem == NULL))
    return vckc_job_load (engine, domain, err);
  if (domain->problem != NULL)
    vckc_set_interrupted (err, domain, domain->problem);
  return domain->problem == NULL;
}

bool
vckc_job_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  if (!take_job_of_existing (engine, domain, engine->store->klass->lock, &generation, err))
    return false;
  if (bring_up_to_date (engine, domain, generation, err))
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

      if (!take_job (engine, domain, engine->store->klass->lock, err))
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
  engine->store->klass->unlock (engine->store, domain->uuid);
  end_turn (engine, domain);
  vckc_engine_flush (engine);
}
