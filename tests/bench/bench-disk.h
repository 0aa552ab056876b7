/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A `local:` domain with one disk that has changed in a known way, and backups of it. */

#pragma once

#include "bench-checkpoints.h"

/* The size of a cluster of the image, and of the blocks of its bitmaps. */
#define BENCH_CLUSTER 65536

typedef struct
{
  char *folder;
  char *image;
  char *qmp; /* where QEMU listens while the domain runs */
  guint64 size;
  VckcConnect *connect;
  VckcDomain *domain;
  guint64 expected; /* how many bytes each backup copies at least */
  guint n_backups;  /* begun so far */
} BenchDisk;

/* An empty image of so many GiB, with the chain of images that it is based on: `levels` of them. */
void bench_disk_init (BenchDisk *disk, guint size, guint levels);
void bench_disk_clear (BenchDisk *disk);

/* Creates the checkpoint `base`. */
void bench_disk_create_base (BenchDisk *disk);

/* Writes one cluster somewhere in every `stride` of them, in random order, which leaves extents
 * that do not touch. Returns how many. */
guint bench_disk_scatter (BenchDisk *disk, guint stride);

/* Writes zeros to every second cluster: changes without data. Returns how many. */
guint bench_disk_scatter_zeros (BenchDisk *disk);

/* Writes `count` pieces of 64 MiB, evenly over the disk. Returns how many bytes that is. */
guint64 bench_disk_fill (BenchDisk *disk, guint count);

/* Has all data that was written until now stored, so that it does not disturb what follows. */
void bench_disk_settle (BenchDisk *disk);

/* Backs up to a new file in `folder`: what changed since `base`, or with NULL all of it. Returns
 * how long it took, in microseconds, until all is stored; what was made for it is removed again.
 * Returns -1 with an error if there are no such backups. */
gint64 bench_disk_back_up (BenchDisk *disk, const char *base, const char *folder, VckcError **err);

/* Begins it, without an end. */
bool bench_disk_begin (BenchDisk *disk, const char *base, const char *folder, VckcError **err);
/* Waits for its end, which must be good. */
void bench_disk_wait (BenchDisk *disk);
/* Removes its checkpoint and file. */
void bench_disk_forget (BenchDisk *disk, const char *folder);
