/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Creating, planning and redefining checkpoints. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

VckcDomainCheckpoint *vckc_libvirt_checkpoint_create_xml (VckcDomain *domain,
                                                          const char *xml_desc,
                                                          unsigned int flags,
                                                          VckcError **err);

VckcCheckpointPlan *vckc_libvirt_plan_checkpoint_xml (VckcDomain *domain,
                                                      const char *xml_desc,
                                                      unsigned int flags,
                                                      VckcError **err);
