/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "cancel.h"

#include <gio/gio.h>

struct _VckcCancelWatch
{
  GCancellable *cancellable; /* (nullable): owned reference */
  gulong handler;
  VckcCond *cond;   /* borrowed */
  VckcMutex *mutex; /* borrowed; atomic: set last */
  bool cancelled;   /* under the mutex */
};

bool
vckc_cancel_check (const char *waiting_for, VckcError **err)
{
  if (!g_cancellable_is_cancelled (g_cancellable_get_current ()))
    return false;

  vckc_set_error (err, VCKC_ERROR_CANCELLED, "cancelled while waiting for %s; nothing was changed",
                  waiting_for);
  return true;
}

static void
cancelled_cb (GCancellable *cancellable, VckcCancelWatch *watch)
{
  VckcMutex *mutex = g_atomic_pointer_get (&watch->mutex);

  vckc_mutex_lock (mutex);
  watch->cancelled = true;
  vckc_cond_broadcast (watch->cond);
  vckc_mutex_unlock (mutex);
}

VckcCancelWatch *
vckc_cancel_watch_open (VckcCond *cond, VckcMutex *mutex)
{
  VckcCancelWatch *watch = g_new0 (VckcCancelWatch, 1);

  /* What GLib's own locks order, ThreadSanitizer does not see: it sees this. */
  watch->cond = cond;
  g_atomic_pointer_set (&watch->mutex, mutex);
  g_set_object (&watch->cancellable, g_cancellable_get_current ());
  /* Calls back at once if it is cancelled already. */
  if (watch->cancellable != NULL)
    watch->handler
        = g_cancellable_connect (watch->cancellable, G_CALLBACK (cancelled_cb), watch, NULL);
  return watch;
}

void
vckc_cancel_watch_close (VckcCancelWatch *watch)
{
  if (watch == NULL)
    return;

  if (watch->cancellable != NULL)
    g_cancellable_disconnect (watch->cancellable, watch->handler);
  vckc_mutex_lock (watch->mutex);
  vckc_mutex_unlock (watch->mutex);
  g_clear_object (&watch->cancellable);
  g_free (watch);
}

bool
vckc_cancel_watch_is_cancelled (const VckcCancelWatch *watch)
{
  return watch->cancelled;
}
