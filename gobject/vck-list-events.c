/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-list-events.h"

#include "vck-list.h"

/* The number of events that may wait; as for signals. */
#define MAX_EVENTS 10000

typedef struct
{
  VckcEventType type;
  VckIdentity *identity;            /* (nullable), owned reference */
  VckcDomain *domain;               /* (nullable), owned reference */
  VckcDomainCheckpoint *checkpoint; /* (nullable), owned reference */
  int state;
  guint64 look;
  GPtrArray *listed; /* (nullable), owned: handles, with owned references */
} ListEvent;

struct _VckListEvents
{
  gint ref_count;   /* atomic */
  GMutex lock;      /* covers what follows; nothing is called with it held */
  GQueue events;    /* of ListEvent */
  gboolean lost;    /* changes are dropped until the lists are loaded again */
  GPtrArray *dirty; /* in the main context only: lists with changes that were not made yet */
};

static void
domain_unref_cb (gpointer handle)
{
  vckc_domain_unref (handle, NULL);
}

static void
checkpoint_unref_cb (gpointer handle)
{
  vckc_domain_checkpoint_unref (handle, NULL);
}

static void
disk_unref_cb (gpointer handle)
{
  vckc_domain_disk_unref (handle, NULL);
}

static void
list_event_free (gpointer data)
{
  ListEvent *event = data;

  g_clear_pointer (&event->listed, g_ptr_array_unref);
  g_clear_pointer (&event->identity, vck_identity_unref);
  if (event->checkpoint != NULL)
    vckc_domain_checkpoint_unref (event->checkpoint, NULL);
  if (event->domain != NULL)
    vckc_domain_unref (event->domain, NULL);
  g_free (event);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ListEvent, list_event_free)

/* Disks are listed by other calls than loads, too. */
static gboolean
is_list_of_load (VckcEventType type)
{
  return type == VCKC_EVENT_DOMAINS_LISTED || type == VCKC_EVENT_CHECKPOINTS_LISTED;
}

static GDestroyNotify
event_get_unref (VckcEventType type)
{
  switch (type)
    {
    case VCKC_EVENT_DOMAINS_LISTED:
      return domain_unref_cb;
    case VCKC_EVENT_CHECKPOINTS_LISTED:
      return checkpoint_unref_cb;
    case VCKC_EVENT_DISKS_LISTED:
      return disk_unref_cb;
    default:
      return NULL;
    }
}

/* A reference to one of what is listed; NULL if it cannot be taken. */
static gpointer
event_ref_listed (const VckcEvent *event, gsize i)
{
  switch (event->type)
    {
    case VCKC_EVENT_DOMAINS_LISTED:
      return vckc_domain_ref (event->domains[i], NULL) == 0 ? event->domains[i] : NULL;
    case VCKC_EVENT_CHECKPOINTS_LISTED:
      return vckc_domain_checkpoint_ref (event->checkpoints[i], NULL) == 0 ? event->checkpoints[i]
                                                                           : NULL;
    default:
      return vckc_domain_disk_ref (event->domain_disks[i], NULL) == 0 ? event->domain_disks[i]
                                                                      : NULL;
    }
}

static GPtrArray *
list_event_copy_listed (const VckcEvent *event)
{
  GPtrArray *listed = g_ptr_array_new_full ((guint) event->n_listed, event_get_unref (event->type));

  for (gsize i = 0; i < event->n_listed; i++)
    {
      gpointer handle = event_ref_listed (event, i);

      if (handle != NULL)
        g_ptr_array_add (listed, handle);
    }
  return listed;
}

static ListEvent *
list_event_new (const VckcEvent *from, VckIdentity *identity)
{
  ListEvent *event = g_new0 (ListEvent, 1);

  event->type = from->type;
  event->state = from->state;
  event->look = from->look;
  event->identity = identity != NULL ? vck_identity_ref (identity) : NULL;
  if (from->domain != NULL && vckc_domain_ref (from->domain, NULL) == 0)
    event->domain = from->domain;
  if (from->checkpoint != NULL && vckc_domain_checkpoint_ref (from->checkpoint, NULL) == 0)
    event->checkpoint = from->checkpoint;
  if (event_get_unref (from->type) != NULL)
    event->listed = list_event_copy_listed (from);
  return event;
}

VckListEvents *
vck_list_events_new (void)
{
  VckListEvents *self = g_new0 (VckListEvents, 1);

  self->ref_count = 1;
  g_mutex_init (&self->lock);
  g_queue_init (&self->events);
  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

VckListEvents *
vck_list_events_ref (VckListEvents *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
vck_list_events_unref (VckListEvents *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  g_queue_clear_full (&self->events, list_event_free);
  g_ptr_array_unref (self->dirty);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static ListEvent *
list_events_pop (VckListEvents *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_pop_head (&self->events);
}

void
vck_list_events_clear (VckListEvents *self)
{
  ListEvent *event;

  while ((event = list_events_pop (self)) != NULL)
    list_event_free (event);
}

/* --- in any thread --- */

static gboolean
has_list_of_disks (VckIdentity *domain)
{
  g_autoptr (VckIdentity) disks = vck_identity_find_disks (domain);

  return disks != NULL && vck_identity_has_list (disks);
}

/* Whose list the event concerns: the connection's is that of the root. */
static gboolean
is_followed (const VckcEvent *event, VckIdentity *root, VckIdentity *identity)
{
  switch (event->type)
    {
    case VCKC_EVENT_DOMAINS_LISTED:
    case VCKC_EVENT_DOMAIN_ADDED:
      return vck_identity_has_list (root);
    case VCKC_EVENT_DOMAIN_REMOVED:
      return vck_identity_has_list (root) || has_list_of_disks (identity);
    case VCKC_EVENT_DOMAIN_STATE:
    case VCKC_EVENT_DISKS_CHANGED:
    case VCKC_EVENT_DISKS_LISTED:
      return has_list_of_disks (identity);
    case VCKC_EVENT_CHECKPOINTS_LISTED:
      return vck_identity_has_list (identity);
    case VCKC_EVENT_CHECKPOINT_ADDED:
    case VCKC_EVENT_CHECKPOINT_REMOVED:
    case VCKC_EVENT_CHECKPOINT_CHANGED:
      return vck_identity_has_list (vck_identity_get_parent (identity));
    default:
      return FALSE;
    }
}

/* Moves all changes to `dropped`. */
static void
list_events_drop_changes_locked (VckListEvents *self, GPtrArray *dropped)
{
  GList *link = self->events.head;

  while (link != NULL)
    {
      GList *next = link->next;
      ListEvent *event = link->data;

      if (!is_list_of_load (event->type))
        {
          g_ptr_array_add (dropped, event);
          g_queue_delete_link (&self->events, link);
        }
      link = next;
    }
}

gboolean
vck_list_events_push (VckListEvents *self,
                      const VckcEvent *from,
                      VckIdentity *root,
                      VckIdentity *identity)
{
  g_autoptr (GPtrArray) dropped = g_ptr_array_new_with_free_func (list_event_free);
  ListEvent *event;

  if (!is_followed (from, root, identity))
    return FALSE;
  event = list_event_new (from, identity);
  g_mutex_lock (&self->lock);
  if (self->events.length >= MAX_EVENTS && !self->lost)
    {
      self->lost = TRUE;
      list_events_drop_changes_locked (self, dropped);
    }
  if (self->lost && !is_list_of_load (event->type))
    g_ptr_array_add (dropped, event);
  else
    g_queue_push_tail (&self->events, event);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

gboolean
vck_list_events_is_empty (VckListEvents *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_queue_is_empty (&self->events) && !self->lost;
}

/* --- in the main context --- */

static void
collect_list (GPtrArray *lists, VckListSlots *slots, VckListSlot slot)
{
  gpointer list = vck_list_slots_ref (slots, slot);

  if (list != NULL)
    g_ptr_array_add (lists, list);
}

/* The connection's list and those of all domains. */
static GPtrArray *
list_events_collect_lists (VckConnection *connection)
{
  g_autoptr (GPtrArray) objects =
      vck_identity_list_objects (vck_connection_get_identity (connection));
  GPtrArray *lists = g_ptr_array_new_with_free_func (g_object_unref);

  collect_list (lists, vck_connection_get_lists (connection), VCK_LIST_SLOT_MAIN);
  for (guint i = 0; i < objects->len; i++)
    if (VCK_IS_DOMAIN (objects->pdata[i]))
      {
        collect_list (lists, vck_domain_get_lists (objects->pdata[i]), VCK_LIST_SLOT_MAIN);
        collect_list (lists, vck_domain_get_lists (objects->pdata[i]), VCK_LIST_SLOT_DISKS);
      }
  return lists;
}

static void
list_events_mark (VckListEvents *self, gpointer model)
{
  if (!g_ptr_array_find (self->dirty, model, NULL))
    g_ptr_array_add (self->dirty, g_object_ref (model));
}

static GPtrArray *
list_event_wrap_domains (VckConnection *connection, const ListEvent *event)
{
  GPtrArray *rows = g_ptr_array_new_full (event->listed->len, g_object_unref);

  for (guint i = 0; i < event->listed->len; i++)
    {
      vckc_domain_ref (event->listed->pdata[i], NULL);
      g_ptr_array_add (rows, vck_domain_wrap (connection, event->listed->pdata[i]));
    }
  return rows;
}

static GPtrArray *
list_event_wrap_checkpoints (VckDomain *domain, const ListEvent *event)
{
  GPtrArray *rows = g_ptr_array_new_full (event->listed->len, g_object_unref);

  for (guint i = 0; i < event->listed->len; i++)
    {
      vckc_domain_checkpoint_ref (event->listed->pdata[i], NULL);
      g_ptr_array_add (rows, vck_checkpoint_wrap (domain, event->listed->pdata[i]));
    }
  return rows;
}

static void
list_events_apply_to_domains (VckListEvents *self,
                              VckConnection *connection,
                              const ListEvent *event)
{
  g_autoptr (VckDomainList) model =
      vck_list_slots_ref (vck_connection_get_lists (connection), VCK_LIST_SLOT_MAIN);
  g_autoptr (VckDomain) domain = NULL;
  VckList *list;

  if (model == NULL)
    return;
  list = vck_list_of (model);
  list_events_mark (self, model);
  if (event->type == VCKC_EVENT_DOMAINS_LISTED)
    {
      vck_list_take_all (list, list_event_wrap_domains (connection, event));
      return;
    }
  if (event->type == VCKC_EVENT_DOMAIN_REMOVED)
    {
      domain = vck_identity_ref_object (event->identity);
      if (domain != NULL)
        vck_list_take_removed (list, domain);
      return;
    }
  vckc_domain_ref (event->domain, NULL);
  domain = vck_domain_wrap_as (connection, event->identity, event->domain,
                               event->state != VCKC_DOMAIN_STATE_NOSTATE ? event->state : -1);
  vck_list_take_added (list, domain);
}

static void
list_events_apply_to_checkpoints (VckListEvents *self, const ListEvent *event)
{
  const gboolean all = event->type == VCKC_EVENT_CHECKPOINTS_LISTED;
  g_autoptr (VckDomain) domain =
      vck_identity_ref_object (all ? event->identity : vck_identity_get_parent (event->identity));
  g_autoptr (VckCheckpointList) model =
      domain != NULL ? vck_list_slots_ref (vck_domain_get_lists (domain), VCK_LIST_SLOT_MAIN)
                     : NULL;
  g_autoptr (VckCheckpoint) checkpoint = NULL;

  if (model == NULL)
    return;
  list_events_mark (self, model);
  if (all)
    {
      vck_checkpoint_list_take_all (model, list_event_wrap_checkpoints (domain, event));
      return;
    }
  if (event->type != VCKC_EVENT_CHECKPOINT_ADDED)
    {
      checkpoint = vck_identity_ref_object (event->identity);
      if (checkpoint != NULL && event->type == VCKC_EVENT_CHECKPOINT_REMOVED)
        vck_checkpoint_list_take_removed (model, checkpoint);
      else if (checkpoint != NULL)
        vck_checkpoint_list_take_changed (model, checkpoint);
      return;
    }
  vckc_domain_checkpoint_ref (event->checkpoint, NULL);
  checkpoint = vck_checkpoint_wrap_as (domain, event->identity, event->checkpoint);
  vck_checkpoint_list_take_added (model, checkpoint);
}

static GPtrArray *
list_event_wrap_disks (VckDomain *domain, const ListEvent *event)
{
  GPtrArray *rows = g_ptr_array_new_full (event->listed->len, g_object_unref);

  for (guint i = 0; i < event->listed->len; i++)
    {
      vckc_domain_disk_ref (event->listed->pdata[i], NULL);
      g_ptr_array_add (rows, vck_disk_wrap (domain, event->listed->pdata[i]));
    }
  return rows;
}

/* Of a domain that may have other disks now, they are looked at in the background. */
static void
list_events_apply_to_disks (VckListEvents *self, const ListEvent *event)
{
  g_autoptr (VckDomain) domain = vck_identity_ref_object (event->identity);
  g_autoptr (VckDiskList) model =
      domain != NULL ? vck_list_slots_ref (vck_domain_get_lists (domain), VCK_LIST_SLOT_DISKS)
                     : NULL;

  if (model == NULL)
    return;
  if (event->type == VCKC_EVENT_DISKS_LISTED)
    vck_disk_list_take_all (model, event->look, list_event_wrap_disks (domain, event));
  else if (event->type == VCKC_EVENT_DOMAIN_REMOVED)
    vck_disk_list_take_all (model, G_MAXUINT64, g_ptr_array_new ());
  else
    {
      vck_list_update (vck_list_of (model));
      return;
    }
  list_events_mark (self, model);
}

static gboolean
list_events_take_lost (VckListEvents *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const gboolean lost = self->lost;

  self->lost = FALSE;
  return lost;
}

static void
list_events_reload (VckConnection *connection)
{
  g_autoptr (GPtrArray) lists = list_events_collect_lists (connection);

  for (guint i = 0; i < lists->len; i++)
    vck_list_reload (vck_list_of (lists->pdata[i]));
}

static void
list_events_apply_one (VckListEvents *self, VckConnection *connection, const ListEvent *event)
{
  switch (event->type)
    {
    case VCKC_EVENT_DOMAIN_REMOVED:
      list_events_apply_to_disks (self, event);
      list_events_apply_to_domains (self, connection, event);
      break;
    case VCKC_EVENT_DOMAINS_LISTED:
    case VCKC_EVENT_DOMAIN_ADDED:
      list_events_apply_to_domains (self, connection, event);
      break;
    case VCKC_EVENT_DOMAIN_STATE:
    case VCKC_EVENT_DISKS_CHANGED:
    case VCKC_EVENT_DISKS_LISTED:
      list_events_apply_to_disks (self, event);
      break;
    default:
      list_events_apply_to_checkpoints (self, event);
    }
}

/* All events change the rows together, so that those side by side change at once. A handler may
 * come here again, which continues what is under way. */
void
vck_list_events_apply (VckListEvents *self, VckConnection *connection)
{
  ListEvent *next;

  if (list_events_take_lost (self))
    list_events_reload (connection);
  while ((next = list_events_pop (self)) != NULL)
    {
      g_autoptr (ListEvent) event = next;

      list_events_apply_one (self, connection, event);
    }
  while (self->dirty->len > 0)
    {
      g_autoptr (GObject) model = g_object_ref (self->dirty->pdata[0]);

      vck_list_run (vck_list_of (model));
      if (VCK_IS_CHECKPOINT_LIST (model))
        vck_checkpoint_list_run_parts (VCK_CHECKPOINT_LIST (model));
      g_ptr_array_remove (self->dirty, model);
    }
}

void
vck_list_events_close (VckConnection *connection)
{
  g_autoptr (GPtrArray) lists = list_events_collect_lists (connection);

  for (guint i = 0; i < lists->len; i++)
    vck_list_close (vck_list_of (lists->pdata[i]));
}
