/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/event-queue.h"

#include "base/lock.h"
#include "handles/object.h"

/* An event, and what its arrays are in. */
typedef struct
{
  VckcEvent event;
  GPtrArray *listed; /* (nullable), owned */
} QueuedEvent;

typedef struct
{
  gint ref_count; /* atomic: one of the list, one of a delivery under way */
  int id;
  bool removed; /* under the queue's mutex */
  VckcEventCallback callback;
  void *opaque;
  void (*free_opaque) (void *opaque);
} Subscriber;

struct _VckcEventQueue
{
  VckcMutex mutex;        /* covers all below */
  VckcCond idle;          /* signalled when an event was delivered, and when a delivery ends */
  GQueue events;          /* of QueuedEvent */
  GPtrArray *subscribers; /* of Subscriber */
  GThread *deliverer;     /* the thread that delivers now, or NULL; not owned */
  guint64 n_pushed;       /* how many events there ever were */
  guint64 n_delivered;    /* how many of them were delivered to every subscriber */
  int last_id;
};

static void
event_free (QueuedEvent *queued)
{
  VckcEvent *event = &queued->event;

  g_clear_pointer (&queued->listed, g_ptr_array_unref);
  vckc_object_unref (event->job);
  vckc_object_unref (event->parent);
  vckc_object_unref (event->checkpoint);
  vckc_object_unref (event->domain);
  g_free ((char *) event->description);
  g_free ((char *) event->parent_name);
  g_free (queued);
}

static void
subscriber_unref (gpointer data)
{
  Subscriber *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  if (self->free_opaque != NULL)
    self->free_opaque (self->opaque);
  g_free (self);
}

static gpointer
subscriber_ref (gconstpointer data, gpointer unused)
{
  Subscriber *self = (Subscriber *) data;

  g_atomic_int_inc (&self->ref_count);
  return self;
}

VckcEventQueue *
vckc_event_queue_new (void)
{
  VckcEventQueue *queue = g_new0 (VckcEventQueue, 1);

  vckc_mutex_init (&queue->mutex);
  vckc_cond_init (&queue->idle);
  g_queue_init (&queue->events);
  queue->subscribers = g_ptr_array_new_with_free_func (subscriber_unref);
  return queue;
}

void
vckc_event_queue_free (VckcEventQueue *queue)
{
  g_queue_clear_full (&queue->events, (GDestroyNotify) event_free);
  g_ptr_array_unref (queue->subscribers);
  vckc_cond_clear (&queue->idle);
  vckc_mutex_clear (&queue->mutex);
  g_free (queue);
}

static QueuedEvent *
event_new (VckcEventType type, VckcDomain *domain, VckcDomainCheckpoint *checkpoint)
{
  QueuedEvent *queued = g_new0 (QueuedEvent, 1);

  queued->event.type = type;
  queued->event.domain = domain != NULL ? vckc_object_ref (domain) : NULL;
  queued->event.checkpoint = checkpoint != NULL ? vckc_object_ref (checkpoint) : NULL;
  return queued;
}

static void
push (VckcEventQueue *queue, QueuedEvent *event /* (transfer full) */)
{
  bool is_heard;

  vckc_mutex_lock (&queue->mutex);
  is_heard = queue->subscribers->len > 0;
  if (is_heard)
    {
      g_queue_push_tail (&queue->events, event);
      queue->n_pushed++;
    }
  vckc_mutex_unlock (&queue->mutex);
  if (!is_heard)
    event_free (event);
}

void
vckc_event_queue_push (VckcEventQueue *queue,
                       VckcEventType type,
                       VckcDomain *domain,
                       VckcDomainCheckpoint *checkpoint,
                       int state)
{
  QueuedEvent *event = event_new (type, domain, checkpoint);

  event->event.state = state;
  push (queue, event);
}

void
vckc_event_queue_push_changed (VckcEventQueue *queue,
                               VckcDomain *domain,
                               VckcDomainCheckpoint *checkpoint,
                               const char *description,
                               const char *parent_name,
                               VckcDomainCheckpoint *parent,
                               gint64 creation_time)
{
  QueuedEvent *event = event_new (VCKC_EVENT_CHECKPOINT_CHANGED, domain, checkpoint);

  event->event.description = g_strdup (description);
  event->event.parent_name = g_strdup (parent_name);
  event->event.parent = parent != NULL ? vckc_object_ref (parent) : NULL;
  event->event.creation_time = creation_time;
  push (queue, event);
}

void
vckc_event_queue_push_job (VckcEventQueue *queue,
                           VckcEventType type,
                           VckcDomain *domain,
                           VckcJobInfo *job)
{
  QueuedEvent *event = event_new (type, domain, NULL);

  event->event.job = vckc_object_ref (job);
  push (queue, event);
}

void
vckc_event_queue_push_list (VckcEventQueue *queue, VckcDomain *domain, GPtrArray *listed)
{
  const VckcEventType type =
      domain != NULL ? VCKC_EVENT_CHECKPOINTS_LISTED : VCKC_EVENT_DOMAINS_LISTED;
  QueuedEvent *event = event_new (type, domain, NULL);

  event->listed = listed;
  event->event.n_listed = listed->len;
  if (domain != NULL)
    event->event.checkpoints = (VckcDomainCheckpoint *const *) listed->pdata;
  else
    event->event.domains = (VckcDomain *const *) listed->pdata;
  push (queue, event);
}

/* Takes references to what the event lists. */
static void
event_copy_listed (QueuedEvent *event, gpointer const *listed, gsize n_listed)
{
  event->listed = g_ptr_array_new_full ((guint) n_listed, vckc_object_unref);
  for (gsize i = 0; i < n_listed; i++)
    g_ptr_array_add (event->listed, vckc_object_ref (listed[i]));
  event->event.n_listed = n_listed;
}

void
vckc_event_queue_push_measured (VckcEventQueue *queue,
                                VckcDomain *domain,
                                VckcDomainCheckpointDisk *const *disks,
                                gsize n_disks,
                                gint64 measured_at)
{
  QueuedEvent *event = event_new (VCKC_EVENT_CHECKPOINTS_MEASURED, domain, NULL);

  event_copy_listed (event, (gpointer const *) disks, n_disks);
  event->event.disks = (VckcDomainCheckpointDisk *const *) event->listed->pdata;
  event->event.measured_at = measured_at;
  push (queue, event);
}

void
vckc_event_queue_push_disks (VckcEventQueue *queue,
                             VckcDomain *domain,
                             VckcDomainDisk *const *disks,
                             gsize n_disks,
                             guint64 look)
{
  QueuedEvent *event = event_new (VCKC_EVENT_DISKS_LISTED, domain, NULL);

  event_copy_listed (event, (gpointer const *) disks, n_disks);
  event->event.look = look;
  event->event.domain_disks = (VckcDomainDisk *const *) event->listed->pdata;
  push (queue, event);
}

/* Enters with the mutex held and leaves it so, but lets go of it meanwhile. */
static void
deliver_one_locked (VckcEventQueue *queue, QueuedEvent *event)
{
  GPtrArray *subscribers = g_ptr_array_copy (queue->subscribers, (GCopyFunc) subscriber_ref, NULL);

  for (guint i = 0; i < subscribers->len; i++)
    {
      Subscriber *subscriber = g_ptr_array_index (subscribers, i);

      if (subscriber->removed)
        continue;
      vckc_mutex_unlock (&queue->mutex);
      subscriber->callback (&event->event, subscriber->opaque);
      vckc_mutex_lock (&queue->mutex);
    }

  vckc_mutex_unlock (&queue->mutex);
  g_ptr_array_unref (subscribers);
  event_free (event);
  vckc_mutex_lock (&queue->mutex);
}

static void
deliver_all_locked (VckcEventQueue *queue)
{
  QueuedEvent *event;

  queue->deliverer = g_thread_self ();
  while ((event = g_queue_pop_head (&queue->events)) != NULL)
    {
      deliver_one_locked (queue, event);
      queue->n_delivered++;
      vckc_cond_broadcast (&queue->idle);
    }
  queue->deliverer = NULL;
  vckc_cond_broadcast (&queue->idle);
}

void
vckc_event_queue_deliver (VckcEventQueue *queue)
{
  vckc_mutex_lock (&queue->mutex);
  if (queue->deliverer == NULL)
    deliver_all_locked (queue);
  vckc_mutex_unlock (&queue->mutex);
}

void
vckc_event_queue_flush (VckcEventQueue *queue)
{
  guint64 target;

  vckc_mutex_lock (&queue->mutex);
  target = queue->n_pushed;
  while (queue->n_delivered < target && queue->deliverer != g_thread_self ())
    if (queue->deliverer == NULL)
      deliver_all_locked (queue);
    else
      vckc_cond_wait (&queue->idle, &queue->mutex);
  vckc_mutex_unlock (&queue->mutex);
}

int
vckc_event_queue_subscribe (VckcEventQueue *queue,
                            VckcEventCallback callback,
                            void *opaque,
                            void (*free_opaque) (void *opaque))
{
  Subscriber *subscriber = g_new0 (Subscriber, 1);
  int id;

  subscriber->ref_count = 1;
  subscriber->callback = callback;
  subscriber->opaque = opaque;
  subscriber->free_opaque = free_opaque;

  vckc_mutex_lock (&queue->mutex);
  id = subscriber->id = ++queue->last_id;
  g_ptr_array_add (queue->subscribers, subscriber);
  vckc_mutex_unlock (&queue->mutex);
  return id;
}

/* Takes the subscriber out of the list; the caller gets the list's reference. */
static Subscriber *
steal_subscriber_locked (VckcEventQueue *queue, int id)
{
  for (guint i = 0; i < queue->subscribers->len; i++)
    {
      Subscriber *subscriber = g_ptr_array_index (queue->subscribers, i);

      if (subscriber->id == id)
        return g_ptr_array_steal_index (queue->subscribers, i);
    }
  return NULL;
}

bool
vckc_event_queue_unsubscribe (VckcEventQueue *queue, int id)
{
  Subscriber *subscriber;

  vckc_mutex_lock (&queue->mutex);
  subscriber = steal_subscriber_locked (queue, id);
  if (subscriber != NULL)
    {
      subscriber->removed = true;
      while (queue->deliverer != NULL && queue->deliverer != g_thread_self ())
        vckc_cond_wait (&queue->idle, &queue->mutex);
    }
  vckc_mutex_unlock (&queue->mutex);

  if (subscriber == NULL)
    return false;
  subscriber_unref (subscriber);
  return true;
}

bool
vckc_event_queue_has_subscribers (VckcEventQueue *queue)
{
  bool has;

  vckc_mutex_lock (&queue->mutex);
  has = queue->subscribers->len > 0;
  vckc_mutex_unlock (&queue->mutex);
  return has;
}
