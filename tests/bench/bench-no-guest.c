/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Without libnbd there is nothing that could stand for a guest. */

#include "bench-guest.h"
#include "bench-writes.h"

bool
bench_guest_is_there (void)
{
  g_printerr ("bench: built without libnbd, so without a guest that writes\n");
  return false;
}

BenchGuest *
bench_guest_start (const char *nbd_uri)
{
  g_assert_not_reached ();
}

double
bench_guest_stop (BenchGuest *guest)
{
  g_assert_not_reached ();
}

void
bench_run_writes (Bench *bench)
{
  bench_guest_is_there ();
}
