/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-domain-events.h"

#include "drivers/libvirt/cache/libvirt-domain-states.h"
#include "drivers/libvirt/link/libvirt-error.h"

typedef struct
{
  virDomainPtr domain; /* owned reference */
  int event;
  int detail;
} EarlyEvent;

static void
early_event_free (gpointer data)
{
  EarlyEvent *early = data;

  virDomainFree (early->domain);
  g_free (early);
}

static void
keep_locked (VckcLibvirt *libvirt, virDomainPtr domain, int event, int detail)
{
  EarlyEvent *early = g_new (EarlyEvent, 1);

  virDomainRef (domain);
  early->domain = domain;
  early->event = event;
  early->detail = detail;
  g_queue_push_tail (&libvirt->early_events, early);
}

/* In the thread of the event loop. */
static int
life_cycle_cb (virConnectPtr conn, virDomainPtr domain, int event, int detail, void *opaque)
{
  VckcLibvirt *libvirt = opaque;
  g_autoptr (VckcConnect) connect = vckc_libvirt_get_connect (libvirt);

  if (connect == NULL || g_atomic_int_get (&connect->open) == 0)
    return 0;
  vckc_mutex_lock (&libvirt->mutex);
  if (libvirt->states != NULL)
    vckc_libvirt_domain_states_update (libvirt->states, connect, domain, event, detail);
  else
    keep_locked (libvirt, domain, event, detail);
  vckc_mutex_unlock (&libvirt->mutex);
  vckc_event_queue_deliver (connect->events);
  return 0;
}

static void
take_states (VckcLibvirt *libvirt, VckcConnect *connect, VckcLibvirtDomainStates *states)
{
  EarlyEvent *early;

  vckc_mutex_lock (&libvirt->mutex);
  libvirt->states = states;
  while ((early = g_queue_pop_head (&libvirt->early_events)) != NULL)
    {
      vckc_libvirt_domain_states_update (states, connect, early->domain, early->event,
                                         early->detail);
      early_event_free (early);
    }
  vckc_mutex_unlock (&libvirt->mutex);
}

static bool
begin_watching (VckcLibvirt *libvirt)
{
  bool first;

  vckc_mutex_lock (&libvirt->mutex);
  first = !libvirt->watching;
  libvirt->watching = true;
  vckc_mutex_unlock (&libvirt->mutex);
  return first;
}

void
vckc_libvirt_domain_events_watch (VckcLibvirt *libvirt)
{
  g_autoptr (VckcConnect) connect = vckc_libvirt_get_connect (libvirt);
  g_autoptr (VckcError) error = NULL;
  VckcLibvirtDomainStates *states;
  int id;

  if (connect == NULL || !begin_watching (libvirt))
    return;
  id = virConnectDomainEventRegisterAny (libvirt->conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                         VIR_DOMAIN_EVENT_CALLBACK (life_cycle_cb),
                                         vckc_libvirt_ref (libvirt), vckc_libvirt_unref);
  if (id < 0)
    {
      vckc_libvirt_unref (libvirt);
      vckc_libvirt_set_error (&error, libvirt->conn, "'%s' tells of no events", connect->uri);
      g_info ("%s", vckc_error_get_message (error));
      return;
    }
  vckc_mutex_lock (&libvirt->mutex);
  libvirt->event_id = id;
  vckc_mutex_unlock (&libvirt->mutex);

  states = vckc_libvirt_domain_states_new (connect, &error);
  if (states == NULL)
    g_info ("%s", vckc_error_get_message (error));
  else
    take_states (libvirt, connect, states);
}

void
vckc_libvirt_domain_events_unwatch (VckcLibvirt *libvirt)
{
  if (libvirt->event_id >= 0)
    virConnectDomainEventDeregisterAny (libvirt->conn, libvirt->event_id);
}

void
vckc_libvirt_domain_events_clear (VckcLibvirt *libvirt)
{
  g_queue_clear_full (&libvirt->early_events, early_event_free);
  g_clear_pointer (&libvirt->states, vckc_libvirt_domain_states_free);
}
