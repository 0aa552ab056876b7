/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What was written to a disk since a checkpoint, read with the public API, which fails as
 * vckc_domain_checkpoint_open_extents() does. */

#pragma once

#include "model/extent-reader.h"
#include "vckc-types.h"

VckcExtentReader *vckc_checkpoint_extents_open (VckcDomain *domain,
                                                const char *checkpoint,
                                                const char *target,
                                                unsigned int flags,
                                                VckcError **err);
