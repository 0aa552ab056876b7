/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The methods for a domain itself. */

#include "drivers/libvirt/methods/libvirt-domain.h"

#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/cache/libvirt-domain-states.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "drivers/libvirt/methods/libvirt-taken.h"
#include "drivers/libvirt/probe/libvirt-job-check.h"
#include "model/domain-def.h"

static void
libvirt_domain_set_error (VckcDomain *domain, const char *what, VckcError **err)
{
  vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                          "cannot %s domain '%s'", what, domain->name);
}

static void
libvirt_domain_expect_rename (VckcDomain *domain, bool expected)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);

  vckc_mutex_lock (&connection->mutex);
  if (connection->states != NULL)
    vckc_libvirt_domain_states_expect_rename (connection->states, domain->uuid, expected);
  vckc_mutex_unlock (&connection->mutex);
}

/* libvirt's event comes later, from its event loop; the event must be sent before the call
 * returns. */
static void
libvirt_domain_emit_renamed (VckcDomain *domain, const char *new_name)
{
  g_autoptr (VckcDomain) handle = vckc_domain_new (domain->connect, new_name, domain->uuid);

  virDomainRef (vckc_libvirt_get_domain (domain));
  handle->driver_data = vckc_libvirt_get_domain (domain);
  handle->incarnation = domain->incarnation;
  vckc_event_queue_push (domain->connect->events, VCKC_EVENT_DOMAIN_RENAMED, handle, NULL, 0);
}

int
vckc_libvirt_domain_rename (VckcDomain *domain,
                            const char *new_name,
                            unsigned int flags,
                            VckcError **err)
{
  VckcError *error = NULL;
  int result;

  if (!vckc_libvirt_cache_check_domain (domain, err) || !vckc_libvirt_check_not_busy (domain, err))
    return -1;
  libvirt_domain_expect_rename (domain, true);
  result = virDomainRename (vckc_libvirt_get_domain (domain), new_name, flags);
  if (result >= 0)
    {
      libvirt_domain_emit_renamed (domain, new_name);
      return result;
    }
  libvirt_domain_expect_rename (domain, false);
  libvirt_domain_set_error (domain, "rename", &error);
  vckc_libvirt_taken_explain_rename (error, vckc_libvirt_get_connection (domain->connect)->conn,
                                     new_name);
  vckc_propagate_error (err, error);
  return result;
}

char *
vckc_libvirt_domain_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  char *xml = virDomainGetXMLDesc (vckc_libvirt_get_domain (domain), flags);

  if (xml == NULL)
    libvirt_domain_set_error (domain, "read", err);
  return xml;
}

char *
vckc_libvirt_domain_get_next_xml_desc (VckcDomain *domain, VckcError **err)
{
  return vckc_libvirt_domain_get_xml_desc (domain, VIR_DOMAIN_XML_INACTIVE, err);
}

int
vckc_libvirt_domain_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err)
{
  int state = VIR_DOMAIN_NOSTATE;
  int result = virDomainGetState (vckc_libvirt_get_domain (domain), &state, NULL, 0);

  if (result < 0)
    libvirt_domain_set_error (domain, "get the state of", err);
  else
    *ret_state = (VckcDomainState) state;
  return result;
}

VckcDomainState
vckc_libvirt_domain_peek_state (VckcDomain *domain)
{
  VckcLibvirtConnection *connection = vckc_libvirt_get_connection (domain->connect);
  VckcDomainState state = VCKC_DOMAIN_STATE_NOSTATE;

  vckc_mutex_lock (&connection->mutex);
  if (connection->states != NULL)
    state = vckc_libvirt_domain_states_get (connection->states, domain->uuid);
  vckc_mutex_unlock (&connection->mutex);
  return state;
}

/* A driver of libvirt without saved states has none. */
bool
vckc_libvirt_domain_has_managed_save (VckcDomain *domain, bool *ret_saved, VckcError **err)
{
  int saved = virDomainHasManagedSaveImage (vckc_libvirt_get_domain (domain), 0);

  if (saved < 0 && virGetLastErrorCode () == VIR_ERR_NO_SUPPORT)
    saved = 0;
  if (saved < 0)
    libvirt_domain_set_error (domain, "look for a saved state of", err);
  else
    *ret_saved = saved > 0;
  return saved >= 0;
}

int
vckc_libvirt_domain_refresh (VckcDomain *domain, VckcError **err)
{
  bool reloaded;

  if (!vckc_libvirt_domain_lock (domain, err))
    return -1;
  reloaded = vckc_libvirt_cache_reload (domain, err);
  vckc_libvirt_domain_unlock (domain);
  return reloaded ? 0 : -1;
}

const char *
vckc_libvirt_domain_find_reason (const VckcDomainDiskDef *disk, bool has_bitmaps)
{
  if (disk->empty)
    return "the drive is empty";
  if (disk->read_only)
    return "the disk is read-only";
  if (!has_bitmaps)
    return NULL;
  if (g_strcmp0 (disk->format, "qcow2") != 0)
    return "only images in the format qcow2 can keep bitmaps";
  if (disk->transient)
    return "the disk is transient: its changes are discarded";
  if (g_strcmp0 (disk->bus, "sd") == 0)
    return "libvirt creates no bitmaps on disks of bus 'sd'";
  return NULL;
}

VckcDomainDef *
vckc_libvirt_domain_read (VckcDomain *domain, VckcError **err)
{
  g_autofree char *xml = vckc_libvirt_domain_get_xml_desc (domain, 0, err);

  return xml != NULL ? vckc_domain_def_parse (xml, err) : NULL;
}

int
vckc_libvirt_domain_list_disks (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err)
{
  const bool has_bitmaps = vckc_libvirt_get_connection (domain->connect)->has_bitmaps;
  g_autoptr (VckcDomainDef) def = vckc_libvirt_domain_read (domain, err);
  GPtrArray *disks;

  if (def == NULL)
    return -1;
  disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcDomainDiskDef *disk = g_ptr_array_index (def->disks, i);

      VckcDomainDisk *info =
          vckc_domain_disk_new (disk->target, disk->source, disk->format,
                                vckc_libvirt_domain_find_reason (disk, has_bitmaps));

      info->idle = disk->empty || disk->read_only;
      g_ptr_array_add (disks, info);
    }
  return vckc_object_array_return (disks, (gpointer **) ret_disks);
}
