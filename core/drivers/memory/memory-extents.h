/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The extents of a simulated bitmap, as it was at one moment. */

#pragma once

#include "drivers/memory/testing/memory-fault.h"
#include "model/extent-reader.h"

/* `granules`: the numbers of the dirty ones (guint64), in any order. What was written has data, and
 * `with_zero` says so. `fault` is asked before each chunk. */
VckcExtentReader *vckc_memory_extents_new (VckcMemoryFault *fault,
                                           GArray *granules /* (transfer full) */,
                                           guint64 granularity,
                                           guint64 capacity,
                                           bool with_zero);

/* The same at once; the array gets sorted. */
GArray *vckc_memory_extents_list (GArray *granules, guint64 granularity, guint64 capacity);
