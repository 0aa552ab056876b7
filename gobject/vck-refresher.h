/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Refreshes a domain again and again, in the background.
 *
 * The timer is in the main context of the connection, the work in a thread of the pool. A refresh
 * that takes longer than the interval is waited for: there are never two at a time. Neither
 * the timer nor the refresher keeps the domain alive; it ends with the domain, and
 * when the connection is closed. Safe to use from any thread.
 */

#pragma once

#include "vck-private.h"

typedef struct _VckRefresher VckRefresher;

/* Starts when it is told how often. `context` is that of the connection of `domain`. */
VckRefresher *vck_refresher_new (VckDomain *domain, GMainContext *context);

/* Now and then every `interval` milliseconds; 0 for never. */
void vck_refresher_set_interval (VckRefresher *self, guint interval);

/* Ends it; the caller's pointer is void then. A refresh under way goes on. */
void vck_refresher_stop (VckRefresher *self);
