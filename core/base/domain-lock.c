/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/domain-lock.h"

#include "base/cancel.h"

void
vckc_domain_lock_init (VckcDomainLock *lock, VckcMutex *mutex, VckcCond *released)
{
  lock->mutex = mutex;
  lock->released = released;
  lock->holder = NULL;
}

bool
vckc_domain_lock_acquire (VckcDomainLock *lock,
                          const char *domain_name,
                          gint64 deadline,
                          const bool *while_set,
                          bool *flag,
                          VckcError **err)
{
  g_autoptr (VckcCancelWatch) watch = vckc_cancel_watch_open (lock->released, lock->mutex);
  bool in_time = true;
  bool acquired;

  vckc_mutex_lock (lock->mutex);
  while (lock->holder != NULL && in_time && !vckc_cancel_watch_is_cancelled (watch)
         && (while_set == NULL || *while_set))
    in_time = vckc_cond_wait_until (lock->released, lock->mutex, deadline);
  acquired = lock->holder == NULL && !vckc_cancel_watch_is_cancelled (watch);
  if (acquired)
    lock->holder = g_thread_self ();
  if (acquired && flag != NULL)
    *flag = true;
  vckc_mutex_unlock (lock->mutex);

  if (!acquired && !vckc_cancel_check ("another operation on the domain", err))
    vckc_set_error (err, VCKC_ERROR_BUSY,
                    "another operation on domain '%s' is still under way; try again later",
                    domain_name);
  return acquired;
}

void
vckc_domain_lock_release_locked (VckcDomainLock *lock)
{
  vckc_domain_lock_assert_held (lock);
  lock->holder = NULL;
  vckc_cond_broadcast (lock->released);
}

bool
vckc_domain_lock_is_busy_locked (const VckcDomainLock *lock)
{
  return lock->holder != NULL;
}

void
vckc_domain_lock_assert_held (const VckcDomainLock *lock)
{
  g_assert (lock->holder == g_thread_self ());
}
