/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups and lists of changed blocks of a domain that is off, each beside the least that has to be
 * done for it. */

#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bench-chain.h"
#include "bench-disk.h"
#include "bench-floor.h"
#include "bench-pull.h"
#include "bench-rounds.h"
#include "bench-running.h"
#include "vckc-extent.h"

#define SUBJECT "off"
#define SHARED_MEMORY "/dev/shm"

typedef struct
{
  BenchDisk disk;
  BenchFloor *floor;  /* NULL until it is looked for */
  const char *base;   /* NULL for a full backup */
  const char *folder; /* for what is written */
  unsigned int flags; /* of the list of changed blocks */
  guint n_extents;
} Case;

static void
case_init (Case *self, guint size)
{
  *self = (Case){ .base = "base" };
  bench_disk_init (&self->disk, size, 0);
  self->folder = self->disk.folder;
}

static void
case_clear (Case *self)
{
  g_clear_pointer (&self->floor, bench_floor_free);
  bench_disk_clear (&self->disk);
}

/* --- ways --- */

static gint64
settle (gpointer data, VckcError **err)
{
  bench_disk_settle (&((Case *) data)->disk);
  return 0;
}

static gint64
copy (gpointer data, VckcError **err)
{
  const Case *self = data;

  return bench_floor_copy (self->floor, self->folder);
}

static gint64
copy_with_cp (gpointer data, VckcError **err)
{
  const Case *self = data;

  return bench_floor_cp (self->disk.image, self->folder);
}

static gint64
back_up (gpointer data, VckcError **err)
{
  Case *self = data;

  return bench_disk_back_up (&self->disk, self->base, self->folder, err);
}

static gint64
read_bitmap (gpointer data, VckcError **err)
{
  Case *self = data;

  return bench_floor_read_bitmap (self->disk.image, &self->n_extents);
}

static gint64
list_extents (gpointer data, VckcError **err)
{
  Case *self = data;
  VckcExtent *extents = NULL;
  VckcDomainCheckpoint *checkpoint =
      vckc_domain_checkpoint_lookup_by_name (self->disk.domain, "base", 0, err);
  gint64 start = g_get_monotonic_time ();
  int count = vckc_domain_checkpoint_list_extents (checkpoint, "vda", &extents, self->flags, err);
  gint64 took = g_get_monotonic_time () - start;

  free (extents);
  vckc_object_unref (checkpoint);
  if (count >= 0)
    g_assert_cmpuint ((guint) count, ==, self->n_extents);
  return count >= 0 ? took : -1;
}

/* --- what is measured --- */

/* One cluster in every `stride` of a disk of so many GiB has changed. */
static void
run_incremental (Bench *bench,
                 const char *name,
                 guint size,
                 guint stride,
                 guint rounds,
                 double at_most)
{
  Case self;
  BenchRounds compared = { .name = name,
                           .plain = "copy",
                           .before = settle,
                           .floor = copy,
                           .ours = back_up,
                           .data = &self,
                           .rounds = rounds,
                           .at_most = at_most };

  case_init (&self, size);
  bench_disk_create_base (&self.disk);
  compared.count = bench_disk_scatter (&self.disk, stride);
  self.floor = bench_floor_new (self.disk.image);
  self.disk.expected = bench_floor_get_bytes (self.floor);
  bench_compare (bench, SUBJECT, &compared);
  case_clear (&self);
}

static void
run_extents (Bench *bench, guint size)
{
  Case self;
  BenchRounds compared = { .name = "changed blocks",
                           .plain = "direct read",
                           .floor = read_bitmap,
                           .ours = list_extents,
                           .data = &self,
                           .rounds = 15,
                           .at_most = 1.5 };

  case_init (&self, size);
  bench_disk_create_base (&self.disk);
  compared.count = bench_disk_scatter_zeros (&self.disk);
  self.flags = VCKC_EXTENTS_NO_ZERO;
  bench_compare (bench, SUBJECT, &compared);
  self.flags = 0;
  compared.name = "changed blocks, zero or not";
  compared.at_most = 6; /* that reads more than the bitmap */
  bench_compare (bench, SUBJECT, &compared);
  case_clear (&self);
}

/* A folder on another file system than the images; NULL if there is none. */
static char *
make_folder_elsewhere (const Case *self)
{
  struct stat here;
  struct stat there;

  if (g_stat (self->disk.folder, &here) == 0 && g_stat (SHARED_MEMORY, &there) == 0
      && here.st_dev != there.st_dev)
    {
      char *folder = g_strdup (SHARED_MEMORY "/vck-bench-XXXXXX");

      if (g_mkdtemp (folder) != NULL)
        return folder;
      g_free (folder);
    }
  g_printerr ("bench: no other file system at " SHARED_MEMORY ", so no figures of one\n");
  return NULL;
}

static void
run_full (Bench *bench)
{
  Case self;
  BenchRounds compared = { .name = "full, 1 GiB of 100",
                           .count = 1,
                           .plain = "cp",
                           .before = settle,
                           .floor = copy_with_cp,
                           .ours = back_up,
                           .data = &self,
                           .rounds = 3,
                           .at_most = 1.3 };
  g_autofree char *elsewhere = NULL;

  case_init (&self, 100);
  self.base = NULL;
  self.disk.expected = bench_disk_fill (&self.disk, 16);
  bench_compare (bench, SUBJECT, &compared);
  elsewhere = make_folder_elsewhere (&self);
  if (elsewhere != NULL)
    {
      compared.name = "full, to another file system";
      self.folder = elsewhere;
      bench_compare (bench, SUBJECT, &compared);
      g_rmdir (elsewhere);
    }
  case_clear (&self);
}

void
bench_run_backup (Bench *bench)
{
  run_incremental (bench, "incremental, 1 %", 10, 100, 7, 2.0);
  run_incremental (bench, "incremental, 10 %", 5, 10, 3, 1.5);
  run_extents (bench, 10);
  run_extents (bench, 20);
  run_full (bench);
  bench_run_running (bench);
  bench_run_pull (bench);
  bench_run_chains (bench);
}
