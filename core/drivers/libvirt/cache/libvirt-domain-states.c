/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-domain-states.h"

#include "drivers/libvirt/cache/libvirt-cache-update.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* A domain exists as long as it is defined or active. */
typedef struct
{
  virDomainPtr domain; /* owned reference */
  bool persistent;     /* defined */
  bool active;
  VckcDomainState state; /* NOSTATE until an event reports it */
  guint64 incarnation;   /* the incarnation that subscribers know */
  guint own_renames;     /* our renames for which libvirt has sent no event yet */
} DomainEntry;

struct _VckcLibvirtDomainStates
{
  GHashTable *entries; /* UUID -> DomainEntry */
};

static void
domain_entry_free (gpointer data)
{
  DomainEntry *entry = data;

  virDomainFree (entry->domain);
  g_free (entry);
}

void
vckc_libvirt_domain_states_free (VckcLibvirtDomainStates *states)
{
  g_hash_table_unref (states->entries);
  g_free (states);
}

static DomainEntry *
libvirt_domain_states_add (VckcLibvirtDomainStates *states,
                           VckcConnect *connect,
                           virDomainPtr domain,
                           bool persistent)
{
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  DomainEntry *entry = g_new0 (DomainEntry, 1);

  virDomainGetUUIDString (domain, uuid);
  virDomainRef (domain);
  entry->domain = domain;
  entry->persistent = persistent;
  entry->incarnation = vckc_libvirt_cache_get_incarnation (connect, uuid);
  entry->active = virDomainGetID (domain) != (unsigned int) -1;
  g_hash_table_replace (states->entries, g_strdup (uuid), entry);
  return entry;
}

/* One call for all domains, whatever their number. */
static bool
libvirt_domain_states_read (VckcLibvirtDomainStates *states,
                            VckcConnect *connect,
                            bool persistent,
                            VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_get_connection (connect)->conn;
  virDomainStatsRecordPtr *records = NULL;
  int count =
      virConnectGetAllDomainStats (conn, VIR_DOMAIN_STATS_STATE, &records,
                                   persistent ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_PERSISTENT
                                              : VIR_CONNECT_GET_ALL_DOMAINS_STATS_TRANSIENT);

  if (count < 0)
    {
      vckc_libvirt_set_error (err, conn, "the domains cannot be listed");
      return false;
    }
  for (int i = 0; i < count; i++)
    {
      DomainEntry *entry = libvirt_domain_states_add (states, connect, records[i]->dom, persistent);
      int state = VIR_DOMAIN_NOSTATE;

      virTypedParamsGetInt (records[i]->params, records[i]->nparams, "state.state", &state);
      entry->state = (VckcDomainState) state;
    }
  virDomainStatsRecordListFree (records);
  return true;
}

VckcLibvirtDomainStates *
vckc_libvirt_domain_states_new (VckcConnect *connect, VckcError **err)
{
  VckcLibvirtDomainStates *states = g_new0 (VckcLibvirtDomainStates, 1);

  states->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, domain_entry_free);
  if (libvirt_domain_states_read (states, connect, true, err)
      && libvirt_domain_states_read (states, connect, false, err))
    return states;
  vckc_libvirt_domain_states_free (states);
  return NULL;
}

VckcDomainState
vckc_libvirt_domain_states_get (VckcLibvirtDomainStates *states, const char *uuid)
{
  const DomainEntry *entry = g_hash_table_lookup (states->entries, uuid);

  return entry != NULL ? entry->state : VCKC_DOMAIN_STATE_NOSTATE;
}

GPtrArray *
vckc_libvirt_domain_states_list (VckcLibvirtDomainStates *states,
                                 VckcConnect *connect,
                                 GHashTable *found)
{
  GPtrArray *listed = g_ptr_array_new_with_free_func (vckc_object_unref);
  GHashTableIter iter;
  gpointer uuid;
  gpointer value;

  g_hash_table_iter_init (&iter, states->entries);
  while (g_hash_table_iter_next (&iter, &uuid, &value))
    {
      const DomainEntry *entry = value;
      const VckcDomain *known = g_hash_table_lookup (found, uuid);
      virDomainPtr domain = known != NULL ? known->driver_data : entry->domain;
      VckcDomain *handle;

      virDomainRef (domain);
      handle = vckc_libvirt_domain_new (connect, domain);
      handle->incarnation = entry->incarnation;
      g_ptr_array_add (listed, handle);
    }
  return listed;
}

/* The state that an event reports; NOSTATE if it reports none. */
static VckcDomainState
libvirt_domain_states_from_event (int event, int detail)
{
  switch ((virDomainEventType) event)
    {
    case VIR_DOMAIN_EVENT_STARTED:
    case VIR_DOMAIN_EVENT_RESUMED:
      return VCKC_DOMAIN_STATE_RUNNING;
    case VIR_DOMAIN_EVENT_SUSPENDED:
      return VCKC_DOMAIN_STATE_PAUSED;
    case VIR_DOMAIN_EVENT_SHUTDOWN:
      return VCKC_DOMAIN_STATE_SHUTDOWN;
    case VIR_DOMAIN_EVENT_STOPPED:
      return detail == VIR_DOMAIN_EVENT_STOPPED_CRASHED ? VCKC_DOMAIN_STATE_CRASHED
                                                        : VCKC_DOMAIN_STATE_SHUTOFF;
    case VIR_DOMAIN_EVENT_PMSUSPENDED:
      return VCKC_DOMAIN_STATE_PMSUSPENDED;
    case VIR_DOMAIN_EVENT_CRASHED:
      return VCKC_DOMAIN_STATE_CRASHED;
    default:
      return VCKC_DOMAIN_STATE_NOSTATE;
    }
}

/* Returns the entry of the domain; adds one if the event says that it is new. NULL if it is not
 * known. */
static DomainEntry *
libvirt_domain_states_add_if_new (VckcLibvirtDomainStates *states,
                                  VckcDomain *handle,
                                  virDomainPtr domain,
                                  int event)
{
  DomainEntry *entry = g_hash_table_lookup (states->entries, handle->uuid);

  if (entry != NULL || (event != VIR_DOMAIN_EVENT_DEFINED && event != VIR_DOMAIN_EVENT_STARTED))
    return entry;
  vckc_event_queue_push (handle->connect->events, VCKC_EVENT_DOMAIN_ADDED, handle, NULL,
                         event == VIR_DOMAIN_EVENT_STARTED ? VCKC_DOMAIN_STATE_RUNNING
                                                           : VCKC_DOMAIN_STATE_SHUTOFF);
  return libvirt_domain_states_add (states, handle->connect, domain,
                                    event == VIR_DOMAIN_EVENT_DEFINED);
}

/* Notifies of the new name, unless that was done when Vck itself renamed the domain. */
static void
domain_entry_note_rename (DomainEntry *entry, VckcDomain *handle)
{
  if (entry->own_renames > 0)
    entry->own_renames--;
  else
    vckc_event_queue_push (handle->connect->events, VCKC_EVENT_DOMAIN_RENAMED, handle, NULL, 0);
}

static void
domain_entry_update_lifecycle (DomainEntry *entry, int event, int detail)
{
  if (event == VIR_DOMAIN_EVENT_DEFINED)
    entry->persistent = true;
  else if (event == VIR_DOMAIN_EVENT_UNDEFINED && detail != VIR_DOMAIN_EVENT_UNDEFINED_RENAMED)
    entry->persistent = false;
  else if (event == VIR_DOMAIN_EVENT_STARTED)
    entry->active = true;
  else if (event == VIR_DOMAIN_EVENT_STOPPED)
    entry->active = false;
}

void
vckc_libvirt_domain_states_update (VckcLibvirtDomainStates *states,
                                   VckcConnect *connect,
                                   virDomainPtr domain,
                                   int event,
                                   int detail)
{
  const VckcDomainState state = libvirt_domain_states_from_event (event, detail);
  g_autoptr (VckcDomain) handle = NULL;
  DomainEntry *entry;

  virDomainRef (domain);
  handle = vckc_libvirt_domain_new (connect, domain);
  entry = libvirt_domain_states_add_if_new (states, handle, domain, event);
  if (entry == NULL)
    return;

  virDomainRef (domain);
  virDomainFree (entry->domain);
  entry->domain = domain;
  /* The cache may know a newer incarnation already, for which libvirt has sent no event yet. */
  handle->incarnation = entry->incarnation;
  domain_entry_update_lifecycle (entry, event, detail);
  if (event == VIR_DOMAIN_EVENT_DEFINED && detail == VIR_DOMAIN_EVENT_DEFINED_RENAMED)
    domain_entry_note_rename (entry, handle);
  else if (event == VIR_DOMAIN_EVENT_DEFINED)
    vckc_event_queue_push (connect->events, VCKC_EVENT_DISKS_CHANGED, handle, NULL, 0);
  if (state != VCKC_DOMAIN_STATE_NOSTATE && entry->state != state)
    {
      entry->state = state;
      vckc_event_queue_push (connect->events, VCKC_EVENT_DOMAIN_STATE, handle, NULL, (int) state);
    }
  if (entry->persistent || entry->active)
    return;

  vckc_libvirt_cache_remove_domain (handle);
  g_hash_table_remove (states->entries, handle->uuid);
  vckc_event_queue_push (connect->events, VCKC_EVENT_DOMAIN_REMOVED, handle, NULL, 0);
}

void
vckc_libvirt_domain_states_expect_rename (VckcLibvirtDomainStates *states,
                                          const char *uuid,
                                          bool expected)
{
  DomainEntry *entry = g_hash_table_lookup (states->entries, uuid);

  if (entry != NULL && expected)
    entry->own_renames++;
  else if (entry != NULL && entry->own_renames > 0)
    entry->own_renames--;
}
