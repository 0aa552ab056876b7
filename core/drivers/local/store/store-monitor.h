/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Monitoring the folder of a local store. inotify reports what changes in the folder, which may not
 * exist yet, and in that of each domain. Where it lacks watches, everything is looked at a few
 * times in a second. Changes that other hosts make in a shared folder are not reported.
 */

#pragma once

#include "managed/backends/store.h"

/* See follow in store.h. `root` is the folder. */
void
vckc_store_monitor_run (const char *root, int stop_fd, VckcStoreChangedFunc changed, gpointer data);
