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
#define SETTLE 20    /* a change has several parts, and is told once */
#define INTERVAL 150 /* between two looks at everything, without the kernel's help */

#define MASK (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)

typedef enum
{
  FOLLOW_ON,
  FOLLOW_AGAIN, /* with new watches */
  FOLLOW_STOPPED,
} FollowResult;

typedef struct
{
  const char *root; /* borrowed */
  int stop_fd;
  VckcStoreChangedFunc changed;
  gpointer data;
  int fd;              /* of inotify, owned; -1 if there is none */
  int root_watch;      /* of the root, or of the nearest folder above it that exists */
  char *missing;       /* (nullable), owned: what has to appear in that */
  bool incomplete;     /* not everything could be watched */
  GHashTable *folders; /* watch descriptor -> UUID */
  GPtrArray *pending;  /* UUIDs that are to be told, in the order in which they changed */
  GHashTable *noted;   /* the same, borrowed */
  gint64 tell_at;      /* when, of g_get_monotonic_time() */
} Follow;

static void
follow_clear (Follow *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->missing);
  g_hash_table_unref (self->folders);
  g_hash_table_unref (self->noted);
  g_ptr_array_unref (self->pending);
}

static int
follow_add (Follow *self, const char *path, guint32 mask)
{
  int watch = self->fd >= 0 ? inotify_add_watch (self->fd, path, mask) : -1;

  if (watch < 0 && (self->fd < 0 || errno == ENOSPC || errno == ENOMEM))
    self->incomplete = true;
  return watch;
}

static void
follow_add_folder (Follow *self, const char *uuid)
{
  g_autofree char *path = g_build_filename (self->root, uuid, NULL);
  int watch = follow_add (self, path, MASK | IN_MODIFY | IN_DONT_FOLLOW);

  if (watch >= 0)
    g_hash_table_insert (self->folders, GINT_TO_POINTER (watch), g_strdup (uuid));
}

/* Watches the root, or as long as it is missing what it will appear in. */
static void
follow_add_root (Follow *self)
{
  g_autofree char *path = g_strdup (self->root);

  while ((self->root_watch = follow_add (self, path, MASK | IN_DELETE_SELF | IN_MOVE_SELF)) < 0
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
follow_add_folders (Follow *self)
{
  DIR *dir = opendir (self->root);
  struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (vckc_store_is_uuid (entry->d_name))
      follow_add_folder (self, entry->d_name);
  if (dir != NULL)
    closedir (dir);
}

static void
follow_note (Follow *self, const char *uuid)
{
  char *copy;

  if (self->pending->len == 0)
    self->tell_at = g_get_monotonic_time () + SETTLE * G_TIME_SPAN_MILLISECOND;
  if (g_hash_table_contains (self->noted, uuid))
    return;
  copy = g_strdup (uuid);
  g_ptr_array_add (self->pending, copy);
  g_hash_table_add (self->noted, copy);
}

/* Something in the root. */
static FollowResult
follow_note_root (Follow *self, const struct inotify_event *event)
{
  const char *name = event->len > 0 ? event->name : "";

  if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0)
    return FOLLOW_AGAIN;
  if (self->missing != NULL)
    return strcmp (name, self->missing) == 0 ? FOLLOW_AGAIN : FOLLOW_ON;
  if (vckc_store_is_uuid (name))
    {
      follow_add_folder (self, name);
      follow_note (self, name);
    }
  return FOLLOW_ON;
}

/* Something in the folder of a domain. */
static void
follow_note_folder (Follow *self, const struct inotify_event *event)
{
  const char *uuid = g_hash_table_lookup (self->folders, GINT_TO_POINTER (event->wd));
  const char *name = event->len > 0 ? event->name : "";

  if (uuid == NULL)
    return;
  if (strcmp (name, VCKC_STORE_GENERATION_FILE) == 0 || strcmp (name, VCKC_STORE_DOMAIN_FILE) == 0)
    follow_note (self, uuid);
  if ((event->mask & IN_IGNORED) != 0)
    g_hash_table_remove (self->folders, GINT_TO_POINTER (event->wd));
}

static FollowResult
follow_read (Follow *self)
{
  _Alignas(struct inotify_event) char buffer[16 * 1024];
  gssize n = read (self->fd, buffer, sizeof buffer);
  FollowResult result = FOLLOW_ON;

  for (gssize at = 0; at < n;)
    {
      const struct inotify_event *event = (const void *) (buffer + at);

      if ((event->mask & IN_Q_OVERFLOW) != 0)
        result = FOLLOW_AGAIN;
      else if (event->wd != self->root_watch)
        follow_note_folder (self, event);
      else if (follow_note_root (self, event) == FOLLOW_AGAIN)
        result = FOLLOW_AGAIN;
      at += (gssize) (sizeof *event + event->len);
    }
  return result;
}

static void
follow_tell (Follow *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    self->changed (g_ptr_array_index (self->pending, i), self->data);
  g_hash_table_remove_all (self->noted);
  g_ptr_array_set_size (self->pending, 0);
}

static int
follow_get_timeout (const Follow *self)
{
  gint64 left;

  if (self->pending->len == 0)
    return self->incomplete ? INTERVAL : -1;
  left = self->tell_at - g_get_monotonic_time ();
  return (int) (MAX (left, 0) / G_TIME_SPAN_MILLISECOND);
}

/* Waits for the next event, or until it is time to tell. */
static FollowResult
follow_wait (Follow *self)
{
  struct pollfd fds[] = { { self->stop_fd, POLLIN, 0 }, { self->fd, POLLIN, 0 } };
  bool idle = self->pending->len == 0;
  int n = poll (fds, G_N_ELEMENTS (fds), follow_get_timeout (self));

  if (fds[0].revents != 0)
    return FOLLOW_STOPPED;
  if (idle && n == 0)
    return FOLLOW_AGAIN;
  if (!idle && follow_get_timeout (self) == 0)
    follow_tell (self);
  return fds[1].revents != 0 ? follow_read (self) : FOLLOW_ON;
}

/* Until something is to be watched anew. */
static FollowResult
follow_once (const char *root, int stop_fd, VckcStoreChangedFunc changed, gpointer data)
{
  Follow self = { .root = root, .stop_fd = stop_fd, .changed = changed, .data = data };
  FollowResult result = FOLLOW_ON;

  self.fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  self.folders = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self.pending = g_ptr_array_new_with_free_func (g_free);
  self.noted = g_hash_table_new (g_str_hash, g_str_equal);
  follow_add_root (&self);
  if (self.missing == NULL)
    follow_add_folders (&self);
  /* What happened before it was watched. */
  changed (NULL, data);
  while (result == FOLLOW_ON)
    result = follow_wait (&self);
  follow_clear (&self);
  return result;
}

void
vckc_store_follow (const char *root, int stop_fd, VckcStoreChangedFunc changed, gpointer data)
{
  while (follow_once (root, stop_fd, changed, data) == FOLLOW_AGAIN)
    continue;
}
