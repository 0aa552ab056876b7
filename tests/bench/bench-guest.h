/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What stands for a guest: a thread that writes blocks of 4 KiB of a disk at random, one after
 * the other, through an NBD export of QEMU. */

#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct _BenchGuest BenchGuest;

/* False, with a message, where libnbd was not built in. */
bool bench_guest_is_there (void);

/* Begins to write. */
BenchGuest *bench_guest_start (const char *nbd_uri);

/* Ends, and returns the time that 99 of 100 writes did not exceed, in milliseconds. A write that
 * failed ends the program. */
double bench_guest_stop (BenchGuest *guest);
