/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/process.h"

#include <pthread.h>

static guint number; /* atomic */

static void
count (void)
{
  __atomic_fetch_add (&number, 1, __ATOMIC_RELAXED);
}

/* Before anything can be opened, in whichever thread. */
__attribute__ ((constructor)) static void
start_counting (void)
{
  vckc_process_on_fork (count);
}

guint
vckc_process_number (void)
{
  return __atomic_load_n (&number, __ATOMIC_RELAXED);
}

void
vckc_process_on_fork (void (*forget) (void))
{
  if (pthread_atfork (NULL, NULL, forget) != 0)
    g_abort ();
}
