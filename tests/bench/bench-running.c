/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-running.h"

#include "../core/local/machine-fixture.h"
#include "bench-disk.h"
#include "bench-floor.h"
#include "bench-guest.h"
#include "bench-rounds.h"

#define SUBJECT "running"
#define ROUNDS 3
#define QUIET (1000 * 1000) /* microseconds for which the guest writes without a backup */

typedef struct
{
  BenchDisk disk;
  BenchFloor *floor;
  MachineFixture *machine;
  guint count; /* of changed extents */
} Running;

/* One cluster in every `stride` of a disk of so many GiB has changed when QEMU starts. */
static void
running_init (Running *self, guint size, guint stride)
{
  g_autofree char *node = NULL;

  *self = (Running){ 0 };
  bench_disk_init (&self->disk, size, 0);
  bench_disk_create_base (&self->disk);
  self->count = bench_disk_scatter (&self->disk, stride);
  self->floor = bench_floor_new (self->disk.image);
  self->disk.expected = bench_floor_get_bytes (self->floor);
  node = g_strdup_printf ("driver=qcow2,node-name=disk,file.driver=file,file.filename=%s",
                          self->disk.image);
  self->machine =
      machine_fixture_new (self->disk.qmp, (const char *const[]){ "-blockdev", node, NULL });
  machine_fixture_start (self->machine);
}

static void
running_clear (Running *self)
{
  machine_fixture_stop (self->machine);
  machine_fixture_free (self->machine);
  bench_floor_free (self->floor);
  bench_disk_clear (&self->disk);
}

static gint64
settle (gpointer data, VckcError **err)
{
  bench_disk_settle (&((Running *) data)->disk);
  return 0;
}

static gint64
copy (gpointer data, VckcError **err)
{
  const Running *self = data;

  return bench_floor_copy (self->floor, self->disk.folder);
}

static gint64
back_up (gpointer data, VckcError **err)
{
  Running *self = data;

  return bench_disk_back_up (&self->disk, "base", self->disk.folder, err);
}

static void
run_incremental (Bench *bench)
{
  Running self;
  BenchRounds compared = { .name = "incremental, 1 %",
                           .plain = "copy",
                           .before = settle,
                           .floor = copy,
                           .ours = back_up,
                           .data = &self,
                           .rounds = 5,
                           .at_most = 2.6 };

  running_init (&self, 10, 100);
  compared.count = self.count;
  bench_compare (bench, SUBJECT, &compared);
  running_clear (&self);
}

/* --- the guest --- */

/* The guest's disk can be written to there. */
static char *
export_disk (Running *self)
{
  g_autofree char *path = g_build_filename (self->disk.folder, "nbd", NULL);

  machine_fixture_serve (self->machine, path);
  machine_fixture_export (self->machine, "disk", NULL);
  return g_strdup_printf ("nbd+unix:///disk?socket=%s", path);
}

/* Whether there are such backups is known by now. */
static double
measure_guest (Running *self, const char *uri, bool backup)
{
  BenchGuest *guest = bench_guest_start (uri);
  VckcError *error = NULL;
  double milliseconds;

  if (!backup)
    g_usleep (QUIET);
  else
    {
      bench_disk_begin (&self->disk, "base", self->disk.folder, &error);
      bench_check (error);
      bench_disk_wait (&self->disk);
    }
  milliseconds = bench_guest_stop (guest);
  if (backup)
    bench_disk_forget (&self->disk, self->disk.folder);
  return milliseconds;
}

static void
run_guest (Bench *bench)
{
  Running self;
  g_autofree char *uri = NULL;
  double quiet[ROUNDS], busy[ROUNDS], ratios[ROUNDS];

  running_init (&self, 5, 10);
  uri = export_disk (&self);
  for (guint i = 0; i < ROUNDS; i++)
    {
      bench_disk_settle (&self.disk);
      quiet[i] = measure_guest (&self, uri, false);
      bench_disk_settle (&self.disk);
      busy[i] = measure_guest (&self, uri, true);
      ratios[i] = busy[i] / quiet[i];
    }
  bench_note_limited (bench, SUBJECT, "guest's write, p99, ratio", self.count,
                      bench_median (ratios, ROUNDS), "x", 5);
  bench_note (bench, SUBJECT, "guest's write, p99", self.count, bench_median (quiet, ROUNDS), "ms");
  bench_note (bench, SUBJECT, "guest's write, p99, backup", self.count, bench_median (busy, ROUNDS),
              "ms");
  running_clear (&self);
}

void
bench_run_running (Bench *bench)
{
  run_incremental (bench);
  if (bench_guest_is_there ())
    run_guest (bench);
}
