/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/lock.h"

#include <errno.h>
#include <time.h>

void
vckc_cond_init (VckcCond *cond)
{
  pthread_condattr_t attributes;

  if (pthread_condattr_init (&attributes) != 0
      || pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC) != 0
      || pthread_cond_init (cond, &attributes) != 0)
    g_abort ();
  pthread_condattr_destroy (&attributes);
}

void
vckc_cond_clear (VckcCond *cond)
{
  if (pthread_cond_destroy (cond) != 0)
    g_abort ();
}

void
vckc_cond_wait (VckcCond *cond, VckcMutex *mutex)
{
  if (pthread_cond_wait (cond, mutex) != 0)
    g_abort ();
}

bool
vckc_cond_wait_until (VckcCond *cond, VckcMutex *mutex, gint64 deadline)
{
  struct timespec time = {
    .tv_sec = deadline / G_USEC_PER_SEC,
    .tv_nsec = deadline % G_USEC_PER_SEC * 1000,
  };
  int result = pthread_cond_timedwait (cond, mutex, &time);

  if (result != 0 && result != ETIMEDOUT)
    g_abort ();
  return result == 0;
}

void
vckc_cond_broadcast (VckcCond *cond)
{
  if (pthread_cond_broadcast (cond) != 0)
    g_abort ();
}
