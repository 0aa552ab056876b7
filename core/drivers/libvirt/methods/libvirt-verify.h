/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Comparing the checkpoints with the bitmaps in the images. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"

int vckc_libvirt_domain_verify_checkpoints (VckcDomain *domain,
                                            VckcFinding ***ret_findings,
                                            VckcError **err);
