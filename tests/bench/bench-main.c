/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Measures; see README.md beside this file.
 *
 *   bench [--json] [memory|libvirt|disks|local|remote]...
 */

#include "bench.h"

#include <string.h>

typedef struct
{
  const char *name;
  void (*run) (Bench *bench);
} Part;

static const Part
    parts[] = {
      { "memory", bench_run_memory },
      { "libvirt", bench_run_libvirt }, /* compares itself with what came before */
      { "disks", bench_run_disks },
      { "local", bench_run_local },
      { "remote", bench_run_remote },
    };

int
main (int argc, char **argv)
{
  Bench *bench = bench_new ();
  const char *const *wanted = (const char *const *) argv + 1;
  bool json = g_strv_contains (wanted, "--json");
  bool all = argc - (json ? 1 : 0) == 1;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (all || g_strv_contains (wanted, parts[i].name))
      parts[i].run (bench);
  if (json)
    bench_print_json (bench);
  else
    bench_print_table (bench);
  bench_free (bench);
  return 0;
}
