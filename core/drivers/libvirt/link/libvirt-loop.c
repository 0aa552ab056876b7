/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/link/libvirt-loop.h"

#include <glib-unix.h>
#include <libvirt/libvirt.h>

#include "base/lock.h"
#include "base/process.h"

/* A handle or a timer of libvirt. Sources are made anew whenever what is watched for changes. */
typedef struct
{
  int id;
  int fd;                          /* of a handle */
  virEventHandleCallback on_ready; /* of a handle; NULL for a timer */
  virEventTimeoutCallback on_time; /* of a timer; NULL for a handle */
  void *opaque;
  virFreeCallback free_opaque; /* (nullable) */
  GSource *source;             /* (nullable), owned: NULL while nothing is watched for */
} Watch;

static VckcMutex mutex = PTHREAD_MUTEX_INITIALIZER; /* covers all below */
static GMainContext *context;                       /* of the thread; never freed */
static GHashTable *watches;                         /* id -> Watch; never freed */
static int last_id;
static VckcOnce started = VCKC_ONCE_INIT;
static bool registered; /* libvirt takes a loop once, for all children too */

static Watch *
loop_find_locked (int id)
{
  return watches != NULL ? g_hash_table_lookup (watches, GINT_TO_POINTER (id)) : NULL;
}

static GIOCondition
loop_condition_from_events (int events)
{
  GIOCondition condition = 0;

  if ((events & VIR_EVENT_HANDLE_READABLE) != 0)
    condition |= G_IO_IN;
  if ((events & VIR_EVENT_HANDLE_WRITABLE) != 0)
    condition |= G_IO_OUT;
  if ((events & VIR_EVENT_HANDLE_ERROR) != 0)
    condition |= G_IO_ERR;
  if ((events & VIR_EVENT_HANDLE_HANGUP) != 0)
    condition |= G_IO_HUP;
  return condition;
}

static int
loop_events_from_condition (GIOCondition condition)
{
  int events = 0;

  if ((condition & G_IO_IN) != 0)
    events |= VIR_EVENT_HANDLE_READABLE;
  if ((condition & G_IO_OUT) != 0)
    events |= VIR_EVENT_HANDLE_WRITABLE;
  if ((condition & (G_IO_ERR | G_IO_NVAL)) != 0)
    events |= VIR_EVENT_HANDLE_ERROR;
  if ((condition & G_IO_HUP) != 0)
    events |= VIR_EVENT_HANDLE_HANGUP;
  return events;
}

/* What to call is read with the lock and called without: it may add and remove watches. It is not
 * freed meanwhile: removing frees it in this same thread. */
static bool
loop_get_watch (int id, Watch *ret_watch)
{
  const Watch *watch;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    *ret_watch = *watch;
  vckc_mutex_unlock (&mutex);
  return watch != NULL;
}

static gboolean
ready_cb (int fd, GIOCondition condition, gpointer id)
{
  Watch watch;

  if (loop_get_watch (GPOINTER_TO_INT (id), &watch))
    watch.on_ready (watch.id, fd, loop_events_from_condition (condition), watch.opaque);
  return G_SOURCE_CONTINUE;
}

static gboolean
time_cb (gpointer id)
{
  Watch watch;

  if (loop_get_watch (GPOINTER_TO_INT (id), &watch))
    watch.on_time (watch.id, watch.opaque);
  return G_SOURCE_CONTINUE;
}

static void
watch_clear_source_locked (Watch *watch)
{
  if (watch->source == NULL)
    return;
  g_source_destroy (watch->source);
  g_clear_pointer (&watch->source, g_source_unref);
}

/* Takes over the source. */
static void
watch_set_source_locked (Watch *watch, GSource *source, GSourceFunc callback)
{
  g_source_set_callback (source, callback, GINT_TO_POINTER (watch->id), NULL);
  g_source_attach (source, context);
  watch->source = source;
}

static void
watch_events_locked (Watch *watch, int events)
{
  watch_clear_source_locked (watch);
  if (events != 0)
    watch_set_source_locked (watch,
                             g_unix_fd_source_new (watch->fd, loop_condition_from_events (events)),
                             G_SOURCE_FUNC (ready_cb));
}

/* milliseconds: less than 0 for never */
static void
watch_time_locked (Watch *watch, int milliseconds)
{
  watch_clear_source_locked (watch);
  if (milliseconds >= 0)
    watch_set_source_locked (watch, g_timeout_source_new ((guint) milliseconds), time_cb);
}

static Watch *
loop_add_watch_locked (void *opaque, virFreeCallback free_opaque)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->id = ++last_id;
  watch->opaque = opaque;
  watch->free_opaque = free_opaque;
  g_hash_table_insert (watches, GINT_TO_POINTER (watch->id), watch);
  return watch;
}

static void loop_start (void);

static int
loop_add_handle_cb (int fd,
                    int events,
                    virEventHandleCallback callback,
                    void *opaque,
                    virFreeCallback free_opaque)
{
  Watch *watch;
  int id;

  vckc_once (&started, loop_start);
  vckc_mutex_lock (&mutex);
  watch = loop_add_watch_locked (opaque, free_opaque);
  watch->fd = fd;
  watch->on_ready = callback;
  watch_events_locked (watch, events);
  id = watch->id;
  vckc_mutex_unlock (&mutex);
  return id;
}

static int
loop_add_timeout_cb (int milliseconds,
                     virEventTimeoutCallback callback,
                     void *opaque,
                     virFreeCallback free_opaque)
{
  Watch *watch;
  int id;

  vckc_once (&started, loop_start);
  vckc_mutex_lock (&mutex);
  watch = loop_add_watch_locked (opaque, free_opaque);
  watch->on_time = callback;
  watch_time_locked (watch, milliseconds);
  id = watch->id;
  vckc_mutex_unlock (&mutex);
  return id;
}

static void
loop_update_handle_cb (int id, int events)
{
  Watch *watch;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    watch_events_locked (watch, events);
  vckc_mutex_unlock (&mutex);
}

static void
loop_update_timeout_cb (int id, int milliseconds)
{
  Watch *watch;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    watch_time_locked (watch, milliseconds);
  vckc_mutex_unlock (&mutex);
}

static gboolean
loop_free_watch_cb (gpointer data)
{
  Watch *watch = data;

  if (watch->free_opaque != NULL)
    watch->free_opaque (watch->opaque);
  g_free (watch);
  return G_SOURCE_REMOVE;
}

/* libvirt calls this with locks held that the freeing wants, and perhaps while the watch's
 * callback runs: what is left is freed by the thread, later. */
static int
loop_remove_cb (int id)
{
  Watch *watch;
  GSource *source;

  vckc_mutex_lock (&mutex);
  watch = loop_find_locked (id);
  if (watch != NULL)
    {
      watch_clear_source_locked (watch);
      g_hash_table_remove (watches, GINT_TO_POINTER (id));
    }
  vckc_mutex_unlock (&mutex);
  if (watch == NULL)
    return -1;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, loop_free_watch_cb, watch, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
  return 0;
}

static gpointer
loop_run_cb (gpointer unused)
{
  g_main_context_push_thread_default (context);
  for (;;)
    g_main_context_iteration (context, TRUE);
  return NULL;
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

/* Why there is no loop; NULL if there is one. Set once, never freed. */
static char *reason;

/* The thread has stayed with the parent: the next connection starts another one. */
VCKC_IN_CHILD static void
loop_forget_in_child (void)
{
  mutex = (VckcMutex) PTHREAD_MUTEX_INITIALIZER;
  context = NULL;
  watches = NULL;
  reason = NULL;
  started = (VckcOnce) VCKC_ONCE_INIT;
}

static void
loop_start (void)
{
  g_autoptr (GError) error = NULL;
  GThread *thread;

  if (!registered && loop_is_registered_by_program ())
    return;

  context = g_main_context_new ();
  watches = g_hash_table_new (NULL, NULL);
  thread = g_thread_try_new ("vck-libvirt", loop_run_cb, NULL, &error);
  if (thread == NULL)
    {
      reason = g_strdup (error->message);
      return;
    }
  g_thread_unref (thread);
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
  vckc_set_error (err, VCKC_ERROR_SYSTEM_ERROR, "cannot start a thread for libvirt's events: %s",
                  reason);
  return false;
}
