/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-domain-events.h"

#include "base/log.h"
#include "drivers/libvirt/cache/libvirt-domain-states.h"
#include "drivers/libvirt/link/libvirt-error.h"

typedef struct
{
  virDomainPtr domain; /* owned reference */
  int event;
  int detail;
} QueuedEvent;

static void
queued_event_free (gpointer data)
{
  QueuedEvent *queued = data;

  virDomainFree (queued->domain);
  g_free (queued);
}

static void
libvirt_domain_events_queue_locked (VckcLibvirtConnection *connection,
                                    virDomainPtr domain,
                                    int event,
                                    int detail)
{
  QueuedEvent *queued = g_new (QueuedEvent, 1);

  virDomainRef (domain);
  queued->domain = domain;
  queued->event = event;
  queued->detail = detail;
  g_queue_push_tail (&connection->queued_events, queued);
}

/* In the thread of the event loop. */
static int
libvirt_life_cycle_cb (virConnectPtr conn, virDomainPtr domain, int event, int detail, void *opaque)
{
  VckcLibvirtConnection *connection = opaque;
  g_autoptr (VckcConnect) connect = vckc_libvirt_connection_ref_connect (connection);

  if (connect == NULL || g_atomic_int_get (&connect->open) == 0)
    return 0;
  vckc_mutex_lock (&connection->mutex);
  if (connection->states != NULL)
    vckc_libvirt_domain_states_update (connection->states, connect, domain, event, detail);
  else
    libvirt_domain_events_queue_locked (connection, domain, event, detail);
  vckc_mutex_unlock (&connection->mutex);
  vckc_event_queue_deliver (connect->events);
  return 0;
}

static void
libvirt_domain_events_set_states (VckcLibvirtConnection *connection,
                                  VckcConnect *connect,
                                  VckcLibvirtDomainStates *states)
{
  QueuedEvent *queued;

  vckc_mutex_lock (&connection->mutex);
  connection->states = states;
  while ((queued = g_queue_pop_head (&connection->queued_events)) != NULL)
    {
      vckc_libvirt_domain_states_update (states, connect, queued->domain, queued->event,
                                         queued->detail);
      queued_event_free (queued);
    }
  vckc_mutex_unlock (&connection->mutex);
}

static bool
libvirt_domain_events_begin (VckcLibvirtConnection *connection)
{
  bool first;

  vckc_mutex_lock (&connection->mutex);
  first = !connection->watching;
  connection->watching = true;
  vckc_mutex_unlock (&connection->mutex);
  return first;
}

void
vckc_libvirt_domain_events_watch (VckcLibvirtConnection *connection)
{
  g_autoptr (VckcConnect) connect = vckc_libvirt_connection_ref_connect (connection);
  g_autoptr (VckcError) error = NULL;
  VckcLibvirtDomainStates *states;
  int id;

  if (connect == NULL || !libvirt_domain_events_begin (connection))
    return;
  id = virConnectDomainEventRegisterAny (connection->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK (libvirt_life_cycle_cb),
                                         vckc_libvirt_connection_ref (connection),
                                         vckc_libvirt_connection_unref);
  if (id < 0)
    {
      vckc_libvirt_connection_unref (connection);
      vckc_libvirt_set_error (&error, connection->conn, "cannot subscribe to events of '%s'",
                              connect->uri);
      vckc_log_info (VCKC_ABOUT (.error = error), "%s", vckc_error_get_message (error));
      return;
    }
  vckc_mutex_lock (&connection->mutex);
  connection->event_id = id;
  vckc_mutex_unlock (&connection->mutex);

  states = vckc_libvirt_domain_states_new (connect, &error);
  if (states == NULL)
    vckc_log_info (VCKC_ABOUT (.error = error), "%s", vckc_error_get_message (error));
  else
    libvirt_domain_events_set_states (connection, connect, states);
}

void
vckc_libvirt_domain_events_unwatch (VckcLibvirtConnection *connection)
{
  if (connection->event_id >= 0)
    virConnectDomainEventDeregisterAny (connection->conn, connection->event_id);
}

void
vckc_libvirt_domain_events_clear (VckcLibvirtConnection *connection)
{
  g_queue_clear_full (&connection->queued_events, queued_event_free);
  g_clear_pointer (&connection->states, vckc_libvirt_domain_states_free);
}
