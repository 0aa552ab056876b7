/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The job of a domain: one operation after the other. */

#include "../cancel.h"
#include "engine-private.h"

/* Takes the turn among the threads of this process. */
static bool
wait_for_turn (VckcEngine *engine,
               VckcManagedDomain *domain,
               gint64 *ret_deadline,
               VckcError **err)
{
  g_autoptr (VckcCancelWatch) watch
      = vckc_cancel_watch_open (&engine->job_ended, &engine->mutex);
  bool in_time = true;
  bool mine;

  vckc_mutex_lock (&engine->mutex);
  *ret_deadline = g_get_monotonic_time () + engine->job_timeout * G_TIME_SPAN_MILLISECOND;
  while (domain->busy && in_time && !vckc_cancel_watch_is_cancelled (watch))
    in_time = vckc_cond_wait_until (&engine->job_ended, &engine->mutex, *ret_deadline);
  mine = !domain->busy && !vckc_cancel_watch_is_cancelled (watch);
  if (mine)
    domain->busy = true;
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
  vckc_cond_broadcast (&engine->job_ended);
  vckc_mutex_unlock (&engine->mutex);
}

static bool
take_job (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  gint64 deadline;

  if (!wait_for_turn (engine, domain, &deadline, err))
    return false;
  if (engine->store->klass->lock (engine->store, domain->uuid, deadline, err))
    {
      __atomic_store_n (&domain->job_since, g_get_monotonic_time (), __ATOMIC_RELAXED);
      return true;
    }
  end_turn (engine, domain);
  return false;
}

/* Takes the job of a domain that is in the store. */
static bool
take_job_of_existing (VckcEngine *engine,
                      VckcManagedDomain *domain,
                      guint64 *ret_generation,
                      VckcError **err)
{
  if (!take_job (engine, domain, err))
    return false;
  *ret_generation = engine->store->klass->generation (engine->store, domain->uuid);
  if (!domain->gone && *ret_generation != 0)
    return true;

  vckc_mutex_lock (&engine->mutex);
  vckc_engine_remove_domain_locked (engine, domain);
  vckc_mutex_unlock (&engine->mutex);
  vckc_set_no_domain (err, domain->uuid);
  vckc_job_end (engine, domain);
  return false;
}

bool
vckc_job_begin_raw (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  return take_job_of_existing (engine, domain, &generation, err);
}

bool
vckc_job_begin (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  guint64 generation;

  if (!take_job_of_existing (engine, domain, &generation, err))
    return false;
  if (generation == domain->generation || vckc_job_load (engine, domain, err))
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

      if (!take_job (engine, domain, err))
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
