/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A Unix socket that leads to another one over a distance: every byte takes some time. */

#pragma once

#include <glib.h>

typedef struct _BenchLink BenchLink;

/* milliseconds: how long a byte takes, each way */
BenchLink *bench_link_new (const char *from, const char *to, guint milliseconds);
void bench_link_free (BenchLink *link);
