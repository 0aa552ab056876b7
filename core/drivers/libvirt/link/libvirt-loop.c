/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/process.h"

/* For each call libvirt stops waiting for its socket, waits again, and sets its timer twice.
 * epoll and timers with a descriptor take all that without the thread being woken up. */

/* A handle or a timer of libvirt. */
typedef struct
{
  int id;
  int fd;                          /* owned: a duplicate of the handle, or the timer */
  int handle;                      /* -1 for a timer */
  int events;                      /* that are waited for; 0 for none */
  virEventHandleCallback on_ready; /* of a handle; NULL for a timer */
  virEventTimeoutCallback on_time; /* of a timer; NULL for a handle */
  void *opaque;
  virFreeCallback free_opaque; /* (nullable) */
} Watch;

static VckcMutex mutex = PTHREAD_MUTEX_INITIALIZER; /* covers all below */
static int ready_fds = -1;                          /* of epoll; its data are ids */
static int ended_fd = -1;   /* an eventfd with id 0: there is something in `ended` */
static GHashTable *watches; /* id -> Watch; never freed */
static GPtrArray *ended;    /* Watch: to be freed by the thread; never freed */
static int last_id;
static VckcOnce started = VCKC_ONCE_INIT;
static bool registered; /* libvirt takes a loop once, for all children too */

static Watch *
loop_find_locked (int id)
{
  return watches != NULL ? g_hash_table_lookup (watches, GINT_TO_POINTER (id)) : NULL;
}

/* Errors and the other end's closing are reported in any case. */
static guint32
loop_epoll_from_events (int events)
{
  guint32 flags = 0;

  if ((events & VIR_EVENT_HANDLE_READABLE) != 0)
    flags |= EPOLLIN;
  if ((events & VIR_EVENT_HANDLE_WRITABLE) != 0)
    flags |= EPOLLOUT;
  return flags;
}

static int
loop_events_from_epoll (guint32 flags)
{
  int events = 0;

  if ((flags & EPOLLIN) != 0)
    events |= VIR_EVENT_HANDLE_READABLE;
  if ((flags & EPOLLOUT) != 0)
    events |= VIR_EVENT_HANDLE_WRITABLE;
  if ((flags & EPOLLERR) != 0)
    events |= VIR_EVENT_HANDLE_ERROR;
  if ((flags & EPOLLHUP) != 0)
    events |= VIR_EVENT_HANDLE_HANGUP;
  return events;
}

/* Returns false, with errno, if that cannot be waited for. */
static bool
watch_set_events_locked (Watch *watch, int events)
{
  struct epoll_event wanted = { .events = loop_epoll_from_events (events),
                                .data.u32 = (guint32) watch->id };
  int operation = EPOLL_CTL_MOD;

  if (events == watch->events)
    return true;
  if (events == 0)
    operation = EPOLL_CTL_DEL;
  else if (watch->events == 0)
    operation = EPOLL_CTL_ADD;
  watch->events = events;
  return epoll_ctl (ready_fds, operation, watch->fd, &wanted) == 0;
}

/* milliseconds: less than 0 for never; 0 for as soon and as often as possible, for which a
 * nanosecond stands, as nothing does for never */
static void
watch_set_time_locked (const Watch *watch, int milliseconds)
{
  struct timespec time = { .tv_sec = milliseconds / 1000,
                           .tv_nsec = milliseconds % 1000 * 1000000L };

  if (milliseconds == 0)
    time.tv_nsec = 1;
  if (milliseconds < 0)
    time = (struct timespec){ 0 };
  timerfd_settime (watch->fd, 0, &(struct itimerspec){ .it_interval = time, .it_value = time },
                   NULL);
}

static void
watch_free (Watch *watch)
{
  if (watch->free_opaque != NULL)
    watch->free_opaque (watch->opaque);
  g_free (watch);
}

/* --- the thread --- */

/* A timer that was set again meanwhile has nothing to be read. */
static bool
watch_is_due_locked (const Watch *watch)
{
  guint64 times;

  return watch->on_time == NULL || read (watch->fd, &times, sizeof times) == sizeof times;
}

/* libvirt may have stopped waiting for it since epoll reported it. */
static bool
loop_take_watch (const struct epoll_event *event, Watch *ret_watch)
{
  const Watch *watch;
  bool is_due;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked ((int) event->data.u32);
  is_due = watch != NULL && watch->events != 0 && watch_is_due_locked (watch);
  if (is_due)
    *ret_watch = *watch;
  vckc_mutex_unlock (&mutex);
  return is_due;
}

/* A callback is called without the lock, as it may add and remove watches. What it is called with
 * is not freed meanwhile: only this thread does that. */
static void
loop_handle_event (const struct epoll_event *event)
{
  Watch watch;

  if (!loop_take_watch (event, &watch))
    return;
  if (watch.on_time != NULL)
    watch.on_time (watch.id, watch.opaque);
  else
    watch.on_ready (watch.id, watch.handle, loop_events_from_epoll (event->events), watch.opaque);
}

static void
loop_free_ended (void)
{
  g_autoptr (GPtrArray) all = NULL;
  guint64 count;

  vckc_mutex_lock (&mutex);
  if (ended->len > 0 && read (ended_fd, &count, sizeof count) == sizeof count)
    {
      all = ended;
      ended = g_ptr_array_new ();
    }
  vckc_mutex_unlock (&mutex);
  for (guint i = 0; all != NULL && i < all->len; i++)
    watch_free (g_ptr_array_index (all, i));
}

static gpointer
loop_run_cb (gpointer unused)
{
  struct epoll_event events[8];

  for (;;)
    {
      int count = epoll_wait (ready_fds, events, G_N_ELEMENTS (events), -1);

      for (int i = 0; i < count; i++)
        loop_handle_event (&events[i]);
      loop_free_ended ();
    }
  return NULL;
}

/* --- what libvirt calls --- */

static void loop_start (void);

/* Takes over the descriptor, -1 for none. Returns the id, or -1. */
static int
loop_add (Watch model, int events)
{
  Watch *watch;
  int id;

  if (model.fd < 0)
    return -1;
  watch = g_memdup2 (&model, sizeof model);
  vckc_mutex_lock (&mutex);
  id = watch->id = ++last_id;
  if (watch_set_events_locked (watch, events))
    g_hash_table_insert (watches, GINT_TO_POINTER (id), watch);
  else
    {
      close (watch->fd);
      g_free (watch);
      id = -1;
    }
  vckc_mutex_unlock (&mutex);
  return id;
}

/* The duplicate is ours alone: epoll takes each descriptor once. */
static int
loop_add_handle_cb (int fd,
                    int events,
                    virEventHandleCallback callback,
                    void *opaque,
                    virFreeCallback free_opaque)
{
  vckc_once (&started, loop_start);
  return loop_add ((Watch){ .fd = fcntl (fd, F_DUPFD_CLOEXEC, 0),
                            .handle = fd,
                            .on_ready = callback,
                            .opaque = opaque,
                            .free_opaque = free_opaque },
                   events);
}

static void
loop_update_handle_cb (int id, int events)
{
  Watch *watch;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    watch_set_events_locked (watch, events);
  vckc_mutex_unlock (&mutex);
}

static void
loop_update_timeout_cb (int id, int milliseconds)
{
  const Watch *watch;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    watch_set_time_locked (watch, milliseconds);
  vckc_mutex_unlock (&mutex);
}

static int
loop_add_timeout_cb (int milliseconds,
                     virEventTimeoutCallback callback,
                     void *opaque,
                     virFreeCallback free_opaque)
{
  int id;

  vckc_once (&started, loop_start);
  id = loop_add ((Watch){ .fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                          .handle = -1,
                          .on_time = callback,
                          .opaque = opaque,
                          .free_opaque = free_opaque },
                 VIR_EVENT_HANDLE_READABLE);
  if (id >= 0)
    loop_update_timeout_cb (id, milliseconds);
  return id;
}

/* libvirt calls this with locks held that the freeing wants, and perhaps while the watch's
 * callback runs: what is left is freed by the thread, later. */
static int
loop_remove_cb (int id)
{
  static const guint64 one = 1;
  Watch *watch;
  bool noted;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    {
      watch_set_events_locked (watch, 0);
      close (watch->fd);
      g_hash_table_remove (watches, GINT_TO_POINTER (id));
      g_ptr_array_add (ended, watch);
      noted = write (ended_fd, &one, sizeof one) == sizeof one;
      g_assert (noted);
    }
  vckc_mutex_unlock (&mutex);
  return watch != NULL ? 0 : -1;
}

static void
nothing_cb (int id, void *opaque)
{
}

/* Without a loop libvirt refuses timers. */
static bool
loop_is_registered_by_program (void)
{
  int id = virEventAddTimeout (-1, nothing_cb, NULL, NULL);

  if (id < 0)
    return false;
  virEventRemoveTimeout (id);
  return true;
}

/* --- starting it --- */

/* Why there is no loop; NULL if there is one. Set once, never freed. */
static char *reason;

/* Once only: a child of the child may have the number for something else. */
VCKC_IN_CHILD static void
loop_close_in_child (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* The thread has stayed with the parent: the next connection starts another one. */
VCKC_IN_CHILD static void
loop_forget_in_child (void)
{
  mutex = (VckcMutex) PTHREAD_MUTEX_INITIALIZER;
  loop_close_in_child (&ready_fds);
  loop_close_in_child (&ended_fd);
  watches = NULL;
  ended = NULL;
  reason = NULL;
  started = (VckcOnce) VCKC_ONCE_INIT;
}

/* Returns false with errno. */
static bool
loop_open (void)
{
  ready_fds = epoll_create1 (EPOLL_CLOEXEC);
  ended_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  return ready_fds >= 0 && ended_fd >= 0
         && epoll_ctl (ready_fds, EPOLL_CTL_ADD, ended_fd,
                       &(struct epoll_event){ .events = EPOLLIN })
                == 0;
}

static bool
loop_start_thread (GError **error)
{
  GThread *thread;

  if (!loop_open ())
    {
      g_set_error_literal (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno),
                           g_strerror (errno));
      return false;
    }
  watches = g_hash_table_new (NULL, NULL);
  ended = g_ptr_array_new ();
  thread = g_thread_try_new ("vck-libvirt", loop_run_cb, NULL, error);
  if (thread == NULL)
    return false;
  g_thread_unref (thread);
  return true;
}

static void
loop_start (void)
{
  g_autoptr (GError) error = NULL;

  if (!registered && loop_is_registered_by_program ())
    return;
  if (!loop_start_thread (&error))
    {
      reason = g_strdup (error->message);
      return;
    }
  if (registered)
    return;
  registered = true;
  vckc_process_on_fork (loop_forget_in_child);
  virEventRegisterImpl (loop_add_handle_cb, loop_update_handle_cb, loop_remove_cb,
                        loop_add_timeout_cb, loop_update_timeout_cb, loop_remove_cb);
}

bool
vckc_libvirt_loop_ensure (VckcError **err)
{
  vckc_once (&started, loop_start);
  if (reason == NULL)
    return true;
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "cannot wait for libvirt's events: %s", reason);
  return false;
}
