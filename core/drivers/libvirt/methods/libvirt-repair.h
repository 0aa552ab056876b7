/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Repairing what verifying finds. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

int vckc_libvirt_domain_repair_checkpoints (VckcDomain *domain,
                                            VckcFinding ***ret_findings,
                                            unsigned int flags,
                                            VckcError **err);
