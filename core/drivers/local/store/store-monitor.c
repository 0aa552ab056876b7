/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/store-monitor.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "drivers/local/store/checkpoint-filename.h"
#include "drivers/local/store/domain-dir.h"

/* Milliseconds. */
#define SETTLE_DELAY 20   /* a change has several parts, and is reported once */
#define POLL_INTERVAL 150 /* between two looks at everything, where inotify lacks watches */

#define MASK (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)

typedef enum
{
  MONITOR_GO_ON,
  MONITOR_RESTART, /* with new watches */
  MONITOR_STOPPED,
} MonitorResult;

typedef struct
{
  const char *root; /* borrowed */
  int stop_fd;
  VckcStoreChangedFunc changed;
  gpointer data;
  int fd;              /* of inotify, owned; -1 if there is none */
  int root_watch;      /* of the root, or of the nearest folder above it that exists */
  char *missing;       /* (nullable), owned: the name that has to appear in it */
  bool incomplete;     /* not everything could be watched */
  GHashTable *folders; /* watch descriptor -> UUID */
  GPtrArray *queue;    /* UUIDs to report, in the order in which they changed */
  GHashTable *queued;  /* the same, borrowed */
  gint64 report_at;    /* when, of g_get_monotonic_time() */
} StoreMonitor;

static void
store_monitor_clear (StoreMonitor *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->missing);
  g_hash_table_unref (self->folders);
  g_hash_table_unref (self->queued);
  g_ptr_array_unref (self->queue);
}

static int
store_monitor_add (StoreMonitor *self, const char *path, guint32 mask)
{
  int watch = self->fd >= 0 ? inotify_add_watch (self->fd, path, mask) : -1;

  if (watch < 0 && (self->fd < 0 || errno == ENOSPC || errno == ENOMEM))
    self->incomplete = true;
  return watch;
}

static void
store_monitor_add_folder (StoreMonitor *self, const char *uuid)
{
  g_autofree char *path = g_build_filename (self->root, uuid, NULL);
  int watch = store_monitor_add (self, path, MASK | IN_MODIFY | IN_DONT_FOLLOW);

  if (watch >= 0)
    g_hash_table_insert (self->folders, GINT_TO_POINTER (watch), g_strdup (uuid));
}

/* Watches the root or, while it is missing, the folder that it will appear in. */
static void
store_monitor_add_root (StoreMonitor *self)
{
  g_autofree char *path = g_strdup (self->root);

  while ((self->root_watch = store_monitor_add (self, path, MASK | IN_DELETE_SELF | IN_MOVE_SELF))
             < 0
         && errno == ENOENT && strcmp (path, "/") != 0)
    {
      g_autofree char *parent = g_path_get_dirname (path);

      g_free (self->missing);
      self->missing = g_path_get_basename (path);
      g_free (path);
      path = g_steal_pointer (&parent);
    }
  if (self->missing != NULL)
    {
      g_autofree char *next = g_build_filename (path, self->missing, NULL);

      /* It may have appeared just before. */
      self->incomplete |= g_file_test (next, G_FILE_TEST_EXISTS);
    }
}

static void
store_monitor_add_folders (StoreMonitor *self)
{
  DIR *dir = opendir (self->root);
  struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (vckc_store_is_uuid (entry->d_name))
      store_monitor_add_folder (self, entry->d_name);
  if (dir != NULL)
    closedir (dir);
}

static void
store_monitor_queue (StoreMonitor *self, const char *uuid)
{
  char *copy;

  if (self->queue->len == 0)
    self->report_at = g_get_monotonic_time () + SETTLE_DELAY * G_TIME_SPAN_MILLISECOND;
  if (g_hash_table_contains (self->queued, uuid))
    return;
  copy = g_strdup (uuid);
  g_ptr_array_add (self->queue, copy);
  g_hash_table_add (self->queued, copy);
}

/* An event of the root. */
static MonitorResult
store_monitor_handle_root_event (StoreMonitor *self, const struct inotify_event *event)
{
  const char *name = event->len > 0 ? event->name : "";

  if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0)
    return MONITOR_RESTART;
  if (self->missing != NULL)
    return strcmp (name, self->missing) == 0 ? MONITOR_RESTART : MONITOR_GO_ON;
  if (vckc_store_is_uuid (name))
    {
      store_monitor_add_folder (self, name);
      store_monitor_queue (self, name);
    }
  return MONITOR_GO_ON;
}

/* An event of the folder of a domain. */
static void
store_monitor_handle_domain_event (StoreMonitor *self, const struct inotify_event *event)
{
  const char *uuid = g_hash_table_lookup (self->folders, GINT_TO_POINTER (event->wd));
  const char *name = event->len > 0 ? event->name : "";

  if (uuid == NULL)
    return;
  if (strcmp (name, VCKC_STORE_GENERATION_FILE) == 0 || strcmp (name, VCKC_STORE_DOMAIN_FILE) == 0)
    store_monitor_queue (self, uuid);
  if ((event->mask & IN_IGNORED) != 0)
    g_hash_table_remove (self->folders, GINT_TO_POINTER (event->wd));
}

static MonitorResult
store_monitor_read (StoreMonitor *self)
{
  _Alignas(struct inotify_event) char buffer[16 * 1024];
  gssize n = read (self->fd, buffer, sizeof buffer);
  MonitorResult result = MONITOR_GO_ON;

  for (gssize at = 0; at < n;)
    {
      const struct inotify_event *event = (const void *) (buffer + at);

      if ((event->mask & IN_Q_OVERFLOW) != 0)
        result = MONITOR_RESTART;
      else if (event->wd != self->root_watch)
        store_monitor_handle_domain_event (self, event);
      else if (store_monitor_handle_root_event (self, event) == MONITOR_RESTART)
        result = MONITOR_RESTART;
      at += (gssize) (sizeof *event + event->len);
    }
  return result;
}

static void
store_monitor_report (StoreMonitor *self)
{
  for (guint i = 0; i < self->queue->len; i++)
    self->changed (g_ptr_array_index (self->queue, i), self->data);
  g_hash_table_remove_all (self->queued);
  g_ptr_array_set_size (self->queue, 0);
}

static int
store_monitor_get_timeout (const StoreMonitor *self)
{
  gint64 left;

  if (self->queue->len == 0)
    return self->incomplete ? POLL_INTERVAL : -1;
  left = self->report_at - g_get_monotonic_time ();
  return (int) (MAX (left, 0) / G_TIME_SPAN_MILLISECOND);
}

/* Waits for the next event, or until it is time to report. */
static MonitorResult
store_monitor_wait (StoreMonitor *self)
{
  struct pollfd fds[] = { { self->stop_fd, POLLIN, 0 }, { self->fd, POLLIN, 0 } };
  bool idle = self->queue->len == 0;
  int n = poll (fds, G_N_ELEMENTS (fds), store_monitor_get_timeout (self));

  if (fds[0].revents != 0)
    return MONITOR_STOPPED;
  if (idle && n == 0)
    return MONITOR_RESTART;
  if (!idle && store_monitor_get_timeout (self) == 0)
    store_monitor_report (self);
  return fds[1].revents != 0 ? store_monitor_read (self) : MONITOR_GO_ON;
}

/* Runs until something must be watched anew. */
static MonitorResult
store_monitor_once (const char *root, int stop_fd, VckcStoreChangedFunc changed, gpointer data)
{
  StoreMonitor self = { .root = root, .stop_fd = stop_fd, .changed = changed, .data = data };
  MonitorResult result = MONITOR_GO_ON;

  self.fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  self.folders = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self.queue = g_ptr_array_new_with_free_func (g_free);
  self.queued = g_hash_table_new (g_str_hash, g_str_equal);
  store_monitor_add_root (&self);
  if (self.missing == NULL)
    store_monitor_add_folders (&self);
  /* Something may have happened before it was watched. */
  changed (NULL, data);
  while (result == MONITOR_GO_ON)
    result = store_monitor_wait (&self);
  store_monitor_clear (&self);
  return result;
}

void
vckc_store_monitor_run (const char *root, int stop_fd, VckcStoreChangedFunc changed, gpointer data)
{
  while (store_monitor_once (root, stop_fd, changed, data) == MONITOR_RESTART)
    continue;
}
