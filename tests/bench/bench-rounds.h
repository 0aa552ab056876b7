/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Two ways to do the same, alternating, so that both meet the same disturbances. */

#pragma once

#include "bench.h"
#include "vckc-error.h"

/* Does it once. Returns how long it took, in microseconds; -1 with an error if it cannot. */
typedef gint64 (*BenchWay) (gpointer data, VckcError **err);

typedef struct
{
  const char *name;
  guint count;       /* of what is done */
  const char *plain; /* what is done the plain way, for the table */
  BenchWay floor;
  BenchWay ours;
  gpointer data;   /* for both */
  BenchWay before; /* (nullable): called before each, not measured */
  guint rounds;
  double at_most; /* times the floor, at the median */
} BenchRounds;

/* Notes the fastest of each, and the ratios of the fastest and of the medians. If our way cannot be
 * gone, says so on stderr instead and returns false. */
bool bench_compare (Bench *bench, const char *subject, const BenchRounds *rounds);

/* The middle one of several values, which are put in order. */
double bench_median (double *values, guint count);
