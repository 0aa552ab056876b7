/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/store-watch.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "managed/refresh.h"

struct _VckcStoreWatch
{
  gint ref_count;     /* atomic: the engine's, and the thread's */
  VckcEngine *engine; /* which the thread has a reference to */
  int stop_fd;        /* owned; readable once the thread is to end */
};

static void
store_watch_unref (VckcStoreWatch *watch)
{
  if (!g_atomic_int_dec_and_test (&watch->ref_count))
    return;
  close (watch->stop_fd);
  g_free (watch);
}

/* A change of ours is in memory already, which costs no more than a look at the generation. */
static void
store_watch_changed_cb (const char *uuid, gpointer data)
{
  VckcStoreWatch *watch = data;
  g_autoptr (VckcError) error = NULL;

  if (uuid != NULL)
    vckc_engine_refresh_uuid (watch->engine, uuid);
  else if (!vckc_engine_refresh (watch->engine, VCKC_LOOK_ONLY, &error))
    vckc_log_info (VCKC_ABOUT (.error = error), "%s", vckc_error_get_message (error));
}

static gpointer
store_watch_run_cb (gpointer data)
{
  VckcStoreWatch *watch = data;
  VckcEngine *engine = watch->engine;

  vckc_engine_enter_thread (engine);
  vckc_store_follow (engine->store, watch->stop_fd, store_watch_changed_cb, watch);
  store_watch_unref (watch);
  vckc_engine_leave_watch (engine);
  return NULL;
}

static VckcStoreWatch *
store_watch_start_locked (VckcEngine *engine)
{
  VckcStoreWatch *watch = g_new0 (VckcStoreWatch, 1);
  g_autoptr (GError) error = NULL;
  GThread *thread;

  watch->ref_count = 2;
  watch->engine = engine;
  watch->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread = watch->stop_fd >= 0 ? g_thread_try_new ("vck-store", store_watch_run_cb, watch, &error)
                               : NULL;
  if (thread != NULL)
    {
      g_thread_unref (thread);
      engine->ref_count++;
      engine->n_watches++;
      return watch;
    }
  g_info ("'%s' cannot be watched: %s", engine->key,
          error != NULL ? error->message : "no file descriptor is left");
  watch->ref_count = 1;
  store_watch_unref (watch);
  return NULL;
}

void
vckc_store_watch_update_locked (VckcEngine *engine)
{
  bool wanted = engine->watching && vckc_store_can_be_followed (engine->store);

  if (!wanted && engine->store_watch != NULL)
    {
      eventfd_write (engine->store_watch->stop_fd, 1);
      g_clear_pointer (&engine->store_watch, store_watch_unref);
    }
  if (wanted && engine->store_watch == NULL)
    engine->store_watch = store_watch_start_locked (engine);
}
