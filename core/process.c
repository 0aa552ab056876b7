/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "process.h"

#include <pthread.h>

static guint number;

static void
count (void)
{
  number++;
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
  return number;
}

void
vckc_process_on_fork (void (*forget) (void))
{
  if (pthread_atfork (NULL, NULL, forget) != 0)
    g_abort ();
}
