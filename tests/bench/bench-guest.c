/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-guest.h"

#include <libnbd.h>
#include <stdlib.h>

#define BLOCK 4096

struct _BenchGuest
{
  struct nbd_handle *nbd;
  GThread *thread;
  int stop;      /* atomic */
  GArray *times; /* of gint64: microseconds */
};

static gpointer
write_until_stopped (gpointer data)
{
  BenchGuest *guest = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree char *block = g_malloc0 (BLOCK);
  gint32 n_blocks = (gint32) (nbd_get_size (guest->nbd) / BLOCK);

  while (!g_atomic_int_get (&guest->stop))
    {
      guint64 offset = (guint64) g_rand_int_range (rand, 0, n_blocks) * BLOCK;
      gint64 start = g_get_monotonic_time ();
      gint64 took;

      if (nbd_pwrite (guest->nbd, block, BLOCK, offset, 0) < 0)
        g_error ("a write of the guest failed: %s", nbd_get_error ());
      took = g_get_monotonic_time () - start;
      g_array_append_val (guest->times, took);
    }
  return NULL;
}

bool
bench_guest_is_there (void)
{
  return true;
}

BenchGuest *
bench_guest_start (const char *nbd_uri)
{
  BenchGuest *guest = g_new0 (BenchGuest, 1);

  guest->nbd = nbd_create ();
  if (guest->nbd == NULL || nbd_connect_uri (guest->nbd, nbd_uri) < 0)
    g_error ("the disk of the guest: %s", nbd_get_error ());
  guest->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guest->thread = g_thread_new ("guest", write_until_stopped, guest);
  return guest;
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 one = *(const gint64 *) a;
  gint64 other = *(const gint64 *) b;

  return (one > other) - (one < other);
}

double
bench_guest_stop (BenchGuest *guest)
{
  double milliseconds;

  g_atomic_int_set (&guest->stop, 1);
  g_thread_join (guest->thread);
  g_assert_cmpuint (guest->times->len, >, 0);
  g_array_sort (guest->times, compare_times);
  milliseconds = (double) g_array_index (guest->times, gint64, guest->times->len * 99 / 100) / 1000;
  nbd_close (guest->nbd);
  g_array_unref (guest->times);
  g_free (guest);
  return milliseconds;
}
