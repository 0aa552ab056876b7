/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-rounds.h"

#include <stdlib.h>

#include "base/error-private.h"

#define MAX_ROUNDS 20

static int
compare_values (gconstpointer a, gconstpointer b)
{
  double one = *(const double *) a;
  double other = *(const double *) b;

  return (one > other) - (one < other);
}

double
bench_median (double *values, guint count)
{
  qsort (values, count, sizeof *values, compare_values);
  return values[count / 2];
}

static bool
go (const BenchRounds *rounds, BenchWay way, double *ret_milliseconds, VckcError **err)
{
  gint64 took;

  if (rounds->before != NULL)
    rounds->before (rounds->data, err);
  took = way (rounds->data, err);
  *ret_milliseconds = (double) took / 1000;
  return took >= 0;
}

bool
bench_compare (Bench *bench, const char *subject, const BenchRounds *rounds)
{
  double floor[MAX_ROUNDS];
  double ours[MAX_ROUNDS];
  g_autofree char *plain = g_strdup_printf ("%s, %s", rounds->name, rounds->plain);
  g_autofree char *fastest = g_strdup_printf ("%s, ratio of fastest", rounds->name);
  g_autofree char *ratio = g_strdup_printf ("%s, ratio", rounds->name);
  g_autoptr (VckcError) error = NULL;

  g_assert_cmpuint (rounds->rounds, <=, MAX_ROUNDS);
  for (guint i = 0; i < rounds->rounds; i++)
    if (!go (rounds, rounds->floor, &floor[i], &error)
        || !go (rounds, rounds->ours, &ours[i], &error))
      {
        g_printerr ("bench: %s, %s: %s\n", subject, rounds->name, vckc_error_get_message (error));
        return false;
      }
  bench_note_limited (bench, subject, ratio, rounds->count,
                      bench_median (ours, rounds->rounds) / bench_median (floor, rounds->rounds),
                      "x", rounds->at_most);
  bench_note (bench, subject, fastest, rounds->count, ours[0] / floor[0], "x");
  bench_note (bench, subject, plain, rounds->count, floor[0], "ms");
  bench_note (bench, subject, rounds->name, rounds->count, ours[0], "ms");
  return true;
}
