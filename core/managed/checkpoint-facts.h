/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What is recorded of a checkpoint besides its document, to tell later whether disk and bitmap
 * are still the same: the size of each tracked disk and the granularity of its bitmap. It stands
 * behind the document in processing instructions, which other readers of the format pass over:
 *
 *   <?vck-disk name='vda' capacity='1073741824' granularity='65536'?>
 */

#pragma once

#include "checkpoint-def.h"

void vckc_checkpoint_facts_append (const VckcCheckpointDef *def, GString *out);

/* Sets the facts of the disks that the document tells of; what makes no sense is passed over. */
void vckc_checkpoint_facts_read (VckcCheckpointDef *def, const xmlDoc *doc);
