/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The time of day, which tests can set. */

#pragma once

#include <glib.h>

/* The time in microseconds since 1970, in UTC. */
gint64 vckc_clock_now (void);

/* For tests: every later vckc_clock_now() returns this time; 0 for the real one again. */
void vckc_clock_freeze (gint64 now);
