/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A mark that a process leaves in a file, by which others see later whether it is still there: its
 * number, when it began, and since when the host runs.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

/* Of this process; to be freed. Numbers and '-' only. */
char *vckc_process_mark_new (void);

/* Is the process that left it, not this one, certainly still there? */
bool vckc_process_mark_is_other_alive (const char *mark);
