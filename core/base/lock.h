/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The core's locks: POSIX ones, not GLib's, because ThreadSanitizer sees through them.
 * They cannot fail when used as they should; used otherwise, they abort.
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>

#include <glib.h>

typedef pthread_mutex_t VckcMutex;
typedef pthread_cond_t VckcCond;
typedef pthread_once_t VckcOnce;

#define VCKC_ONCE_INIT PTHREAD_ONCE_INIT

static inline void
vckc_mutex_init (VckcMutex *mutex)
{
  if (pthread_mutex_init (mutex, NULL) != 0)
    g_abort ();
}

static inline void
vckc_mutex_clear (VckcMutex *mutex)
{
  if (pthread_mutex_destroy (mutex) != 0)
    g_abort ();
}

static inline void
vckc_mutex_lock (VckcMutex *mutex)
{
  if (pthread_mutex_lock (mutex) != 0)
    g_abort ();
}

static inline void
vckc_mutex_unlock (VckcMutex *mutex)
{
  if (pthread_mutex_unlock (mutex) != 0)
    g_abort ();
}

/* Calls `function` the first time, and returns only when it has. */
static inline void
vckc_once (VckcOnce *once, void (*function) (void))
{
  if (pthread_once (once, function) != 0)
    g_abort ();
}

/* Waits by the monotonic clock. */
void vckc_cond_init (VckcCond *cond);
void vckc_cond_clear (VckcCond *cond);
void vckc_cond_wait (VckcCond *cond, VckcMutex *mutex);
/* False when `deadline` (of g_get_monotonic_time()) has passed. */
bool vckc_cond_wait_until (VckcCond *cond, VckcMutex *mutex, gint64 deadline);
void vckc_cond_broadcast (VckcCond *cond);
