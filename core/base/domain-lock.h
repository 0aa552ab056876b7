/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * One operation at a time on a domain, among the threads of this process. The lock is a field under
 * a mutex of its owner, so that its state and what else the mutex covers are seen together; the
 * mutex is not held while the lock is.
 */

#pragma once

#include "base/error-private.h"
#include "base/lock.h"

typedef struct
{
  VckcMutex *mutex;   /* borrowed: covers the holder */
  VckcCond *released; /* borrowed: signalled when a lock under that mutex is released */
  GThread *holder;    /* NULL while the lock is free */
} VckcDomainLock;

/* The mutex and the condition must live as long as the lock. */
void vckc_domain_lock_init (VckcDomainLock *lock, VckcMutex *mutex, VckcCond *released);

/* Waits until `deadline` (g_get_monotonic_time()), then fails with BUSY; CANCELLED if the call
 * is cancelled meanwhile. `while_set` (nullable), under the mutex: waits only as long as that is
 * true, of which a change to false signals the condition. `flag` (nullable) is set to true together
 * with the lock. To be called without the mutex. */
bool vckc_domain_lock_acquire (VckcDomainLock *lock,
                               const char *domain_name,
                               gint64 deadline,
                               const bool *while_set,
                               bool *flag,
                               VckcError **err);
/* With the mutex held; by the thread that acquired it. */
void vckc_domain_lock_release_locked (VckcDomainLock *lock);

/* Does any thread hold it? With the mutex held. */
bool vckc_domain_lock_is_busy_locked (const VckcDomainLock *lock);

/* Aborts unless this thread holds it. */
void vckc_domain_lock_assert_held (const VckcDomainLock *lock);
