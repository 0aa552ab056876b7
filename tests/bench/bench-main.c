/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Measures; see README.md beside this file.
 *
 *   bench [--json] [--check] [memory|libvirt|disks|local|remote|backup|writes]...
 *
 * With --check the exit status is 1 if a figure is greater than it should be in three runs.
 */

#include "bench-writes.h"
#include "bench.h"

#include <string.h>

#define MAX_RUNS 3

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
      { "backup", bench_run_backup },
      { "writes", bench_run_writes },
    };

/* Runs a part; with `check`, up to three times, until no figure has been greater than it should be
 * in all of them. Those that have are named on stderr. */
static bool
run_part (Bench *bench, const Part *part, bool check)
{
  g_autoptr (GPtrArray) missed = NULL;

  for (guint i = 0; i < (check ? MAX_RUNS : 1); i++)
    {
      guint first = bench->figures->len;
      g_autoptr (GPtrArray) now = NULL;

      part->run (bench);
      now = bench_list_missed (bench, first);
      for (guint j = now->len; missed != NULL && j-- > 0;)
        if (!g_ptr_array_find_with_equal_func (missed, now->pdata[j], g_str_equal, NULL))
          g_ptr_array_remove_index (now, j);
      g_clear_pointer (&missed, g_ptr_array_unref);
      missed = g_steal_pointer (&now);
      if (missed->len == 0)
        return true;
    }
  for (guint i = 0; check && i < missed->len; i++)
    g_printerr ("bench: greater than it should be in %d runs: %s\n", MAX_RUNS,
                (char *) missed->pdata[i]);
  return !check;
}

int
main (int argc, char **argv)
{
  Bench *bench = bench_new ();
  const char *const *wanted = (const char *const *) argv + 1;
  bool json = g_strv_contains (wanted, "--json");
  bool check = g_strv_contains (wanted, "--check");
  bool all = argc - (json ? 1 : 0) - (check ? 1 : 0) == 1;
  bool good = true;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    if (all || g_strv_contains (wanted, parts[i].name))
      good = run_part (bench, &parts[i], check) && good;
  if (json)
    bench_print_json (bench);
  else
    bench_print_table (bench);
  bench_free (bench);
  return good ? 0 : 1;
}
