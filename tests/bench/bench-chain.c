/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench-chain.h"

#include <malloc.h>

#include "bench-disk.h"
#include "bench-peak.h"

#define SUBJECT "memory"
#define AT_MOST 64 /* MiB */
#define ATTEMPTS 5

/* Of an incremental or a full backup of a disk on so many images. */
static void
measure_peak (Bench *bench, BenchDisk *disk, const char *base, guint levels)
{
  g_autofree char *own_name = g_strdup_printf ("%s, this process", base ? "incremental" : "full");
  g_autofree char *daemon_name =
      g_strdup_printf ("%s, storage daemon", base ? "incremental" : "full");
  double own = 0, daemon = 0;
  VckcError *error = NULL;

  /* On a busy host a daemon may come and go without having been seen. */
  for (guint i = 0; daemon <= 0 && i < ATTEMPTS; i++)
    {
      BenchPeak *peak;

      malloc_trim (0);
      peak = bench_peak_start ();
      bench_disk_back_up (disk, base, disk->folder, &error);
      bench_peak_stop (peak, &own, &daemon);
      bench_check (error);
    }
  if (daemon <= 0)
    g_error ("the storage daemon was not seen in %d backups", ATTEMPTS);
  bench_note_limited (bench, SUBJECT, own_name, levels, own, "MiB", AT_MOST);
  bench_note_limited (bench, SUBJECT, daemon_name, levels, daemon, "MiB", AT_MOST);
}

void
bench_run_chains (Bench *bench)
{
  static const guint levels[] = { 1, 100 };

  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      BenchDisk disk;

      bench_disk_init (&disk, 10, levels[i] - 1);
      bench_disk_create_base (&disk);
      bench_disk_scatter (&disk, 100);
      measure_peak (bench, &disk, "base", levels[i]);
      measure_peak (bench, &disk, NULL, levels[i]);
      bench_disk_clear (&disk);
    }
}
