/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The most memory that this process and the storage daemons that it starts have had at a time. */

#pragma once

#include <glib.h>

typedef struct _BenchPeak BenchPeak;

/* Begins to look. What this process had before does not count. */
BenchPeak *bench_peak_start (void);

/* Ends, and returns both in MiB; of several daemons that of the largest. */
void bench_peak_stop (BenchPeak *peak, double *ret_own, double *ret_daemon);
