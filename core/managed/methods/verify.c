/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Comparing the checkpoints of a domain with its images. */

#include "managed/methods/engine-methods.h"

#include "managed/find-domain.h"
#include "managed/inspection.h"
#include "managed/job.h"
#include "model/findings.h"

int
vckc_engine_domain_verify_checkpoints (VckcDomain *handle,
                                       VckcFinding ***ret_findings,
                                       VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  g_auto (VckcInspection) inspection = { NULL };
  bool looked;

  if (domain == NULL
      || !vckc_job_begin_shared (engine, domain, vckc_look_of (handle->connect), err))
    return -1;
  looked = vckc_inspection_init (&inspection, engine, domain, err)
           && vckc_inspection_look (&inspection, engine, err);
  vckc_job_end (engine, domain);
  if (looked)
    vckc_findings_plan_repair (inspection.findings, 0);
  return looked ? vckc_object_array_return (g_steal_pointer (&inspection.findings),
                                            (gpointer **) ret_findings)
                : -1;
}
