/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is measured, and where the figures go. */

#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct
{
  char *subject;   /* such as "memory" */
  char *operation; /* such as "create" */
  guint count;     /* how many there were: checkpoints, disks */
  double value;
  const char *unit;
  double at_most; /* what it should be; 0 if nothing is said */
} Figure;

typedef struct
{
  GPtrArray *figures; /* of Figure, in the order they were measured */
  gint64 started;     /* of the measurement under way, in microseconds */
} Bench;

Bench *bench_new (void);
void bench_free (Bench *bench);

void bench_note (Bench *bench,
                 const char *subject,
                 const char *operation,
                 guint count,
                 double value,
                 const char *unit);

/* The same for a figure that should not be greater than `at_most`. */
void bench_note_limited (Bench *bench,
                         const char *subject,
                         const char *operation,
                         guint count,
                         double value,
                         const char *unit,
                         double at_most);

/* Notes how many microseconds each of `count` operations took since bench_start(). */
void bench_start (Bench *bench);
void bench_stop (Bench *bench, const char *subject, const char *operation, guint count);

/* The same for what is done several times: keeps the fastest in *best, which starts as 0. */
#define BENCH_REPEATS(count) ((count) > 1000 ? 10u : 100u)
void bench_lap (Bench *bench, double *best, guint count);

/* The value of a figure, or -1. */
double bench_find (const Bench *bench, const char *subject, const char *operation, guint count);

/* The figures from number `first` on that are greater than they should be, as texts that name them;
 * to be freed with g_ptr_array_unref(). */
GPtrArray *bench_list_missed (const Bench *bench, guint first);

/* How many bytes of memory are allocated now. */
gsize bench_memory (void);

void bench_print_table (const Bench *bench);
void bench_print_json (const Bench *bench);

/* The measurements. */
void bench_run_memory (Bench *bench);
void bench_run_disks (Bench *bench);
void bench_run_local (Bench *bench);
void bench_run_backup (Bench *bench);
/* These do nothing where libvirt was not built in. */
void bench_run_libvirt (Bench *bench);
void bench_run_remote (Bench *bench);

/* The number of checkpoints that is compared with libvirt. */
#define BENCH_COMPARED 300
