/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a backup is compared with: the least that has to be done for it. */

#pragma once

#include <glib.h>

/* Where an image stores the data of its disk. */
typedef struct _BenchFloor BenchFloor;

/* Takes all data that the image itself holds. */
BenchFloor *bench_floor_new (const char *image);
void bench_floor_free (BenchFloor *floor);

guint64 bench_floor_get_bytes (const BenchFloor *floor);

/* Copies the data, in the order of the disk, into a new file in `folder`, which is synced, and
 * removed again. All three return how long it took, in microseconds. */
gint64 bench_floor_copy (const BenchFloor *floor, const char *folder);

/* The same with the program `cp`, of the whole image. */
gint64 bench_floor_cp (const char *image, const char *folder);

/* Reads the first bitmap of the image and makes a list of the runs of its bits. */
gint64 bench_floor_read_bitmap (const char *image, guint *ret_count);
