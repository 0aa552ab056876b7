/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/engine-registry.h"

#include "base/process.h"
#include "managed/refresh.h"
#include "managed/state-watch.h"
#include "managed/store-watch.h"

/* By key. */
static VckcMutex engines_mutex = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *engines; /* key -> VckcEngine; under engines_mutex */

/* The engines of the parent stay as its threads left them. */
VCKC_IN_CHILD static void
engine_registry_forget (void)
{
  engines_mutex = (VckcMutex) PTHREAD_MUTEX_INITIALIZER;
  engines = NULL;
}

static void
engine_registry_forget_on_fork (void)
{
  vckc_process_on_fork (engine_registry_forget);
}

/* Watches as long as there are subscribers. */
static void
engine_registry_update_watching_locked (VckcEngine *engine)
{
  engine->watching = false;
  for (guint i = 0; i < engine->connections->len && !engine->watching; i++)
    engine->watching = vckc_event_queue_has_subscribers (
        ((VckcConnect *) g_ptr_array_index (engine->connections, i))->events);
  if (!engine->watching)
    vckc_cond_broadcast (&engine->unlocked);
  vckc_state_watch_update_all_locked (engine);
  vckc_store_watch_update_locked (engine);
}

/* With the registry's lock held. */
static VckcEngine *
engine_registry_get_or_make (const char *key, VckcEngineMaker maker, VckcError **err)
{
  VckcEngineParts parts = { NULL };
  VckcEngine *engine;

  if (engines == NULL)
    engines = g_hash_table_new (g_str_hash, g_str_equal);
  engine = g_hash_table_lookup (engines, key);
  if (engine == NULL && maker (key, &parts, err))
    {
      engine = vckc_engine_new (key, &parts);
      g_hash_table_insert (engines, engine->key, engine);
    }
  if (engine != NULL)
    engine->users++;
  return engine;
}

static void
engine_registry_release (VckcEngine *engine)
{
  bool last;

  vckc_mutex_lock (&engines_mutex);
  last = --engine->users == 0;
  if (last)
    g_hash_table_remove (engines, engine->key);
  if (g_hash_table_size (engines) == 0)
    g_clear_pointer (&engines, g_hash_table_unref);
  vckc_mutex_unlock (&engines_mutex);

  if (!last)
    return;
  vckc_mutex_lock (&engine->mutex);
  engine->closing = true;
  engine_registry_update_watching_locked (engine);
  vckc_mutex_unlock (&engine->mutex);
  vckc_engine_await_threads (engine);
  vckc_engine_unref (engine);
}

bool
vckc_engine_attach (VckcConnect *connect, const char *key, VckcEngineMaker maker, VckcError **err)
{
  static VckcOnce once = VCKC_ONCE_INIT;
  VckcEngine *engine;

  vckc_once (&once, engine_registry_forget_on_fork);
  vckc_mutex_lock (&engines_mutex);
  engine = engine_registry_get_or_make (key, maker, err);
  vckc_mutex_unlock (&engines_mutex);
  if (engine == NULL)
    return false;

  connect->driver_data = engine;
  if (!vckc_engine_refresh (engine, vckc_look_of (connect), err))
    return false;

  vckc_mutex_lock (&engine->mutex);
  g_ptr_array_add (engine->connections, connect);
  vckc_mutex_unlock (&engine->mutex);
  return true;
}

void
vckc_engine_connect_close (VckcConnect *connect)
{
  VckcEngine *engine = vckc_engine_of (connect);
  bool is_last;

  vckc_mutex_lock (&engine->mutex);
  g_ptr_array_remove (engine->connections, connect);
  engine_registry_update_watching_locked (engine);
  is_last = engine->connections->len == 0;
  vckc_mutex_unlock (&engine->mutex);
  if (is_last)
    vckc_engine_await_watches (engine);
}

void
vckc_engine_connect_watch (VckcConnect *connect)
{
  VckcEngine *engine = vckc_engine_of (connect);

  vckc_mutex_lock (&engine->mutex);
  engine_registry_update_watching_locked (engine);
  vckc_mutex_unlock (&engine->mutex);
}

void
vckc_engine_connect_free (VckcConnect *connect)
{
  engine_registry_release (vckc_engine_of (connect));
}
