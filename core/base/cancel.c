/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "base/cancel.h"

#include <gio/gio.h>
#include <sys/eventfd.h>
#include <unistd.h>

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
    watch->handler =
        g_cancellable_connect (watch->cancellable, G_CALLBACK (cancelled_cb), watch, NULL);
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

struct _VckcCancelFd
{
  GCancellable *cancellable; /* (nullable): owned reference */
  gulong handler;
  /* What GLib's own locks order, ThreadSanitizer does not see: it sees these. */
  gint is_open; /* atomic: all is set, also the mutex */
  VckcMutex mutex;
  int fd; /* owned; under the mutex where another thread may cancel; -1 if there is none */
};

static void
cancelled_fd_cb (GCancellable *cancellable, VckcCancelFd *cancel)
{
  if (g_atomic_int_get (&cancel->is_open) == 0)
    return;
  vckc_mutex_lock (&cancel->mutex);
  eventfd_write (cancel->fd, 1);
  vckc_mutex_unlock (&cancel->mutex);
}

/* Not GLib's own descriptor, which ends the program if none is left. */
VckcCancelFd *
vckc_cancel_fd_open (void)
{
  VckcCancelFd *cancel = g_new0 (VckcCancelFd, 1);

  g_set_object (&cancel->cancellable, g_cancellable_get_current ());
  vckc_mutex_init (&cancel->mutex);
  vckc_mutex_lock (&cancel->mutex);
  cancel->fd = cancel->cancellable != NULL ? eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
  vckc_mutex_unlock (&cancel->mutex);
  g_atomic_int_set (&cancel->is_open, 1);
  if (cancel->fd >= 0)
    cancel->handler =
        g_cancellable_connect (cancel->cancellable, G_CALLBACK (cancelled_fd_cb), cancel, NULL);
  return cancel;
}

void
vckc_cancel_fd_close (VckcCancelFd *cancel)
{
  if (cancel == NULL)
    return;

  if (cancel->handler != 0)
    g_cancellable_disconnect (cancel->cancellable, cancel->handler);
  vckc_mutex_lock (&cancel->mutex);
  if (cancel->fd >= 0)
    close (cancel->fd);
  vckc_mutex_unlock (&cancel->mutex);
  vckc_mutex_clear (&cancel->mutex);
  g_clear_object (&cancel->cancellable);
  g_free (cancel);
}

int
vckc_cancel_fd_get (const VckcCancelFd *cancel)
{
  return cancel != NULL ? cancel->fd : -1;
}
