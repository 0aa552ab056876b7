/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Without libvirt or libnbd. */

#include "bench-pull.h"

void
bench_run_pull (Bench *bench)
{
  g_printerr ("bench: built without libvirt or libnbd, so without backups of libvirt's domains\n");
}
