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
#include "drivers/local/machine/machine-qmp.h"

/* Milliseconds. */
#define TURN 500
#define TIMEOUT (5 * 1000) /* with QEMU, for a whole turn */
#define ABSENCE 250        /* between two looks for a machine that is off */
#define RETRY 20           /* after a connection was lost */
#define CALM 50            /* between two questions for the state */
#define FAULT 2000         /* after a machine made no sense, or said too much */

/* No machine has so much to tell in one turn. */
#define MAX_EVENTS 1000

/* A connection that fails so often in a row is no machine that is just ending. */
#define MAX_FAILURES 4

typedef struct
{
  const char *socket; /* borrowed */
  int wake_fd;        /* owned: readable when a suspension begins or ends */
  int cancel_fd;      /* owned: readable when that is, or the one to stop */
  bool news;          /* the machine's state may have changed */
  guint n_failures;   /* in a row */
} Follower;

struct _VckcFollowers
{
  VckcMutex mutex;       /* covers all below */
  GHashTable *suspended; /* socket -> how often; each as a pointer */
  GPtrArray *followers;  /* of Follower, borrowed */
};

VckcFollowers *
vckc_followers_new (void)
{
  VckcFollowers *followers = g_new0 (VckcFollowers, 1);

  vckc_mutex_init (&followers->mutex);
  followers->suspended = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  followers->followers = g_ptr_array_new ();
  return followers;
}

void
vckc_followers_free (VckcFollowers *followers)
{
  g_hash_table_unref (followers->suspended);
  g_ptr_array_unref (followers->followers);
  vckc_mutex_clear (&followers->mutex);
  g_free (followers);
}

/* Makes the number of suspensions of a socket that much larger, and tells its followers. */
static void
change_suspension (VckcFollowers *followers, const char *socket, int by)
{
  vckc_mutex_lock (&followers->mutex);
  int n = GPOINTER_TO_INT (g_hash_table_lookup (followers->suspended, socket)) + by;

  if (n > 0)
    g_hash_table_replace (followers->suspended, g_strdup (socket), GINT_TO_POINTER (n));
  else
    g_hash_table_remove (followers->suspended, socket);
  for (guint i = 0; i < followers->followers->len; i++)
    {
      const Follower *follower = g_ptr_array_index (followers->followers, i);

      if (strcmp (follower->socket, socket) == 0)
        eventfd_write (follower->wake_fd, 1);
    }
  vckc_mutex_unlock (&followers->mutex);
}

void
vckc_followers_suspend (VckcFollowers *followers, const char *socket)
{
  change_suspension (followers, socket, 1);
}

void
vckc_followers_resume (VckcFollowers *followers, const char *socket)
{
  change_suspension (followers, socket, -1);
}

static bool
follower_init (Follower *self, const char *socket, int stop_fd)
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
follower_clear (Follower *self)
{
  if (self->wake_fd >= 0)
    close (self->wake_fd);
  if (self->cancel_fd >= 0)
    close (self->cancel_fd);
}

/* Is it our turn, as far as this process is concerned? Whatever changes from here on makes the
 * follower's cancel_fd readable. */
static bool
may_connect (VckcFollowers *followers, Follower *self)
{
  eventfd_t value;
  bool suspended;

  eventfd_read (self->wake_fd, &value);
  vckc_mutex_lock (&followers->mutex);
  suspended = g_hash_table_contains (followers->suspended, self->socket);
  vckc_mutex_unlock (&followers->mutex);
  return !suspended;
}

static void
pause_until_woken (Follower *self, int milliseconds)
{
  struct pollfd fd = { self->cancel_fd, POLLIN, 0 };

  poll (&fd, 1, milliseconds);
}

/* These come with a change of the state. */
static void
note_event_cb (const char *name, const VckcQmpValue *event, gpointer opaque)
{
  static const char *const names[] = {
    "STOP",     "RESUME",         "SHUTDOWN",          "POWERDOWN",
    "RESET",    "SUSPEND",        "SUSPEND_DISK",      "WAKEUP",
    "WATCHDOG", "GUEST_PANICKED", "GUEST_CRASHLOADED", "BLOCK_IO_ERROR",
    NULL
  };

  if (g_strv_contains (names, name))
    ((Follower *) opaque)->news = true;
}

/* Until there is news, or the time has come, and not at once after the last time. False if the
 * connection is of no more use. */
static bool
await_news (Follower *self,
            VckcQmpClient *client,
            gint64 deadline,
            guint *n_events,
            VckcError **err)
{
  gint64 calm = g_get_monotonic_time () + CALM * G_TIME_SPAN_MILLISECOND;
  gint64 left;

  self->news = false;
  while (!self->news && (left = deadline - g_get_monotonic_time ()) > 0)
    {
      if (!vckc_qmp_client_listen (client, (guint) (left / 1000 + 1), err))
        return false;
      if ((*n_events)++ < MAX_EVENTS)
        continue;
      vckc_set_error (err, VCKC_ERROR_INTERNAL, "QEMU at '%s' has told of %d events within %d ms",
                      self->socket, MAX_EVENTS, TURN);
      return false;
    }
  left = calm - g_get_monotonic_time ();
  if (self->news && left > 0)
    pause_until_woken (self, (int) (left / 1000 + 1));
  return true;
}

/* One turn with a machine that runs. */
static void
listen_to (Follower *self, VckcQmpClient *client, VckcBlockStateFunc tell, gpointer opaque)
{
  gint64 deadline = g_get_monotonic_time () + TURN * G_TIME_SPAN_MILLISECOND;
  g_autoptr (VckcError) error = NULL;
  guint n_events = 0;
  VckcDomainState state;

  do
    {
      if (!vckc_machine_query_state (client, &state, &error))
        break;
      tell (state, opaque);
    }
  while (await_news (self, client, deadline, &n_events, &error)
         && g_get_monotonic_time () < deadline);
  if (error == NULL)
    return;
  g_debug ("stopped listening to a machine: %s", vckc_error_get_message (error));
  if (vckc_error_get_code (error) != VCKC_ERROR_CANCELLED)
    pause_until_woken (self,
                       vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR ? RETRY : FAULT);
}

/* A machine that ends may close a connection that it has just accepted: that says nothing yet. */
static void
bear_failure (Follower *self, const VckcError *error, VckcBlockStateFunc tell, gpointer opaque)
{
  int code = vckc_error_get_code (error);

  g_debug ("cannot follow a machine: %s", vckc_error_get_message (error));
  if (code == VCKC_ERROR_CANCELLED)
    return;
  self->n_failures++;
  if (code != VCKC_ERROR_SYSTEM_ERROR || self->n_failures >= MAX_FAILURES)
    tell (VCKC_DOMAIN_STATE_NOSTATE, opaque);
}

static void
follow_once (Follower *self, VckcBlockStateFunc tell, gpointer opaque)
{
  VckcMachineOptions options = vckc_machine_options (0, TIMEOUT, self->cancel_fd);
  g_autoptr (VckcQmpClient) client = NULL;
  g_autoptr (VckcError) error = NULL;

  options.event_cb = note_event_cb;
  options.event_opaque = self;
  if (vckc_machine_connect (self->socket, &options, &client, &error))
    {
      self->n_failures = 0;
      if (client != NULL)
        {
          listen_to (self, client, tell, opaque);
          return;
        }
      tell (VCKC_DOMAIN_STATE_SHUTOFF, opaque);
    }
  else
    bear_failure (self, error, tell, opaque);
  pause_until_woken (
      self, error != NULL && vckc_error_get_code (error) == VCKC_ERROR_INTERNAL ? FAULT : ABSENCE);
}

static bool
is_readable (int fd)
{
  struct pollfd poll_fd = { fd, POLLIN, 0 };

  return poll (&poll_fd, 1, 0) > 0;
}

void
vckc_followers_follow (VckcFollowers *followers,
                       const char *socket,
                       int stop_fd,
                       VckcBlockStateFunc tell,
                       gpointer opaque)
{
  Follower self = { NULL };

  if (!follower_init (&self, socket, stop_fd))
    {
      g_info ("cannot follow the machine at '%s': %s", socket, g_strerror (errno));
      follower_clear (&self);
      return;
    }
  vckc_mutex_lock (&followers->mutex);
  g_ptr_array_add (followers->followers, &self);
  vckc_mutex_unlock (&followers->mutex);

  while (!is_readable (stop_fd))
    if (may_connect (followers, &self))
      follow_once (&self, tell, opaque);
    else
      pause_until_woken (&self, -1);

  vckc_mutex_lock (&followers->mutex);
  g_ptr_array_remove (followers->followers, &self);
  vckc_mutex_unlock (&followers->mutex);
  follower_clear (&self);
}
