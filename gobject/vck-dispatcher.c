/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-dispatcher.h"

#include "vck-figures.h"
#include "vck-pool.h"

/* The number of events that may wait for the context; the documentation of events-lost names it. */
#define MAX_EVENTS 10000

/* One event of the core, queued. */
typedef struct
{
  GList link; /* in the queue; its data is the event */
  VckcEventType type;
  VckcDomain *domain;               /* owned reference, or NULL */
  VckcDomainCheckpoint *checkpoint; /* owned reference, or NULL */
  VckIdentity *identity; /* owned: of the job or checkpoint, else of the domain, else NULL */
  int state;
} Event;

struct _VckDispatcher
{
  gint ref_count;        /* atomic: the connection's, the subscription's and the source's */
  GWeakRef connection;   /* has a lock of its own */
  gpointer emitter;      /* borrowed: the connection, alive until stopped */
  VckcConnect *connect;  /* borrowed: alive until stopped */
  VckIdentity *identity; /* owned reference: of the connection */
  VckListEvents *lists;  /* owned reference; has a lock of its own */
  GMainContext *context; /* owned reference; immutable */
  int subscription;      /* immutable once the dispatcher is made */
  guint process;         /* that it belongs to; immutable */
  GMutex lock;           /* covers what follows; nothing is called with it held */
  GQueue events;         /* of Event, by their links */
  GHashTable *changes;   /* of Event, borrowed from the queue: one for each type and identity */
  gboolean lost;         /* the queue overflowed: all events are dropped until then */
  GSource *source;       /* owned reference; set while there is something to emit */
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
  vck_list_events_unref (self->lists);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->changes);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static VckDispatcher *
dispatcher_ref (VckDispatcher *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

/* The identity of the job or checkpoint, else of the domain, else NULL. */
static VckIdentity *
dispatcher_get_identity (VckDispatcher *self, const VckcEvent *event)
{
  g_autoptr (VckIdentity) domain = NULL;

  if (event->domain == NULL)
    return NULL;
  domain = vck_identity_get_child (self->identity, vckc_domain_get_uuid (event->domain, NULL),
                                   vckc_domain_get_incarnation (event->domain, NULL));
  if (event->job != NULL)
    return vck_identity_get_job (domain, vckc_job_info_get_id (event->job, NULL));
  if (event->checkpoint == NULL)
    return g_steal_pointer (&domain);
  return vck_identity_get_child (domain, vckc_domain_checkpoint_get_name (event->checkpoint, NULL),
                                 vckc_domain_checkpoint_get_incarnation (event->checkpoint, NULL));
}

static gboolean
event_update_properties (VckProperties *properties, const VckcEvent *event)
{
  gboolean changed = FALSE;

  switch (event->type)
    {
    case VCKC_EVENT_DOMAIN_STATE:
      return vck_properties_set_number (properties, VCK_PROPERTY_STATE, event->state);
    case VCKC_EVENT_DOMAIN_RENAMED:
      return vck_properties_set_text (properties, VCK_PROPERTY_NAME,
                                      vckc_domain_get_name (event->domain, NULL));
    case VCKC_EVENT_CHECKPOINT_CHANGED:
      changed = vck_properties_set_text (properties, VCK_PROPERTY_DESCRIPTION, event->description);
      changed |= vck_properties_set_text (properties, VCK_PROPERTY_PARENT_NAME, event->parent_name);
      changed |= vck_properties_set_parent (properties, event->parent);
      changed |=
          vck_properties_set_number (properties, VCK_PROPERTY_CREATION_TIME, event->creation_time);
      return changed;
    case VCKC_EVENT_JOB_STARTED:
    case VCKC_EVENT_JOB_PROGRESS:
    case VCKC_EVENT_JOB_ENDED:
      return vck_job_progress_take (vck_properties_get_job (properties), event->job);
    default:
      return FALSE;
    }
}

static gboolean
is_change (VckcEventType type)
{
  return type == VCKC_EVENT_DOMAIN_STATE || type == VCKC_EVENT_DOMAIN_RENAMED
         || type == VCKC_EVENT_CHECKPOINT_CHANGED || type == VCKC_EVENT_CHECKPOINTS_MEASURED
         || type == VCKC_EVENT_JOB_STARTED || type == VCKC_EVENT_JOB_PROGRESS
         || type == VCKC_EVENT_JOB_ENDED || type == VCKC_EVENT_DISKS_LISTED;
}

/* Updates the properties of the object, in the thread of the change. Returns whether they
 * changed. */
static gboolean
event_take_change (const Event *event, const VckcEvent *from)
{
  g_autoptr (VckProperties) properties = NULL;

  if (event->type == VCKC_EVENT_CHECKPOINTS_MEASURED)
    return vck_figures_take (event->identity, from);
  properties = vck_identity_add_change (event->identity);
  return properties != NULL && event_update_properties (properties, from);
}

static Event *
event_new (VckDispatcher *self, const VckcEvent *from)
{
  Event *event = g_new0 (Event, 1);

  event->link.data = event;
  event->type = from->type;
  event->state = from->state;
  event->identity = dispatcher_get_identity (self, from);
  if (from->domain != NULL && vckc_domain_ref (from->domain, NULL) == 0)
    event->domain = from->domain;
  if (from->checkpoint != NULL && vckc_domain_checkpoint_ref (from->checkpoint, NULL) == 0)
    event->checkpoint = from->checkpoint;
  return event;
}

static const char *
event_get_signal (VckcEventType type)
{
  switch (type)
    {
    case VCKC_EVENT_DOMAIN_ADDED:
      return "domain-added";
    case VCKC_EVENT_DOMAIN_REMOVED:
      return "domain-removed";
    case VCKC_EVENT_CHECKPOINT_ADDED:
      return "checkpoint-added";
    case VCKC_EVENT_CHECKPOINT_REMOVED:
      return "checkpoint-removed";
    default:
      return NULL;
    }
}

/* Making an object may need a remote call, so none is made without a handler. */
static gboolean
is_connected (gpointer object, VckcEventType type)
{
  return g_signal_has_handler_pending (
      object, g_signal_lookup (event_get_signal (type), G_OBJECT_TYPE (object)), 0, FALSE);
}

/* In any thread: takes no reference, which could become the last one and finalize the object in the
 * wrong thread. The connection is alive: stopping the dispatcher waits for this event. */
static gboolean
is_unconnected (VckDispatcher *self, const Event *event)
{
  const char *signal = event_get_signal (event->type);

  if (signal == NULL)
    return FALSE;
  if (event->checkpoint != NULL)
    return !vck_identity_has_handler (vck_identity_get_parent (event->identity), signal);
  return !g_signal_has_handler_pending (self->emitter,
                                        g_signal_lookup (signal, VCK_TYPE_CONNECTION), 0, TRUE);
}

/* The state in the event; -1 if it has to be queried. A removed domain has none. */
static gint
event_get_state (const Event *event)
{
  const gboolean known = event->state != VCKC_DOMAIN_STATE_NOSTATE;

  return known || event->type == VCKC_EVENT_DOMAIN_REMOVED ? event->state : -1;
}

static void
event_emit_domain (VckConnection *connection, const Event *event)
{
  const gboolean added = event->type == VCKC_EVENT_DOMAIN_ADDED;
  g_autoptr (VckDomain) domain = NULL;

  if (!is_connected (connection, event->type))
    return;
  vckc_domain_ref (event->domain, NULL);
  domain = vck_domain_wrap_as (connection, event->identity, event->domain, event_get_state (event));
  if (added)
    vck_connection_emit_domain_added (connection, domain);
  else
    vck_connection_emit_domain_removed (connection, domain);
}

/* The properties are up to date already. */
static void
event_emit_domain_changed (VckConnection *connection, const Event *event)
{
  g_autoptr (VckDomain) domain = vck_identity_ref_object (event->identity);

  if (domain != NULL)
    vck_domain_notify_changes (domain);
}

/* Without an object of the domain there is no handler. */
static void
event_emit_checkpoint (VckConnection *connection, const Event *event)
{
  const gboolean added = event->type == VCKC_EVENT_CHECKPOINT_ADDED;
  VckIdentity *parent = vck_identity_get_parent (event->identity);
  g_autoptr (VckDomain) domain = vck_identity_ref_object (parent);
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  if (domain == NULL || !is_connected (domain, event->type))
    return;
  vckc_domain_checkpoint_ref (event->checkpoint, NULL);
  checkpoint = vck_checkpoint_wrap_as (domain, event->identity, event->checkpoint);
  if (added)
    vck_domain_emit_checkpoint_added (domain, checkpoint);
  else
    vck_domain_emit_checkpoint_removed (domain, checkpoint);
}

static void
event_emit_checkpoint_changed (VckConnection *connection, const Event *event)
{
  g_autoptr (VckCheckpoint) checkpoint = vck_identity_ref_object (event->identity);

  if (checkpoint != NULL)
    vck_checkpoint_notify_changes (checkpoint);
}

static void
event_emit_measured (VckConnection *connection, const Event *event)
{
  vck_figures_notify (event->identity);
}

static void
event_emit_job_changed (VckConnection *connection, const Event *event)
{
  g_autoptr (VckBackupJob) job = vck_identity_ref_object (event->identity);

  if (job == NULL)
    return;
  vck_backup_job_notify_changes (job);
  if (event->type == VCKC_EVENT_JOB_ENDED)
    vck_backup_job_notify_end (job);
}

static void
event_emit_disk_changed (VckConnection *connection, const Event *event)
{
  g_autoptr (VckDisk) disk = vck_identity_ref_object (event->identity);

  if (disk != NULL)
    vck_disk_notify_changes (disk);
}

static void
event_emit_closed (VckConnection *connection, const Event *event)
{
  vck_list_events_close (connection);
  vck_connection_emit_closed (connection, (VckCloseReason) event->state);
}

static void (*const emitters[]) (VckConnection *connection, const Event *event) = {
  [VCKC_EVENT_DOMAIN_ADDED] = event_emit_domain,
  [VCKC_EVENT_DOMAIN_REMOVED] = event_emit_domain,
  [VCKC_EVENT_DOMAIN_STATE] = event_emit_domain_changed,
  [VCKC_EVENT_CHECKPOINT_ADDED] = event_emit_checkpoint,
  [VCKC_EVENT_CHECKPOINT_REMOVED] = event_emit_checkpoint,
  [VCKC_EVENT_CHECKPOINT_CHANGED] = event_emit_checkpoint_changed,
  [VCKC_EVENT_CHECKPOINTS_MEASURED] = event_emit_measured,
  [VCKC_EVENT_JOB_STARTED] = event_emit_job_changed,
  [VCKC_EVENT_JOB_PROGRESS] = event_emit_job_changed,
  [VCKC_EVENT_JOB_ENDED] = event_emit_job_changed,
  [VCKC_EVENT_DISKS_LISTED] = event_emit_disk_changed,
  [VCKC_EVENT_CLOSED] = event_emit_closed,
  [VCKC_EVENT_DOMAIN_RENAMED] = event_emit_domain_changed,
};

/* The queue */

static guint
event_hash (gconstpointer data)
{
  const Event *event = data;

  return g_direct_hash (event->identity) + (guint) event->type;
}

static gboolean
event_equal (gconstpointer a, gconstpointer b)
{
  const Event *one = a;
  const Event *other = b;

  return one->identity == other->identity && one->type == other->type;
}

static void
dispatcher_unlink_locked (VckDispatcher *self, Event *event)
{
  g_queue_unlink (&self->events, &event->link);
  if (is_change (event->type))
    g_hash_table_remove (self->changes, event);
}

/* An event of which type such an event replaces. */
static VckcEventType
event_type_get_outdated (VckcEventType type)
{
  switch (type)
    {
    case VCKC_EVENT_CHECKPOINT_REMOVED:
      return VCKC_EVENT_CHECKPOINT_CHANGED;
    case VCKC_EVENT_JOB_ENDED:
      return VCKC_EVENT_JOB_PROGRESS;
    default:
      return type;
    }
}

/* Removes the queued change that `event` replaces. */
static Event *
dispatcher_steal_outdated_locked (VckDispatcher *self, const Event *event)
{
  const Event key = { .type = event_type_get_outdated (event->type), .identity = event->identity };
  Event *outdated = g_hash_table_lookup (self->changes, &key);

  if (outdated != NULL)
    dispatcher_unlink_locked (self, outdated);
  return outdated;
}

static void
dispatcher_append_locked (VckDispatcher *self, Event *event)
{
  g_queue_push_tail_link (&self->events, &event->link);
  if (is_change (event->type))
    g_hash_table_add (self->changes, event);
}

static Event *
dispatcher_pop_locked (VckDispatcher *self)
{
  Event *event = g_queue_peek_head (&self->events);

  if (event != NULL)
    dispatcher_unlink_locked (self, event);
  return event;
}

static Event *
dispatcher_pop (VckDispatcher *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return dispatcher_pop_locked (self);
}

/* Queues the event; what is then to be freed goes to `superfluous`. */
static void
dispatcher_push_locked (VckDispatcher *self, Event *event, GPtrArray *superfluous)
{
  Event *outdated = dispatcher_steal_outdated_locked (self, event);

  if (outdated != NULL)
    g_ptr_array_add (superfluous, outdated);
  if (self->events.length >= MAX_EVENTS && event->type != VCKC_EVENT_CLOSED)
    self->lost = TRUE;
  if (self->lost)
    while ((outdated = dispatcher_pop_locked (self)) != NULL)
      g_ptr_array_add (superfluous, outdated);
  if (self->lost && event->type != VCKC_EVENT_CLOSED)
    g_ptr_array_add (superfluous, event);
  else
    dispatcher_append_locked (self, event);
}

static void
dispatcher_notify_job (VckBackupJob *job)
{
  vck_backup_job_notify_changes (job);
  if (vck_backup_job_get_state (job) >= VCK_JOB_STATE_DONE)
    vck_backup_job_notify_end (job);
}

/* Instead of the events that were lost. */
static void
dispatcher_notify_all (VckDispatcher *self, VckConnection *connection)
{
  g_autoptr (GPtrArray) objects = vck_identity_list_objects (self->identity);

  for (guint i = 0; i < objects->len; i++)
    {
      gpointer object = g_ptr_array_index (objects, i);

      if (VCK_IS_DOMAIN (object))
        vck_domain_notify_changes (object);
      else if (VCK_IS_CHECKPOINT (object))
        vck_checkpoint_notify_changes (object);
      else if (VCK_IS_DISK (object))
        vck_disk_notify_changes (object);
      else
        dispatcher_notify_job (object);
    }
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_INFO, "CODE_FILE", __FILE__, "CODE_LINE",
                    G_STRINGIFY (__LINE__), "CODE_FUNC", G_STRFUNC, "VCK_URI",
                    vck_connection_get_uri (connection), "MESSAGE",
                    "signals of '%s' were dropped: more than %d waited for its main context",
                    vck_connection_get_uri (connection), MAX_EVENTS);
  vck_connection_emit_events_lost (connection);
}

static gboolean
dispatcher_take_lost (VckDispatcher *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gboolean lost = self->lost;

  self->lost = FALSE;
  return lost;
}

static void
dispatcher_emit_next (VckDispatcher *self)
{
  g_autoptr (VckConnection) connection = g_weak_ref_get (&self->connection);
  g_autoptr (Event) event = NULL;

  if (connection == NULL)
    return;
  vck_list_events_apply (self->lists, connection);
  vck_connection_notify_opened (connection);
  if (dispatcher_take_lost (self))
    {
      dispatcher_notify_all (self, connection);
      return;
    }
  event = dispatcher_pop (self);
  if (event != NULL)
    emitters[event->type](connection, event);
}

/* Removes the source if it has nothing left to do. */
static GSource *
dispatcher_steal_idle_source (VckDispatcher *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_is_empty (&self->events) && !self->lost && vck_list_events_is_empty (self->lists)
             ? g_steal_pointer (&self->source)
             : NULL;
}

/* In a forked child: pending events belong to the parent, and locks may be held by threads that
 * exist only there. */
static gboolean
is_inherited (VckDispatcher *self)
{
  return self->process != vck_pool_get_process ();
}

/* Emits one event. The source may recurse: a handler that runs the main context sees the
 * events that follow. */
static gboolean
dispatch_cb (gpointer data)
{
  VckDispatcher *self = data;
  g_autoptr (GSource) idle = NULL;

  if (is_inherited (self))
    return G_SOURCE_REMOVE;
  dispatcher_emit_next (self);
  idle = dispatcher_steal_idle_source (self);
  if (idle != NULL)
    g_source_destroy (idle);
  return G_SOURCE_CONTINUE;
}

static GSource *
dispatcher_source_new (VckDispatcher *self)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_can_recurse (source, TRUE);
  g_source_set_static_name (source, "Vck events");
  g_source_set_callback (source, dispatch_cb, dispatcher_ref (self), dispatcher_unref);
  return source;
}

/* In any thread: has the source do what there is to do. */
static void
dispatcher_schedule (VckDispatcher *self)
{
  g_autoptr (GSource) source = NULL;

  g_mutex_lock (&self->lock);
  if (self->source == NULL)
    {
      self->source = dispatcher_source_new (self);
      source = g_source_ref (self->source);
    }
  g_mutex_unlock (&self->lock);

  if (source != NULL)
    g_source_attach (source, self->context);
}

/* In any thread: queues the event, and has the queue emitted. */
static void
dispatcher_push (VckDispatcher *self, Event *event /* (transfer full) */)
{
  g_autoptr (GPtrArray) superfluous = g_ptr_array_new_with_free_func ((GDestroyNotify) event_free);

  g_mutex_lock (&self->lock);
  dispatcher_push_locked (self, event, superfluous);
  g_mutex_unlock (&self->lock);
  dispatcher_schedule (self);
}

/* Jobs end with the connection as far as it knows; the objects are not used. */
static void
dispatcher_give_up_jobs (VckDispatcher *self)
{
  g_autoptr (GPtrArray) all = vck_identity_list_properties (self->identity);

  for (guint i = 0; i < all->len; i++)
    {
      VckJobProgress *job = vck_properties_get_job (g_ptr_array_index (all, i));

      if (job != NULL)
        vck_job_progress_give_up (job, vck_backup_job_new_closed_error ());
    }
}

/* What concerns lists only. */
static gboolean
is_of_lists (VckcEventType type)
{
  return type == VCKC_EVENT_DOMAINS_LISTED || type == VCKC_EVENT_CHECKPOINTS_LISTED
         || type == VCKC_EVENT_DISKS_CHANGED || type == VCKC_EVENT_DISKS_LISTED;
}

/* Called by the core, in any thread. */
static void
event_cb (const VckcEvent *event, void *opaque)
{
  VckDispatcher *self = opaque;
  g_autoptr (Event) copy = event_new (self, event);
  const gboolean of_lists = is_of_lists (event->type);
  const gboolean unchanged =
      !of_lists && is_change (event->type) && !event_take_change (copy, event);

  if (vck_list_events_push (self->lists, event, self->identity, copy->identity))
    dispatcher_schedule (self);
  if (of_lists)
    return;
  if (event->type == VCKC_EVENT_CLOSED)
    dispatcher_give_up_jobs (self);
  if (unchanged)
    return;
  if (!is_unconnected (self, copy))
    dispatcher_push (self, g_steal_pointer (&copy));
}

static void
dispatcher_push_change (VckDispatcher *self, VckcEventType type, VckIdentity *identity)
{
  Event *event = g_new0 (Event, 1);

  event->link.data = event;
  event->type = type;
  event->identity = vck_identity_ref (identity);
  dispatcher_push (self, event);
}

void
vck_dispatcher_push_job (VckDispatcher *self, VckIdentity *identity, gboolean ended)
{
  dispatcher_push_change (self, ended ? VCKC_EVENT_JOB_ENDED : VCKC_EVENT_JOB_PROGRESS, identity);
}

void
vck_dispatcher_push_disk (VckDispatcher *self, VckIdentity *identity)
{
  dispatcher_push_change (self, VCKC_EVENT_DISKS_LISTED, identity);
}

void
vck_dispatcher_wake (VckDispatcher *self)
{
  dispatcher_schedule (self);
}

VckDispatcher *
vck_dispatcher_new (VckConnection *connection,
                    VckcConnect *connect,
                    VckIdentity *identity,
                    VckListEvents *lists,
                    GMainContext *context,
                    VckcError **err)
{
  VckDispatcher *self = g_new0 (VckDispatcher, 1);

  self->ref_count = 2; /* the caller's and the subscription's */
  g_weak_ref_init (&self->connection, connection);
  self->emitter = connection;
  self->connect = connect;
  self->identity = vck_identity_ref (identity);
  self->lists = vck_list_events_ref (lists);
  self->context = g_main_context_ref (context);
  self->process = vck_pool_get_process ();
  g_mutex_init (&self->lock);
  g_queue_init (&self->events);
  self->changes = g_hash_table_new (event_hash, event_equal);

  self->subscription = vckc_connect_subscribe (connect, event_cb, self, dispatcher_unref, err);
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

  if (is_inherited (self))
    return;
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

  while ((event = dispatcher_pop (self)) != NULL)
    event_free (event);
  vck_list_events_clear (self->lists);
  dispatcher_unref (self);
}
