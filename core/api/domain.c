/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of domains and of their disks. */

#include "api/entry.h"

#include "model/domain-def.h"

VckcDomain *
vckc_domain_lookup_by_name (VckcConnect *connect, const char *name, VckcError **err)
{
  VckcDomain *domain;
  VckcError *error = NULL;

  VCKC_TRACE ("connect=%p name=%s", (void *) connect, VCKC_TRACE_TEXT (name));

  if (!vckc_check_handle (connect, &vckc_connect_class, err)
      || !vckc_check_not_null (name, "name", err) || !vckc_check_open (connect, err))
    return NULL;

  domain = connect->driver->domain_lookup_by_name (connect, name, &error);
  return vckc_driver_returned (connect, domain != NULL, error, G_STRFUNC, err) ? domain : NULL;
}

VckcDomain *
vckc_domain_lookup_by_uuid (VckcConnect *connect, const char *uuid, VckcError **err)
{
  g_autofree char *normal = NULL;
  VckcDomain *domain;
  VckcError *error = NULL;

  VCKC_TRACE ("connect=%p uuid=%s", (void *) connect, VCKC_TRACE_TEXT (uuid));

  if (!vckc_check_handle (connect, &vckc_connect_class, err)
      || !vckc_check_not_null (uuid, "uuid", err) || !vckc_check_open (connect, err))
    return NULL;
  normal = vckc_uuid_normalize (uuid);
  if (normal == NULL)
    {
      vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                      "'%s' is not a UUID; it must have 32 hexadecimal digits, such as "
                      "'c7a5fdbd-edaf-9455-926a-d65c16db1809'",
                      uuid);
      return NULL;
    }

  domain = connect->driver->domain_lookup_by_uuid (connect, normal, &error);
  return vckc_driver_returned (connect, domain != NULL, error, G_STRFUNC, err) ? domain : NULL;
}

static bool
is_no_domain (const VckcError *error)
{
  return error != NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN;
}

VckcDomain *
vckc_domain_lookup (VckcConnect *connect, const char *name_or_uuid, VckcError **err)
{
  g_autofree char *uuid = NULL;
  VckcDomain *domain;
  VckcError *error = NULL;

  VCKC_TRACE ("connect=%p name_or_uuid=%s", (void *) connect, VCKC_TRACE_TEXT (name_or_uuid));

  if (!vckc_check_handle (connect, &vckc_connect_class, err)
      || !vckc_check_not_null (name_or_uuid, "name_or_uuid", err)
      || !vckc_check_open (connect, err))
    return NULL;

  domain = connect->driver->domain_lookup_by_name (connect, name_or_uuid, &error);
  uuid = is_no_domain (error) ? vckc_uuid_normalize (name_or_uuid) : NULL;
  if (uuid != NULL)
    {
      g_clear_pointer (&error, vckc_error_free);
      domain = connect->driver->domain_lookup_by_uuid (connect, uuid, &error);
    }
  if (is_no_domain (error))
    vckc_prefix_error (&error, "'%s' is neither the name nor the UUID of a domain", name_or_uuid);
  return vckc_driver_returned (connect, domain != NULL, error, G_STRFUNC, err) ? domain : NULL;
}

VckcDomain *
vckc_domain_define_xml (VckcConnect *connect, const char *xml, VckcError **err)
{
  VckcDomain *domain;
  VckcError *error = NULL;

  VCKC_TRACE ("connect=%p xml=%s", (void *) connect, VCKC_TRACE_TEXT (xml));

  if (!vckc_check_handle (connect, &vckc_connect_class, err)
      || !vckc_check_not_null (xml, "xml", err)
      || !vckc_check_writable (connect, "define domains", err)
      || !vckc_check_callable (connect, connect->driver->domain_define_xml != NULL,
                               "define domains", err))
    return NULL;

  domain = connect->driver->domain_define_xml (connect, xml, &error);
  return vckc_driver_returned (connect, domain != NULL, error, G_STRFUNC, err) ? domain : NULL;
}

int
vckc_domain_ref (VckcDomain *domain, VckcError **err)
{
  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return -1;
  vckc_object_ref (domain);
  return 0;
}

int
vckc_domain_unref (VckcDomain *domain, VckcError **err)
{
  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return -1;
  vckc_object_unref (domain);
  return 0;
}

const char *
vckc_domain_get_name (VckcDomain *domain, VckcError **err)
{
  return vckc_check_handle (domain, &vckc_domain_class, err) ? domain->name : NULL;
}

const char *
vckc_domain_get_uuid (VckcDomain *domain, VckcError **err)
{
  return vckc_check_handle (domain, &vckc_domain_class, err) ? domain->uuid : NULL;
}

uint64_t
vckc_domain_get_incarnation (VckcDomain *domain, VckcError **err)
{
  return vckc_check_handle (domain, &vckc_domain_class, err) ? domain->incarnation : 0;
}

VckcConnect *
vckc_domain_get_connect (VckcDomain *domain, VckcError **err)
{
  return vckc_check_handle (domain, &vckc_domain_class, err) ? domain->connect : NULL;
}

char *
vckc_domain_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  char *xml;

  VCKC_TRACE ("domain=%p flags=0x%x", (void *) domain, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_secure (domain->connect, flags, VCKC_DOMAIN_XML_SECURE, err))
    return NULL;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_get_xml_desc != NULL,
                            "return the XML of domains", err))
    return NULL;

  xml = driver->domain_get_xml_desc (domain, flags, &error);
  return vckc_driver_returned (domain->connect, xml != NULL, error, G_STRFUNC, err) ? xml : NULL;
}

int
vckc_domain_get_state (VckcDomain *domain, VckcDomainState *ret_state, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p ret_state=%p", (void *) domain, (void *) ret_state);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (ret_state, "ret_state", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_get_state != NULL,
                            "query the state of domains", err))
    return -1;

  result = driver->domain_get_state (domain, ret_state, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

VckcDomainState
vckc_domain_peek_state (VckcDomain *domain, VckcError **err)
{
  const VckcDriver *driver;

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || vckc_connect_is_inherited (domain->connect))
    return VCKC_DOMAIN_STATE_NOSTATE;
  driver = domain->connect->driver;
  return driver->domain_peek_state != NULL ? driver->domain_peek_state (domain)
                                           : VCKC_DOMAIN_STATE_NOSTATE;
}

int
vckc_domain_refresh (VckcDomain *domain, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p", (void *) domain);

  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_refresh != NULL, "refresh domains",
                            err))
    return -1;

  result = driver->domain_refresh (domain, &error);
  if (result >= 0)
    vckc_event_queue_push (domain->connect->events, VCKC_EVENT_DISKS_CHANGED, domain, NULL, 0);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

/* Subscribers know what was seen when the call returns. */
static void
domain_announce_disks (VckcDomain *domain, VckcDomainDisk **disks, int count, guint64 look)
{
  for (int i = 0; i < count; i++)
    disks[i]->look = look;
  vckc_event_queue_push_disks (domain->connect->events, domain, disks, (gsize) count, look);
}

int
vckc_domain_list_disks (VckcDomain *domain, VckcDomainDisk ***ret_disks, VckcError **err)
{
  const guint64 look = vckc_look_new ();
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p ret_disks=%p", (void *) domain, (void *) ret_disks);

  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_list_disks != NULL,
                            "list the disks of domains", err))
    return -1;

  count = driver->domain_list_disks (domain, ret_disks, &error);
  if (count >= 0 && ret_disks != NULL)
    domain_announce_disks (domain, *ret_disks, count, look);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_domain_rename (VckcDomain *domain, const char *new_name, unsigned int flags, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p new_name=%s flags=0x%x", (void *) domain, VCKC_TRACE_TEXT (new_name),
              flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (new_name, "new_name", err)
      || !vckc_check_writable (domain->connect, "rename domains", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_rename != NULL, "rename domains", err))
    return -1;

  result = driver->domain_rename (domain, new_name, flags, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

int
vckc_domain_undefine (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int result;

  VCKC_TRACE ("domain=%p flags=0x%x", (void *) domain, flags);

  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_writable (domain->connect, "undefine domains", err)
      || !vckc_check_exclusive_flags (flags, VCKC_FLAG (DOMAIN_UNDEFINE, NVRAM),
                                      VCKC_FLAG (DOMAIN_UNDEFINE, KEEP_NVRAM), err)
      || !vckc_check_exclusive_flags (flags, VCKC_FLAG (DOMAIN_UNDEFINE, TPM),
                                      VCKC_FLAG (DOMAIN_UNDEFINE, KEEP_TPM), err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_undefine != NULL, "undefine domains",
                            err))
    return -1;

  result = driver->domain_undefine (domain, flags, &error);
  return vckc_driver_returned (domain->connect, result >= 0, error, G_STRFUNC, err) ? 0 : -1;
}

int
vckc_domain_disk_ref (VckcDomainDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_domain_disk_class, err))
    return -1;
  vckc_object_ref (disk);
  return 0;
}

int
vckc_domain_disk_unref (VckcDomainDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_domain_disk_class, err))
    return -1;
  vckc_object_unref (disk);
  return 0;
}

const char *
vckc_domain_disk_get_target (VckcDomainDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_disk_class, err) ? disk->target : NULL;
}

const char *
vckc_domain_disk_get_source (VckcDomainDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_disk_class, err) ? disk->source : NULL;
}

const char *
vckc_domain_disk_get_format (VckcDomainDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_disk_class, err) ? disk->format : NULL;
}

bool
vckc_domain_disk_is_trackable (VckcDomainDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_disk_class, err) && disk->reason == NULL;
}

const char *
vckc_domain_disk_get_reason (VckcDomainDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_disk_class, err) ? disk->reason : NULL;
}

uint64_t
vckc_domain_disk_get_look (VckcDomainDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_domain_disk_class, err) ? disk->look : 0;
}
