/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Doing many calls that wait for another process a few at a time. */

#pragma once

#include <glib.h>

typedef void (*VckcParallelFunc) (guint index, gpointer data);

/* Calls `function` with each number below `count`, a few at the same time, in this thread
 * and others. Returns when all are done. */
void vckc_parallel (guint count, VckcParallelFunc function, gpointer data);
