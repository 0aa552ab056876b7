/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What an inspection has measured. */

#pragma once

#include "managed/inspection.h"

/* VckcDomainCheckpointDisk of all disks that are tracked, of one checkpoint after the other,
 * parents first. */
GPtrArray *vckc_engine_describe_measured (const VckcInspection *inspection);
