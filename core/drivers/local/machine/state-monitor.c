/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/machine/state-monitor.h"

#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "drivers/local/machine/machine-qmp.h"

/* Milliseconds. */
#define SLOT 500            /* that one connection is kept */
#define TIMEOUT (5 * 1000)  /* for all that is asked of QEMU in one slot */
#define POLL_INTERVAL 250   /* between two attempts to connect to a domain that is off */
#define RETRY_INTERVAL 20   /* after a connection was lost */
#define QUERY_INTERVAL 50   /* at least, between two queries of the state */
#define FAULT_INTERVAL 2000 /* after QEMU sent nonsense, or too much */

/* No QEMU has so many events to send in one slot. */
#define MAX_EVENTS 1000

/* A QEMU that is only just ending does not make so many connections in a row fail. */
#define MAX_FAILURES 4

/* The monitoring of one socket, by one thread. */
typedef struct
{
  const char *socket; /* borrowed */
  int wake_fd;        /* owned: readable when pausing begins or ends */
  int cancel_fd;      /* owned: readable when that is, or the one to stop */
  bool changed;       /* the domain's state may have changed */
  guint n_failures;   /* in a row */
  VckcBlockStateFunc callback;
  gpointer opaque;
} SocketMonitor;

struct _VckcStateMonitor
{
  VckcMutex mutex;     /* covers all below */
  GHashTable *paused;  /* socket -> how often; each as a pointer */
  GPtrArray *monitors; /* of SocketMonitor, borrowed */
};

VckcStateMonitor *
vckc_state_monitor_new (void)
{
  VckcStateMonitor *self = g_new0 (VckcStateMonitor, 1);

  vckc_mutex_init (&self->mutex);
  self->paused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->monitors = g_ptr_array_new ();
  return self;
}

void
vckc_state_monitor_free (VckcStateMonitor *self)
{
  g_hash_table_unref (self->paused);
  g_ptr_array_unref (self->monitors);
  vckc_mutex_clear (&self->mutex);
  g_free (self);
}

/* Adds `by` to the pause count of a socket and wakes its monitors. */
static void
state_monitor_add_pauses (VckcStateMonitor *self, const char *socket, int by)
{
  vckc_mutex_lock (&self->mutex);
  int n = GPOINTER_TO_INT (g_hash_table_lookup (self->paused, socket)) + by;

  if (n > 0)
    g_hash_table_replace (self->paused, g_strdup (socket), GINT_TO_POINTER (n));
  else
    g_hash_table_remove (self->paused, socket);
  for (guint i = 0; i < self->monitors->len; i++)
    {
      const SocketMonitor *monitor = g_ptr_array_index (self->monitors, i);

      if (strcmp (monitor->socket, socket) == 0)
        eventfd_write (monitor->wake_fd, 1);
    }
  vckc_mutex_unlock (&self->mutex);
}

void
vckc_state_monitor_pause (VckcStateMonitor *self, const char *socket)
{
  state_monitor_add_pauses (self, socket, 1);
}

void
vckc_state_monitor_resume (VckcStateMonitor *self, const char *socket)
{
  state_monitor_add_pauses (self, socket, -1);
}

static bool
socket_monitor_init (SocketMonitor *self, const char *socket, int stop_fd)
{
  struct epoll_event event = { .events = EPOLLIN };

  self->socket = socket;
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->cancel_fd = epoll_create1 (EPOLL_CLOEXEC);
  return self->wake_fd >= 0 && self->cancel_fd >= 0
         && epoll_ctl (self->cancel_fd, EPOLL_CTL_ADD, self->wake_fd, &event) == 0
         && epoll_ctl (self->cancel_fd, EPOLL_CTL_ADD, stop_fd, &event) == 0;
}

static void
socket_monitor_clear (SocketMonitor *self)
{
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  if (self->cancel_fd >= 0)
    close (self->cancel_fd);
}

/* Is the socket not paused? Any change from here on makes the monitor's cancel_fd readable. */
static bool
socket_monitor_may_connect (SocketMonitor *self, VckcStateMonitor *owner)
{
  eventfd_t value;
  bool paused;

  eventfd_read (self->wake_fd, &value);
  vckc_mutex_lock (&owner->mutex);
  paused = g_hash_table_contains (owner->paused, self->socket);
  vckc_mutex_unlock (&owner->mutex);
  return !paused;
}

/* Sleeps until the monitor is woken, but no longer than that. */
static void
socket_monitor_sleep (SocketMonitor *self, int milliseconds)
{
  struct pollfd fd = { self->cancel_fd, POLLIN, 0 };

  poll (&fd, 1, milliseconds);
}

/* These come with a change of the state. */
static void
socket_monitor_event_cb (const char *name, const VckcQmpValue *event, gpointer opaque)
{
  static const char *const names[] = {
    "STOP",     "RESUME",         "SHUTDOWN",          "POWERDOWN",
    "RESET",    "SUSPEND",        "SUSPEND_DISK",      "WAKEUP",
    "WATCHDOG", "GUEST_PANICKED", "GUEST_CRASHLOADED", "BLOCK_IO_ERROR",
    NULL
  };

  if (g_strv_contains (names, name))
    ((SocketMonitor *) opaque)->changed = true;
}

/* Waits for a change until `deadline`, and at least for QUERY_INTERVAL. False if the connection
 * is of no more use. */
static bool
socket_monitor_await_change (SocketMonitor *self,
                             VckcQmpClient *client,
                             gint64 deadline,
                             guint *n_events,
                             VckcError **err)
{
  gint64 next_query = g_get_monotonic_time () + QUERY_INTERVAL * G_TIME_SPAN_MILLISECOND;
  gint64 left;

  self->changed = false;
  while (!self->changed && (left = deadline - g_get_monotonic_time ()) > 0)
    {
      if (!vckc_qmp_client_listen (client, (guint) (left / 1000 + 1), err))
        return false;
      if ((*n_events)++ < MAX_EVENTS)
        continue;
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU at '%s' has sent %d events within %d ms",
                      self->socket, MAX_EVENTS, SLOT);
      return false;
    }
  left = next_query - g_get_monotonic_time ();
  if (self->changed && left > 0)
    socket_monitor_sleep (self, (int) (left / 1000 + 1));
  return true;
}

/* Uses a connection for one slot. */
static void
socket_monitor_use_slot (SocketMonitor *self, VckcQmpClient *client)
{
  gint64 deadline = g_get_monotonic_time () + SLOT * G_TIME_SPAN_MILLISECOND;
  g_autoptr (VckcError) error = NULL;
  guint n_events = 0;
  VckcDomainState state;

  do
    {
      if (!vckc_machine_query_state (client, &state, &error))
        break;
      self->callback (state, self->opaque);
    }
  while (socket_monitor_await_change (self, client, deadline, &n_events, &error)
         && g_get_monotonic_time () < deadline);
  if (error == NULL)
    return;
  vckc_log_debug (VCKC_ABOUT (.error = error), "stopped monitoring a domain: %s",
                  vckc_error_get_message (error));
  if (vckc_error_get_code (error) != VCKC_ERROR_CANCELLED)
    socket_monitor_sleep (self, vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR
                                    ? RETRY_INTERVAL
                                    : FAULT_INTERVAL);
}

/* A QEMU that ends may close a connection that it has just accepted: one failure proves nothing. */
static void
socket_monitor_handle_connect_failure (SocketMonitor *self, const VckcError *error)
{
  int code = vckc_error_get_code (error);

  vckc_log_debug (VCKC_ABOUT (.error = error), "cannot monitor a domain: %s",
                  vckc_error_get_message (error));
  if (code == VCKC_ERROR_CANCELLED)
    return;
  self->n_failures++;
  if (code != VCKC_ERROR_SYSTEM_ERROR || self->n_failures >= MAX_FAILURES)
    self->callback (VCKC_DOMAIN_STATE_NOSTATE, self->opaque);
}

static void
socket_monitor_connect_once (SocketMonitor *self)
{
  VckcMachineOptions options = vckc_machine_options (0, TIMEOUT, self->cancel_fd);
  g_autoptr (VckcQmpClient) client = NULL;
  g_autoptr (VckcError) error = NULL;

  options.event_cb = socket_monitor_event_cb;
  options.event_opaque = self;
  if (vckc_machine_connect (self->socket, &options, &client, &error))
    {
      self->n_failures = 0;
      if (client != NULL)
        {
          socket_monitor_use_slot (self, client);
          return;
        }
      self->callback (VCKC_DOMAIN_STATE_SHUTOFF, self->opaque);
    }
  else
    socket_monitor_handle_connect_failure (self, error);
  socket_monitor_sleep (self, error != NULL && vckc_error_get_code (error) == VCKC_ERROR_INTERNAL
                                  ? FAULT_INTERVAL
                                  : POLL_INTERVAL);
}

static bool
is_readable (int fd)
{
  struct pollfd poll_fd = { fd, POLLIN, 0 };

  return poll (&poll_fd, 1, 0) > 0;
}

void
vckc_state_monitor_run (VckcStateMonitor *self,
                        const char *socket,
                        int stop_fd,
                        VckcBlockStateFunc callback,
                        gpointer opaque)
{
  SocketMonitor monitor = { .callback = callback, .opaque = opaque };

  if (!socket_monitor_init (&monitor, socket, stop_fd))
    {
      g_info ("cannot monitor the domain at '%s': %s", socket, g_strerror (errno));
      socket_monitor_clear (&monitor);
      return;
    }
  vckc_mutex_lock (&self->mutex);
  g_ptr_array_add (self->monitors, &monitor);
  vckc_mutex_unlock (&self->mutex);

  while (!is_readable (stop_fd))
    if (socket_monitor_may_connect (&monitor, self))
      socket_monitor_connect_once (&monitor);
    else
      socket_monitor_sleep (&monitor, -1);

  vckc_mutex_lock (&self->mutex);
  g_ptr_array_remove (self->monitors, &monitor);
  vckc_mutex_unlock (&self->mutex);
  socket_monitor_clear (&monitor);
}
