/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A bounded pool of threads, which run work in the order in which it was pushed.
 *
 * Unlike GLib's pools this one survives a fork: a child starts without threads and without work.
 * Its locks are pthread's, which ThreadSanitizer sees.
 */

#pragma once

#include <glib.h>

/* Calls `work` with `data` in a thread of the pool. Returns FALSE if there is none and none can be
 * started. */
gboolean lib_pool_push (void (*work) (gpointer data), gpointer data);
/* The same for what must not wait for other work, if need be in one more thread. */
gboolean lib_pool_push_urgent (void (*work) (gpointer data), gpointer data);

/* The generation of the process: 0, and in a forked child one more than in its parent. */
guint lib_pool_get_process (void);
