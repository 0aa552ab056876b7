/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-dispatcher.h"

/* One event of the core, kept until it is its turn. */
typedef struct
{
  VckcEventType type;
  VckcDomain *domain;               /* owned reference, or NULL */
  VckcDomainCheckpoint *checkpoint; /* owned reference, or NULL */
  VckIdentity *identity;            /* owned: of the checkpoint, else of the domain, else NULL */
  int state;
} Event;

struct _VckDispatcher
{
  gint ref_count;        /* atomic: the connection's, the subscription's and the source's */
  GWeakRef connection;   /* has a lock of its own */
  VckcConnect *connect;  /* borrowed: alive until stopped */
  VckIdentity *identity; /* owned reference: of the connection */
  GMainContext *context; /* owned reference; immutable */
  int subscription;      /* immutable once the dispatcher is made */
  GMutex lock;           /* covers what follows; nothing is called with it held */
  GQueue events;         /* of Event */
  GSource *source;       /* owned reference; there is one as long as there are events */
};

static void
event_free (Event *event)
{
  g_clear_pointer (&event->identity, vck_identity_unref);
  if (event->checkpoint != NULL)
    vckc_domain_checkpoint_unref (event->checkpoint, NULL);
  if (event->domain != NULL)
    vckc_domain_unref (event->domain, NULL);
  g_free (event);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Event, event_free)

static void
dispatcher_unref (gpointer data)
{
  VckDispatcher *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_weak_ref_clear (&self->connection);
  vck_identity_unref (self->identity);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static VckDispatcher *
dispatcher_ref (VckDispatcher *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* Whose event it is. A removal ends the identity here, in the thread of the change: what
 * is made under the same name later must not be taken for what is gone. */
static VckIdentity *
identify (VckDispatcher *self, const VckcEvent *event)
{
  g_autoptr (VckIdentity) domain = NULL;
  const char *name;

  if (event->domain == NULL)
    return NULL;
  name = vckc_domain_get_uuid (event->domain, NULL);
  if (event->type == VCKC_EVENT_DOMAIN_REMOVED)
    return vck_identity_retire_child (self->identity, name);

  domain = vck_identity_get_child (self->identity, name);
  if (event->checkpoint == NULL)
    return g_steal_pointer (&domain);
  name = vckc_domain_checkpoint_get_name (event->checkpoint, NULL);
  if (event->type == VCKC_EVENT_CHECKPOINT_REMOVED)
    return vck_identity_retire_child (domain, name);
  return vck_identity_get_child (domain, name);
}

static Event *
event_new (VckDispatcher *self, const VckcEvent *from)
{
  Event *event = g_new0 (Event, 1);

  event->type = from->type;
  event->state = from->state;
  event->identity = identify (self, from);
  if (from->domain != NULL && vckc_domain_ref (from->domain, NULL) == 0)
    event->domain = from->domain;
  if (from->checkpoint != NULL && vckc_domain_checkpoint_ref (from->checkpoint, NULL) == 0)
    event->checkpoint = from->checkpoint;
  return event;
}

/* Making an object may ask a host that is far away, so none is made for nobody. */
static gboolean
is_heard (gpointer object, const char *signal)
{
  return g_signal_has_handler_pending (object, g_signal_lookup (signal, G_OBJECT_TYPE (object)), 0,
                                       FALSE);
}

/* As far as the event tells; else it has to be asked for. What is gone has none. */
static gint
get_state (const Event *event)
{
  const gboolean told = event->state != VCKC_DOMAIN_STATE_NOSTATE;

  return told || event->type == VCKC_EVENT_DOMAIN_REMOVED ? event->state : -1;
}

static void
emit_domain (VckConnection *connection, const Event *event)
{
  const gboolean added = event->type == VCKC_EVENT_DOMAIN_ADDED;
  g_autoptr (VckDomain) domain = NULL;

  if (!is_heard (connection, added ? "domain-added" : "domain-removed"))
    return;
  vckc_domain_ref (event->domain, NULL);
  domain = vck_domain_wrap_as (connection, event->identity, event->domain, get_state (event));
  if (added)
    vck_connection_emit_domain_added (connection, domain);
  else
    vck_connection_emit_domain_removed (connection, domain);
}

static void
emit_domain_state (VckConnection *connection, const Event *event)
{
  g_autoptr (VckDomain) domain = vck_identity_ref_object_for_news (event->identity);

  if (domain != NULL)
    vck_domain_set_state (domain, (VckDomainState) event->state);
}

static void
emit_domain_renamed (VckConnection *connection, const Event *event)
{
  g_autoptr (VckDomain) domain = vck_identity_ref_object_for_news (event->identity);

  if (domain != NULL)
    vck_domain_set_name (domain, vckc_domain_get_name (event->domain, NULL));
}

/* Without an object of the domain nobody can be listening. */
static void
emit_checkpoint (VckConnection *connection, const Event *event)
{
  const gboolean added = event->type == VCKC_EVENT_CHECKPOINT_ADDED;
  VckIdentity *parent = vck_identity_get_parent (event->identity);
  g_autoptr (VckDomain) domain = vck_identity_ref_object (parent);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  if (domain == NULL || !is_heard (domain, added ? "checkpoint-added" : "checkpoint-removed"))
    return;
  vckc_domain_checkpoint_ref (event->checkpoint, NULL);
  checkpoint = vck_checkpoint_wrap_as (domain, event->identity, event->checkpoint);
  if (added)
    vck_domain_emit_checkpoint_added (domain, checkpoint);
  else
    vck_domain_emit_checkpoint_removed (domain, checkpoint);
}

static void
emit_checkpoint_changed (VckConnection *connection, const Event *event)
{
  g_autoptr (VckCheckpoint) checkpoint = vck_identity_ref_object_for_news (event->identity);

  if (checkpoint != NULL)
    vck_checkpoint_refresh (checkpoint);
}

static void
emit_closed (VckConnection *connection, const Event *event)
{
  vck_connection_emit_closed (connection, (VckCloseReason) event->state);
}

static void (*const emitters[]) (VckConnection *connection, const Event *event) = {
  [VCKC_EVENT_DOMAIN_ADDED] = emit_domain,
  [VCKC_EVENT_DOMAIN_REMOVED] = emit_domain,
  [VCKC_EVENT_DOMAIN_STATE] = emit_domain_state,
  [VCKC_EVENT_CHECKPOINT_ADDED] = emit_checkpoint,
  [VCKC_EVENT_CHECKPOINT_REMOVED] = emit_checkpoint,
  [VCKC_EVENT_CHECKPOINT_CHANGED] = emit_checkpoint_changed,
  [VCKC_EVENT_CLOSED] = emit_closed,
  [VCKC_EVENT_DOMAIN_RENAMED] = emit_domain_renamed,
};

static Event *
next_event (VckDispatcher *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->events);
}

static void
emit_next (VckDispatcher *self)
{
  g_autoptr (VckConnection) connection = g_weak_ref_get (&self->connection);
  g_autoptr (Event) event = connection != NULL ? next_event (self) : NULL;

  if (event != NULL)
    emitters[event->type] (connection, event);
}

/* Takes the source away if it has nothing left to do. */
static GSource *
steal_idle_source (VckDispatcher *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_is_empty (&self->events) ? g_steal_pointer (&self->source) : NULL;
}

/* Emits one event. The source may recurse: a handler that runs the main context sees the
 * events that follow. */
static gboolean
dispatch_cb (gpointer data)
{
  VckDispatcher *self = data;
  g_autoptr (GSource) idle = NULL;

  emit_next (self);
  idle = steal_idle_source (self);
  if (idle != NULL)
    g_source_destroy (idle);
  return G_SOURCE_CONTINUE;
}

static GSource *
source_new (VckDispatcher *self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_can_recurse (source, TRUE);
  g_source_set_static_name (source, "Vck events");
  g_source_set_callback (source, dispatch_cb, dispatcher_ref (self), dispatcher_unref);
  return source;
}

/* Called by the core, in any thread. */
static void
event_cb (const VckcEvent *event, void *opaque)
{
  VckDispatcher *self = opaque;
  Event *copy = event_new (self, event);
  g_autoptr (GSource) source = NULL;

  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->events, copy);
  if (self->source == NULL)
    {
      self->source = source_new (self);
      source = g_source_ref (self->source);
    }
  g_mutex_unlock (&self->lock);

  if (source != NULL)
    g_source_attach (source, self->context);
}

VckDispatcher *
vck_dispatcher_new (VckConnection *connection,
                    VckcConnect *connect,
                    VckIdentity *identity,
                    GMainContext *context,
                    VckcError **err)
{
  VckDispatcher *self = g_new0 (VckDispatcher, 1);

  self->ref_count = 2; /* the caller's and the subscription's */
  g_weak_ref_init (&self->connection, connection);
  self->connect = connect;
  self->identity = vck_identity_ref (identity);
  self->context = g_main_context_ref (context);
  g_mutex_init (&self->lock);
  g_queue_init (&self->events);

  self->subscription
      = vckc_connect_subscribe (connect, event_cb, self, dispatcher_unref, err);
  if (self->subscription > 0)
    return self;
  dispatcher_unref (self);
  dispatcher_unref (self);
  return NULL;
}

void
vck_dispatcher_stop (VckDispatcher *self)
{
  GSource *source;
  Event *event;

  vckc_connect_unsubscribe (self->connect, self->subscription, NULL);

  g_mutex_lock (&self->lock);
  source = g_steal_pointer (&self->source);
  g_mutex_unlock (&self->lock);
  /* Before the context, which may end with the last reference to the dispatcher. */
  if (source != NULL)
    {
      g_source_destroy (source);
      g_source_unref (source);
    }

  while ((event = next_event (self)) != NULL)
    event_free (event);
  dispatcher_unref (self);
}
