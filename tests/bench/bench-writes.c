/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What recording bitmaps cost a guest: 4 KiB writes to a disk of QEMU that stores nothing, so that
 * nothing but QEMU's own work is measured. Each checkpoint of a disk is one such bitmap. */

#include "bench-writes.h"

#include <libnbd.h>

#include "../core/local/machine-fixture.h"
#include "bench-folder.h"
#include "bench-rounds.h"

#define BLOCK 4096
#define DEPTH 16
#define N_WRITES 20000
#define ROUNDS 5
#define NODE "disk"

static const guint counts[] = { 0, 1, 10, 100, 1000 };

typedef struct
{
  char *folder;
  MachineFixture *machine;
  struct nbd_handle *nbd;
  guint n_bitmaps;
} Writes;

static void
check (int result)
{
  if (result < 0)
    g_error ("the disk of the guest: %s", nbd_get_error ());
}

static void
writes_init (Writes *self)
{
  g_autofree char *uri = NULL;
  g_autofree char *socket = NULL;

  *self = (Writes){ .folder = g_dir_make_tmp ("vck-bench-XXXXXX", NULL) };
  socket = g_build_filename (self->folder, "nbd", NULL);
  self->machine = machine_fixture_new (
      NULL, (const char *const[]){ "-blockdev", "driver=null-co,size=10737418240,node-name=" NODE,
                                   NULL });
  machine_fixture_start (self->machine);
  machine_fixture_serve (self->machine, socket);
  machine_fixture_export (self->machine, NODE, NULL);
  uri = g_strdup_printf ("nbd+unix:///" NODE "?socket=%s", socket);
  self->nbd = nbd_create ();
  if (self->nbd == NULL)
    check (-1);
  check (nbd_connect_uri (self->nbd, uri));
}

static void
writes_clear (Writes *self)
{
  nbd_close (self->nbd);
  machine_fixture_free (self->machine);
  bench_folder_remove (self->folder);
}

static void
writes_run_for_bitmap (Writes *self, const char *command, guint number)
{
  g_autofree char *name = g_strdup_printf ("b%u", number);
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "node", NODE);
  vckc_qmp_args_add_string (args, "name", name);
  machine_fixture_run (self->machine, command, args);
}

static void
writes_set_bitmaps (Writes *self, guint count)
{
  while (self->n_bitmaps < count)
    writes_run_for_bitmap (self, "block-dirty-bitmap-add", self->n_bitmaps++);
  while (self->n_bitmaps > count)
    writes_run_for_bitmap (self, "block-dirty-bitmap-remove", --self->n_bitmaps);
}

static int
written_cb (void *data, int *error)
{
  guint *in_flight = data;

  if (*error != 0)
    g_error ("a write of the guest failed: %s", g_strerror (*error));
  --*in_flight;
  return 1;
}

/* Returns how many microseconds a write takes, of many that are made at random, so many at the
 * same time. */
static double
writes_measure (Writes *self)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree char *block = g_malloc0 (BLOCK);
  const gint32 n_blocks = (gint32) (nbd_get_size (self->nbd) / BLOCK);
  guint in_flight = 0;
  guint begun = 0;
  gint64 started = g_get_monotonic_time ();

  while (begun < N_WRITES || in_flight > 0)
    {
      while (begun < N_WRITES && in_flight < DEPTH)
        {
          guint64 offset = (guint64) g_rand_int_range (rand, 0, n_blocks) * BLOCK;
          nbd_completion_callback written = { .callback = written_cb, .user_data = &in_flight };

          begun++;
          in_flight++;
          if (nbd_aio_pwrite (self->nbd, block, BLOCK, offset, written, 0) < 0)
            check (-1);
        }
      check (nbd_poll (self->nbd, -1));
    }
  return (double) (g_get_monotonic_time () - started) / N_WRITES;
}

void
bench_run_writes (Bench *bench)
{
  Writes self;
  double times[G_N_ELEMENTS (counts)][ROUNDS];
  double ratios[G_N_ELEMENTS (counts)][ROUNDS];

  writes_init (&self);
  for (guint round = 0; round < ROUNDS; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
      {
        writes_set_bitmaps (&self, counts[i]);
        times[i][round] = writes_measure (&self);
        ratios[i][round] = times[i][round] / times[0][round];
      }
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      bench_note (bench, "guest", "write of 4 KiB", counts[i], bench_median (times[i], ROUNDS),
                  "us");
      bench_note (bench, "guest", "write, ratio", counts[i], bench_median (ratios[i], ROUNDS), "x");
    }
  writes_clear (&self);
}
