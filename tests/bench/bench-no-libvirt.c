/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Where libvirt is not installed there is nothing to compare with. */

#include "bench.h"

void
bench_run_libvirt (Bench *bench)
{
  g_printerr ("bench: built without libvirt, so without a comparison\n");
}

void
bench_run_remote (Bench *bench)
{
  g_printerr ("bench: built without libvirt, so without its daemon\n");
}
