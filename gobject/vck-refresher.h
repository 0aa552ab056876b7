/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Starts an asynchronous call on an object at a regular interval.
 *
 * The timer runs in a main context; at most one call is pending, however long it takes. Neither
 * the timer nor the refresher keeps the object alive: both end with it, or when `is_needed` says
 * so. Thread-safe.
 */

#pragma once

#include <gio/gio.h>

typedef struct _VckRefresher VckRefresher;

/* What is done at each tick; called in the main context. */
typedef struct
{
  gboolean (*is_needed) (gpointer target); /* FALSE ends the timer */
  void (*start) (gpointer target, GAsyncReadyCallback callback, gpointer data);
  void (*finish) (gpointer target, GAsyncResult *result);
} VckRefresherWork;

/* Does nothing until it has an interval. `work` has to be static. */
VckRefresher *
vck_refresher_new (const VckRefresherWork *work, GObject *target, GMainContext *context);

/* Starts a call now and then every `interval` milliseconds; 0 stops the timer. */
void vck_refresher_set_interval (VckRefresher *self, guint interval);

/* Stops the timer and frees the refresher once no call is pending. */
void vck_refresher_stop (VckRefresher *self);
