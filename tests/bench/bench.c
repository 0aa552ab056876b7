/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <malloc.h>

static void
figure_free (gpointer data)
{
  Figure *figure = data;

  g_free (figure->subject);
  g_free (figure->operation);
  g_free (figure);
}

Bench *
bench_new (void)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->figures = g_ptr_array_new_with_free_func (figure_free);
  return bench;
}

void
bench_free (Bench *bench)
{
  g_ptr_array_unref (bench->figures);
  g_free (bench);
}

void
bench_note (Bench *bench,
            const char *subject,
            const char *operation,
            guint count,
            double value,
            const char *unit)
{
  bench_note_limited (bench, subject, operation, count, value, unit, 0);
}

void
bench_note_limited (Bench *bench,
                    const char *subject,
                    const char *operation,
                    guint count,
                    double value,
                    const char *unit,
                    double at_most)
{
  Figure *figure = g_new (Figure, 1);

  *figure = (Figure){ g_strdup (subject), g_strdup (operation), count, value, unit, at_most };
  g_ptr_array_add (bench->figures, figure);
}

void
bench_start (Bench *bench)
{
  bench->started = g_get_monotonic_time ();
}

void
bench_stop (Bench *bench, const char *subject, const char *operation, guint count)
{
  gint64 took = g_get_monotonic_time () - bench->started;

  bench_note (bench, subject, operation, count, (double) took / count, "us");
}

void
bench_lap (Bench *bench, double *best, guint count)
{
  double took = (double) (g_get_monotonic_time () - bench->started) / count;

  if (*best <= 0 || took < *best)
    *best = took;
}

double
bench_find (const Bench *bench, const char *subject, const char *operation, guint count)
{
  for (guint i = 0; i < bench->figures->len; i++)
    {
      const Figure *figure = g_ptr_array_index (bench->figures, i);

      if (g_str_equal (figure->subject, subject) && g_str_equal (figure->operation, operation)
          && figure->count == count)
        return figure->value;
    }
  return -1;
}

GPtrArray *
bench_list_missed (const Bench *bench, guint first)
{
  GPtrArray *missed = g_ptr_array_new_with_free_func (g_free);

  for (guint i = first; i < bench->figures->len; i++)
    {
      const Figure *figure = g_ptr_array_index (bench->figures, i);

      if (figure->at_most > 0 && figure->value > figure->at_most)
        g_ptr_array_add (missed, g_strdup_printf ("%s: %s, %u", figure->subject, figure->operation,
                                                  figure->count));
    }
  return missed;
}

gsize
bench_memory (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

void
bench_print_table (const Bench *bench)
{
  g_print ("%-10s %-36s %8s %14s\n", "subject", "operation", "count", "value");
  for (guint i = 0; i < bench->figures->len; i++)
    {
      const Figure *figure = g_ptr_array_index (bench->figures, i);

      g_print ("%-10s %-36s %8u %14.2f %s", figure->subject, figure->operation, figure->count,
               figure->value, figure->unit);
      if (figure->at_most > 0)
        g_print (" (at most %g)", figure->at_most);
      g_print ("\n");
    }
}

void
bench_print_json (const Bench *bench)
{
  g_print ("[\n");
  for (guint i = 0; i < bench->figures->len; i++)
    {
      const Figure *figure = g_ptr_array_index (bench->figures, i);

      g_print ("  {\"subject\": \"%s\", \"operation\": \"%s\", \"count\": %u, \"value\": %.3f, "
               "\"unit\": \"%s\"",
               figure->subject, figure->operation, figure->count, figure->value, figure->unit);
      if (figure->at_most > 0)
        g_print (", \"at_most\": %g", figure->at_most);
      g_print ("}%s\n", i + 1 < bench->figures->len ? "," : "");
    }
  g_print ("]\n");
}
