/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * All extents of a disk in memory, in few bytes each (about 4 where an extent of one block follows
 * another after a gap), for a source that must not be held while a program reads from a cursor.
 */

#pragma once

#include "model/extent-reader.h"

/* How many bytes they may take by default. */
#define VCKC_EXTENT_RUNS_MAX (256 * 1024 * 1024)

typedef struct _VckcExtentRuns VckcExtentRuns;

/* An empty list that takes `max_bytes` at most. */
VckcExtentRuns *vckc_extent_runs_new (guint max_bytes);
void vckc_extent_runs_free (VckcExtentRuns *runs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcExtentRuns, vckc_extent_runs_free)

/* Adds an extent that begins at the end of those before or behind it; joins neighbours with equal
 * flags. OPERATION_UNSUPPORTED if there are too many. */
bool vckc_extent_runs_add (VckcExtentRuns *runs, const VckcExtent *extent, VckcError **err);

/* A reader of what was added. */
VckcExtentReader *vckc_extent_runs_open (VckcExtentRuns *runs /* (transfer full) */);
