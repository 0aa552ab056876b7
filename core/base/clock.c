/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/clock.h"

static gint64 clock_frozen; /* atomic; 0: it is not */

gint64
vckc_clock_now (void)
{
  const gint64 frozen = __atomic_load_n (&clock_frozen, __ATOMIC_RELAXED);

  return frozen != 0 ? frozen : g_get_real_time ();
}

void
vckc_clock_freeze (gint64 now)
{
  __atomic_store_n (&clock_frozen, now, __ATOMIC_RELAXED);
}
