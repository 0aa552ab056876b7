/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Comparing the checkpoints of a domain with its images. */

#include "managed/methods/engine-methods.h"

#include "base/clock.h"
#include "managed/inspection.h"
#include "managed/methods/checkpoint-measure.h"
#include "model/findings.h"

/* The same was looked at as for measuring. */
static void
verify_push_measured (VckcDomain *handle, const VckcInspection *inspection, gint64 began)
{
  g_autoptr (GPtrArray) disks = vckc_engine_describe_measured (inspection);

  vckc_event_queue_push_measured (handle->connect->events, handle,
                                  (VckcDomainCheckpointDisk *const *) disks->pdata, disks->len,
                                  began);
}

int
vckc_engine_domain_verify_checkpoints (VckcDomain *handle,
                                       VckcFinding ***ret_findings,
                                       VckcError **err)
{
  g_auto (VckcInspection) inspection = { NULL };
  const gint64 began = vckc_clock_now ();

  if (!vckc_inspection_of_domain (&inspection, handle, err))
    return -1;
  verify_push_measured (handle, &inspection, began);
  vckc_findings_plan_repair (inspection.findings, 0);
  return vckc_object_array_return (g_steal_pointer (&inspection.findings),
                                   (gpointer **) ret_findings);
}
