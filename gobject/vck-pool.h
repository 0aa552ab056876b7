/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A bounded number of threads that do work in the order in which it comes.
 *
 * Unlike GLib's pools this one survives a fork: a child starts without threads and without work, and
 * makes its own. Its locks are pthread's, which ThreadSanitizer sees.
 */

#pragma once

#include <glib.h>

/* Has `work` called with `data` in a thread. FALSE if there is none and none can be started. */
gboolean vck_pool_push (void (*work) (gpointer data), gpointer data);

/* Which process this is: 0; in a child that was forked one more than in its parent. */
guint vck_pool_get_process (void);
