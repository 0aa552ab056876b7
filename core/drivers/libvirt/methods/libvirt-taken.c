/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-taken.h"

#include <libvirt/virterror.h>

#include "drivers/libvirt/cache/libvirt-read.h"
#include "model/checkpoint-xml.h"
#include "model/domain-def.h"

/* The numbers with which libvirt 9.0 to 12 refuses a name that is taken. */
static bool
is_refused_name (const VckcError *error)
{
  const int number = error != NULL ? vckc_error_get_libvirt_code (error) : 0;

  return number == VIR_ERR_OPERATION_FAILED || number == VIR_ERR_OPERATION_INVALID
         || number == VIR_ERR_DOM_EXIST;
}

bool
vckc_libvirt_taken_has_checkpoint (virDomainPtr domain, const char *xml)
{
  g_autoptr (VckcCheckpointDef) def = vckc_checkpoint_def_parse_report (xml, NULL);
  VCKC_AUTO_CHECKPOINT checkpoint =
      def != NULL ? virDomainCheckpointLookupByName (domain, def->name, 0) : NULL;

  if (checkpoint == NULL)
    virResetLastError ();
  return checkpoint != NULL;
}

void
vckc_libvirt_taken_explain_checkpoint (VckcError *error, virDomainPtr domain, const char *xml)
{
  if (xml != NULL && is_refused_name (error) && vckc_libvirt_taken_has_checkpoint (domain, xml))
    vckc_error_set_code (error, VCKC_ERROR_CHECKPOINT_EXISTS);
}

/* Is there a domain of that name, of another UUID? */
static bool
is_name_taken (virConnectPtr conn, const VckcDomainDef *def)
{
  virDomainPtr other = virDomainLookupByName (conn, def->name);
  char uuid[VIR_UUID_STRING_BUFLEN] = "";

  if (other == NULL)
    {
      virResetLastError ();
      return false;
    }
  virDomainGetUUIDString (other, uuid);
  virDomainFree (other);
  return g_strcmp0 (uuid, def->uuid) != 0;
}

/* Is there a domain of that UUID, of another name? */
static bool
is_uuid_taken (virConnectPtr conn, const VckcDomainDef *def)
{
  virDomainPtr other = def->uuid != NULL ? virDomainLookupByUUIDString (conn, def->uuid) : NULL;
  bool taken;

  if (other == NULL)
    {
      virResetLastError ();
      return false;
    }
  taken = g_strcmp0 (virDomainGetName (other), def->name) != 0;
  virDomainFree (other);
  return taken;
}

void
vckc_libvirt_taken_explain_definition (VckcError *error, virConnectPtr conn, const char *xml)
{
  g_autoptr (VckcDomainDef) def =
      is_refused_name (error) ? vckc_domain_def_parse (xml, NULL) : NULL;

  if (def != NULL && (is_name_taken (conn, def) || is_uuid_taken (conn, def)))
    vckc_error_set_code (error, VCKC_ERROR_DOMAIN_EXISTS);
}

void
vckc_libvirt_taken_explain_rename (VckcError *error, virConnectPtr conn, const char *new_name)
{
  virDomainPtr other = is_refused_name (error) ? virDomainLookupByName (conn, new_name) : NULL;

  if (other == NULL)
    {
      virResetLastError ();
      return;
    }
  virDomainFree (other);
  vckc_error_set_code (error, VCKC_ERROR_DOMAIN_EXISTS);
}
