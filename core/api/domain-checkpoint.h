/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What other entry points need of those of checkpoints. */

#pragma once

#include "handles/handles.h"

/* What creating a checkpoint of the document would do, without reasons. */
VckcCheckpointPlan *vckc_domain_plan_checkpoint_xml (VckcDomain *domain,
                                                     const char *xml_desc,
                                                     unsigned int flags,
                                                     VckcError **err);
