/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Nothing but the core itself: `memory:`. */

#include "bench-checkpoints.h"

static void
measure (Bench *bench, guint count)
{
  g_autofree char *uri = g_strdup_printf ("memory:///bench-%u", count);
  g_autoptr (VckcConnect) connect = bench_open (uri);
  g_autoptr (VckcDomain) domain = vckc_domain_lookup_by_name (connect, "test", NULL);

  bench_checkpoints (bench, "memory", domain, count);
}

/* 1 is linear; a little more is the memory, which is farther away the more there is. */
static void
note_growth (Bench *bench, guint count)
{
  static const char *const operations[] = { "create",  "list topologically", "look up",
                                            "get XML", "get parent name",    "delete" };

  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    bench_note (bench, "growth", operations[i], count,
                bench_find (bench, "memory", operations[i], count)
                    / bench_find (bench, "memory", operations[i], count / 10),
                "x for each, with 10 x as many");
}

void
bench_run_memory (Bench *bench)
{
  static const guint counts[] = { 100, BENCH_COMPARED, 1000, 10000, 100000 };

  /* The grammars are compiled at the first use. */
  vckc_object_unref (bench_open ("memory:///bench-warm-up"));
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    measure (bench, counts[i]);
  for (gsize i = 2; i < G_N_ELEMENTS (counts); i++)
    note_growth (bench, counts[i]);
}
