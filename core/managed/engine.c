/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/engine.h"

#define DEFAULT_JOB_TIMEOUT (30 * 1000)

VckcEngine *
vckc_engine_of (VckcConnect *connect)
{
  return connect->driver_data;
}

VckcBlockBackend *
vckc_engine_get_backend (VckcEngine *engine)
{
  return engine->backend;
}

void
vckc_engine_set_job_timeout (VckcEngine *engine, guint milliseconds)
{
  vckc_mutex_lock (&engine->mutex);
  engine->job_timeout = milliseconds;
  vckc_mutex_unlock (&engine->mutex);
}

VckcEngine *
vckc_engine_new (const char *key, const VckcEngineParts *parts)
{
  VckcEngine *engine = g_new0 (VckcEngine, 1);

  engine->key = g_strdup (key);
  engine->store = parts->store;
  engine->backend = parts->backend;
  engine->initial_state = parts->initial_state;
  vckc_mutex_init (&engine->define_mutex);
  vckc_mutex_init (&engine->mutex);
  vckc_cond_init (&engine->unlocked);
  vckc_cond_init (&engine->unreferenced);
  engine->ref_count = 1;
  engine->domains = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) vckc_managed_domain_unref);
  engine->connections = g_ptr_array_new ();
  engine->unreferenced_connections = g_ptr_array_new ();
  engine->job_timeout = DEFAULT_JOB_TIMEOUT;
  return engine;
}

static void
engine_free (VckcEngine *engine)
{
  /* That is this thread: all others are joined. */
  g_clear_pointer (&engine->left, g_thread_unref);
  g_hash_table_unref (engine->domains);
  g_ptr_array_unref (engine->connections);
  g_ptr_array_unref (engine->unreferenced_connections);
  vckc_block_backend_free (engine->backend);
  vckc_store_free (engine->store);
  vckc_cond_clear (&engine->unreferenced);
  vckc_cond_clear (&engine->unlocked);
  vckc_mutex_clear (&engine->mutex);
  vckc_mutex_clear (&engine->define_mutex);
  g_free (engine->key);
  g_free (engine);
}

void
vckc_engine_unref (VckcEngine *engine)
{
  bool last;

  vckc_mutex_lock (&engine->mutex);
  last = --engine->ref_count == 0;
  vckc_cond_broadcast (&engine->unreferenced);
  vckc_mutex_unlock (&engine->mutex);
  if (last)
    engine_free (engine);
}

/* The engine that this thread works for. */
static __thread VckcEngine *own_engine;

void
vckc_engine_enter_thread (VckcEngine *engine)
{
  own_engine = engine;
}

bool
vckc_engine_is_own_thread (VckcEngine *engine)
{
  return own_engine == engine;
}

/* A thread that has left still frees what is its own. It is joined by the next one that leaves, or
 * as all are waited for. */
static void
engine_leave (VckcEngine *engine, bool is_watch)
{
  GThread *previous;

  vckc_mutex_lock (&engine->mutex);
  previous = engine->left;
  engine->left = g_thread_ref (g_thread_self ());
  if (is_watch)
    engine->n_watches--;
  vckc_mutex_unlock (&engine->mutex);
  if (previous != NULL)
    g_thread_join (previous);
  vckc_engine_unref (engine);
}

void
vckc_engine_leave_thread (VckcEngine *engine)
{
  engine_leave (engine, false);
}

void
vckc_engine_leave_watch (VckcEngine *engine)
{
  engine_leave (engine, true);
}

static void
engine_join (GThread *left)
{
  if (left != NULL)
    g_thread_join (left);
}

void
vckc_engine_await_threads (VckcEngine *engine)
{
  GThread *left;

  if (own_engine == engine)
    return;
  vckc_mutex_lock (&engine->mutex);
  while (engine->ref_count > 1)
    vckc_cond_wait (&engine->unreferenced, &engine->mutex);
  left = g_steal_pointer (&engine->left);
  vckc_mutex_unlock (&engine->mutex);
  engine_join (left);
}

void
vckc_engine_await_watches (VckcEngine *engine)
{
  GThread *left = NULL;

  if (own_engine == engine)
    return;
  vckc_mutex_lock (&engine->mutex);
  while (engine->n_watches > 0 && !engine->watching)
    vckc_cond_wait (&engine->unreferenced, &engine->mutex);
  if (engine->n_watches == 0)
    left = g_steal_pointer (&engine->left);
  vckc_mutex_unlock (&engine->mutex);
  engine_join (left);
}

bool
vckc_engine_set_state (VckcEngine *engine, const char *uuid, VckcDomainState state)
{
  VckcManagedDomain *domain;
  bool changed;

  vckc_mutex_lock (&engine->mutex);
  domain = g_hash_table_lookup (engine->domains, uuid);
  changed = domain != NULL && domain->state != state;
  if (changed)
    {
      domain->state = state;
      vckc_engine_emit_domain_locked (engine, VCKC_EVENT_DOMAIN_STATE, domain);
    }
  vckc_mutex_unlock (&engine->mutex);
  if (changed)
    vckc_engine_flush (engine);
  return domain != NULL;
}

/* A domain without a socket of QEMU counts as off. */
static bool
engine_ask_state (VckcEngine *engine,
                  const VckcDomainDef *def,
                  const VckcBlockMachine *machine,
                  VckcDomainState *ret_state,
                  VckcError **err)
{
  *ret_state = VCKC_DOMAIN_STATE_SHUTOFF;
  if (machine->qmp_socket == NULL
      || vckc_block_get_state (engine->backend, machine, ret_state, err))
    return true;
  vckc_prefix_error (err, "cannot find out what domain '%s' is doing", def->name);
  return false;
}

bool
vckc_engine_query_state (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         VckcDomainState *ret_state,
                         VckcError **err)
{
  g_autoptr (VckcDomainDef) def = NULL;
  VckcBlockMachine machine;

  vckc_mutex_lock (&engine->mutex);
  def = vckc_domain_def_ref (domain->def);
  *ret_state = domain->state;
  vckc_mutex_unlock (&engine->mutex);
  if (!vckc_block_has_states (engine->backend))
    return true;
  machine = vckc_managed_domain_machine (domain, def);
  machine.since = 0; /* this may be asked beside a job */
  if (!engine_ask_state (engine, def, &machine, ret_state, err))
    return false;
  vckc_engine_set_state (engine, domain->uuid, *ret_state);
  return true;
}

static void
engine_push_event (VckcConnect *connect,
                   VckcEventType type,
                   VckcManagedDomain *domain,
                   const VckcCheckpointNode *node)
{
  g_autoptr (VckcDomain) handle = vckc_managed_domain_new_handle (connect, domain);
  g_autoptr (VckcDomainCheckpoint) checkpoint = NULL;
  g_autoptr (VckcDomainCheckpoint) parent = NULL;

  if (node != NULL)
    checkpoint = vckc_managed_domain_new_checkpoint_handle (handle, node);
  if (node != NULL && node->parent != NULL)
    parent = vckc_managed_domain_new_checkpoint_handle (handle, node->parent);
  if (type == VCKC_EVENT_CHECKPOINT_CHANGED)
    vckc_event_queue_push_changed (connect->events, checkpoint->domain, checkpoint,
                                   node->def->description, node->def->parent_name, parent,
                                   node->def->creation_time);
  else
    vckc_event_queue_push (connect->events, type, handle, checkpoint, domain->state);
}

static void
engine_push_job_event (VckcConnect *connect,
                       VckcEventType type,
                       VckcManagedDomain *domain,
                       VckcJobInfo *job)
{
  g_autoptr (VckcDomain) handle = vckc_managed_domain_new_handle (connect, domain);

  vckc_event_queue_push_job (connect->events, type, handle, job);
}

/* What an event is about, besides the domain. */
typedef struct
{
  const VckcCheckpointNode *node; /* (nullable) */
  VckcJobInfo *job;               /* (nullable) */
} EventSubject;

static void
engine_emit_locked (VckcEngine *engine,
                    VckcEventType type,
                    VckcManagedDomain *domain,
                    const EventSubject *subject)
{
  for (guint i = 0; i < engine->connections->len; i++)
    {
      VckcConnect *connect = vckc_object_try_ref (g_ptr_array_index (engine->connections, i));

      if (connect == NULL)
        continue;
      if (subject->job != NULL)
        engine_push_job_event (connect, type, domain, subject->job);
      else
        engine_push_event (connect, type, domain, subject->node);
      /* Its end would want the mutex. */
      if (!vckc_object_try_unref (connect))
        g_ptr_array_add (engine->unreferenced_connections, connect);
    }
}

void
vckc_engine_emit_checkpoint_locked (VckcEngine *engine,
                                    VckcEventType type,
                                    VckcManagedDomain *domain,
                                    const VckcCheckpointNode *node)
{
  const EventSubject subject = { .node = node };

  engine_emit_locked (engine, type, domain, &subject);
}

void
vckc_engine_emit_job_locked (VckcEngine *engine,
                             VckcEventType type,
                             VckcManagedDomain *domain,
                             VckcJobInfo *job)
{
  const EventSubject subject = { .job = job };

  engine_emit_locked (engine, type, domain, &subject);
}

void
vckc_engine_emit_domain_locked (VckcEngine *engine, VckcEventType type, VckcManagedDomain *domain)
{
  vckc_engine_emit_checkpoint_locked (engine, type, domain, NULL);
}

void
vckc_engine_flush (VckcEngine *engine)
{
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (vckc_object_unref);

  vckc_mutex_lock (&engine->mutex);
  for (guint i = 0; i < engine->connections->len; i++)
    {
      VckcConnect *connect = vckc_object_try_ref (g_ptr_array_index (engine->connections, i));

      if (connect != NULL)
        g_ptr_array_add (connections, connect);
    }
  for (guint i = 0; i < engine->unreferenced_connections->len; i++)
    g_ptr_array_add (connections, g_ptr_array_index (engine->unreferenced_connections, i));
  g_ptr_array_set_size (engine->unreferenced_connections, 0);
  vckc_mutex_unlock (&engine->mutex);

  for (guint i = 0; i < connections->len; i++)
    vckc_event_queue_deliver (((VckcConnect *) g_ptr_array_index (connections, i))->events);
}
