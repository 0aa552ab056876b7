/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Runs many calls that wait for another process, a few of them at a time. */

#pragma once

#include <glib.h>

typedef void (*VckcParallelFunc) (guint index, gpointer data);

/* Calls `function` with each number below `count`, a few at the same time, in this thread and in
 * others. Returns when all calls have returned. */
void vckc_parallel (guint count, VckcParallelFunc function, gpointer data);
