/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The method that lists changed blocks. The contract is driver.h's. */

#pragma once

#include "handles/handles.h"
#include "model/extent-reader.h"

VckcExtentReader *vckc_libvirt_checkpoint_open_extents (VckcDomainCheckpoint *checkpoint,
                                                        const char *disk,
                                                        unsigned int flags,
                                                        VckcError **err);
