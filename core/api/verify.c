/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of verifying and repairing. */

#include "api/entry.h"
#include "model/findings.h"

int
vckc_domain_verify_checkpoints (VckcDomain *domain, VckcFinding ***ret_findings, VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p ret_findings=%p", (void *) domain, (void *) ret_findings);

  if (ret_findings != NULL)
    *ret_findings = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (ret_findings, "ret_findings", err))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_verify_checkpoints != NULL,
                            "verify checkpoints", err))
    return -1;

  count = driver->domain_verify_checkpoints (domain, ret_findings, &error);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_domain_repair_checkpoints (VckcDomain *domain,
                                VckcFinding ***ret_findings,
                                unsigned int flags,
                                VckcError **err)
{
  const VckcDriver *driver;
  VckcError *error = NULL;
  int count;

  VCKC_TRACE ("domain=%p ret_findings=%p flags=0x%x", (void *) domain, (void *) ret_findings,
              flags);

  if (ret_findings != NULL)
    *ret_findings = NULL;
  if (!vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_not_null (ret_findings, "ret_findings", err)
      || ((flags & VCKC_REPAIR_DRY_RUN) == 0
          && !vckc_check_writable (domain->connect, "repair checkpoints", err)))
    return -1;
  driver = domain->connect->driver;
  if (!vckc_check_callable (domain->connect, driver->domain_repair_checkpoints != NULL,
                            "repair checkpoints", err)
      || !vckc_check_flags (flags, VCKC_REPAIR_DRY_RUN | VCKC_REPAIR_KINDS, &vckc_flags_repair,
                            err))
    return -1;

  count = driver->domain_repair_checkpoints (domain, ret_findings, flags, &error);
  return vckc_driver_returned (domain->connect, count >= 0, error, G_STRFUNC, err) ? count : -1;
}

int
vckc_finding_ref (VckcFinding *finding, VckcError **err)
{
  if (!vckc_check_handle (finding, &vckc_finding_class, err))
    return -1;
  vckc_object_ref (finding);
  return 0;
}

int
vckc_finding_unref (VckcFinding *finding, VckcError **err)
{
  if (!vckc_check_handle (finding, &vckc_finding_class, err))
    return -1;
  vckc_object_unref (finding);
  return 0;
}

VckcFindingKind
vckc_finding_get_kind (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->kind : 0;
}

VckcFindingSeverity
vckc_finding_get_severity (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err)
             ? vckc_finding_kind_get_severity (finding->kind)
             : 0;
}

VckcFindingOutcome
vckc_finding_get_outcome (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->outcome : 0;
}

const char *
vckc_finding_get_checkpoint (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->checkpoint : NULL;
}

const char *
vckc_finding_get_disk (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->disk : NULL;
}

const char *
vckc_finding_get_bitmap (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->bitmap : NULL;
}

const char *
vckc_finding_get_message (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->message : NULL;
}

const char *
vckc_finding_get_remedy (VckcFinding *finding, VckcError **err)
{
  return vckc_check_handle (finding, &vckc_finding_class, err) ? finding->remedy : NULL;
}
