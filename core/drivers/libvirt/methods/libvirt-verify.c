/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-verify.h"

#include "drivers/libvirt/cache/libvirt-domain-lock.h"
#include "drivers/libvirt/methods/libvirt-inspection.h"
#include "model/findings.h"

int
vckc_libvirt_domain_verify_checkpoints (VckcDomain *domain,
                                        VckcFinding ***ret_findings,
                                        VckcError **err)
{
  g_auto (VckcLibvirtInspection) inspection = { NULL };
  bool inspected;

  if (!vckc_libvirt_domain_lock (domain, err))
    return -1;
  inspected = vckc_libvirt_inspection_init (&inspection, domain, err);
  vckc_libvirt_domain_unlock (domain);
  if (!inspected)
    return -1;
  vckc_findings_plan_repair (inspection.findings, 0);
  return vckc_object_array_return (g_steal_pointer (&inspection.findings),
                                   (gpointer **) ret_findings);
}
