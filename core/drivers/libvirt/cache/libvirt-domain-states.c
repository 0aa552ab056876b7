/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/cache/libvirt-domain-states.h"

#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/link/libvirt-error.h"

/* A domain is there as long as it is defined or active. */
typedef struct
{
  bool persistent; /* defined */
  bool active;
  VckcDomainState state; /* NOSTATE until somebody tells */
  guint64 incarnation;   /* which life of it was told of */
  guint own_renames;     /* renames of ours that libvirt has not told of yet */
} Known;

struct _VckcLibvirtDomains
{
  GHashTable *known; /* UUID -> Known */
};

void
vckc_libvirt_domains_free (VckcLibvirtDomains *domains)
{
  g_hash_table_unref (domains->known);
  g_free (domains);
}

static Known *
add (VckcLibvirtDomains *domains, VckcConnect *connect, virDomainPtr domain, bool persistent)
{
  char uuid[VIR_UUID_STRING_BUFLEN] = "";
  Known *known = g_new0 (Known, 1);

  virDomainGetUUIDString (domain, uuid);
  known->persistent = persistent;
  known->incarnation = vckc_libvirt_cache_get_incarnation (connect, uuid);
  known->active = virDomainGetID (domain) != (unsigned int) -1;
  g_hash_table_replace (domains->known, g_strdup (uuid), known);
  return known;
}

/* One call for all domains, whatever their number. */
static bool
read_domains (VckcLibvirtDomains *domains, VckcConnect *connect, bool persistent, VckcError **err)
{
  virConnectPtr conn = vckc_libvirt_of (connect)->conn;
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
      Known *known = add (domains, connect, records[i]->dom, persistent);
      int state = VIR_DOMAIN_NOSTATE;

      virTypedParamsGetInt (records[i]->params, records[i]->nparams, "state.state", &state);
      known->state = (VckcDomainState) state;
    }
  virDomainStatsRecordListFree (records);
  return true;
}

VckcLibvirtDomains *
vckc_libvirt_domains_new (VckcConnect *connect, VckcError **err)
{
  VckcLibvirtDomains *domains = g_new0 (VckcLibvirtDomains, 1);

  domains->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (read_domains (domains, connect, true, err) && read_domains (domains, connect, false, err))
    return domains;
  vckc_libvirt_domains_free (domains);
  return NULL;
}

VckcDomainState
vckc_libvirt_domains_peek (VckcLibvirtDomains *domains, const char *uuid)
{
  const Known *known = g_hash_table_lookup (domains->known, uuid);

  return known != NULL ? known->state : VCKC_DOMAIN_STATE_NOSTATE;
}

/* What an event says of the state; NOSTATE for nothing. */
static VckcDomainState
state_of (int event, int detail)
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

/* Is there, from now on, if it was not. */
static Known *
appear (VckcLibvirtDomains *domains, VckcDomain *handle, virDomainPtr domain, int event)
{
  Known *known = g_hash_table_lookup (domains->known, handle->uuid);

  if (known != NULL || (event != VIR_DOMAIN_EVENT_DEFINED && event != VIR_DOMAIN_EVENT_STARTED))
    return known;
  vckc_event_queue_push (handle->connect->events, VCKC_EVENT_DOMAIN_ADDED, handle, NULL,
                         event == VIR_DOMAIN_EVENT_STARTED ? VCKC_DOMAIN_STATE_RUNNING
                                                           : VCKC_DOMAIN_STATE_SHUTOFF);
  return add (domains, handle->connect, domain, event == VIR_DOMAIN_EVENT_DEFINED);
}

/* Tells that a domain has the name of the handle, unless we did when we renamed it. */
static void
note_rename (Known *known, VckcDomain *handle)
{
  if (known->own_renames > 0)
    known->own_renames--;
  else
    vckc_event_queue_push (handle->connect->events, VCKC_EVENT_DOMAIN_RENAMED, handle, NULL, 0);
}

static void
note_life (Known *known, int event, int detail)
{
  if (event == VIR_DOMAIN_EVENT_DEFINED)
    known->persistent = true;
  else if (event == VIR_DOMAIN_EVENT_UNDEFINED && detail != VIR_DOMAIN_EVENT_UNDEFINED_RENAMED)
    known->persistent = false;
  else if (event == VIR_DOMAIN_EVENT_STARTED)
    known->active = true;
  else if (event == VIR_DOMAIN_EVENT_STOPPED)
    known->active = false;
}

void
vckc_libvirt_domains_update (VckcLibvirtDomains *domains,
                             VckcConnect *connect,
                             virDomainPtr domain,
                             int event,
                             int detail)
{
  const VckcDomainState state = state_of (event, detail);
  g_autoptr (VckcDomain) handle = NULL;
  Known *known;

  virDomainRef (domain);
  handle = vckc_libvirt_domain_new (connect, domain);
  known = appear (domains, handle, domain, event);
  if (known == NULL)
    return;

  /* We may know already that another life has begun, of which libvirt has not told yet. */
  handle->incarnation = known->incarnation;
  note_life (known, event, detail);
  if (event == VIR_DOMAIN_EVENT_DEFINED && detail == VIR_DOMAIN_EVENT_DEFINED_RENAMED)
    note_rename (known, handle);
  if (state != VCKC_DOMAIN_STATE_NOSTATE && known->state != state)
    {
      known->state = state;
      vckc_event_queue_push (connect->events, VCKC_EVENT_DOMAIN_STATE, handle, NULL, (int) state);
    }
  if (known->persistent || known->active)
    return;

  vckc_libvirt_cache_forget_domain (handle);
  g_hash_table_remove (domains->known, handle->uuid);
  vckc_event_queue_push (connect->events, VCKC_EVENT_DOMAIN_REMOVED, handle, NULL, 0);
}

void
vckc_libvirt_domains_expect_rename (VckcLibvirtDomains *domains, const char *uuid, bool expected)
{
  Known *known = g_hash_table_lookup (domains->known, uuid);

  if (known != NULL && expected)
    known->own_renames++;
  else if (known != NULL && known->own_renames > 0)
    known->own_renames--;
}
