/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Following what happens in the folder of a local store, whoever does it. The kernel tells (inotify)
 * of the folder, which may not exist yet, and of each domain's in it. Where it does not, for want of
 * watches, everything is looked at a few times in a second. Changes on other hosts, in a folder that
 * several share, are not told.
 */

#pragma once

#include "managed/backends/store.h"

/* See follow in store.h. `root` is the folder. */
void vckc_store_follow (const char *root, int stop_fd, VckcStoreChangedFunc changed, gpointer data);
