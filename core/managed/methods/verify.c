/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Comparing the checkpoints of a domain with its images. */

#include "managed/methods/engine-methods.h"

#include "managed/inspection.h"
#include "model/findings.h"

int
vckc_engine_domain_verify_checkpoints (VckcDomain *handle,
                                       VckcFinding ***ret_findings,
                                       VckcError **err)
{
  g_auto (VckcInspection) inspection = { NULL };

  if (!vckc_inspection_of_domain (&inspection, handle, err))
    return -1;
  vckc_findings_plan_repair (inspection.findings, 0);
  return vckc_object_array_return (g_steal_pointer (&inspection.findings),
                                   (gpointer **) ret_findings);
}
