/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What is kept of a checkpoint besides its document, to find out later whether image, disk and
 * bitmap are still the same: a UUID of its own, and of each tracked disk the size, the granularity
 * of its bitmap, and which file its image was. It stands behind the document in processing
 * instructions, which other readers of the format pass over:
 *
 *   <?vck-disk name='vda' capacity='1073741824' granularity='65536' image='/vm/disk.qcow2'
 *      file='131085' birth='1700000000123456789'?>
 *   <?vck-checkpoint uuid='…'?>
 */

#pragma once

#include "model/checkpoint-def.h"

/* Appends it to the document of the checkpoint. */
void vckc_checkpoint_disk_info_append (const VckcCheckpointDef *def, GString *out);

/* Reads what the document has of it; what makes no sense is passed over. */
void vckc_checkpoint_disk_info_read (VckcCheckpointDef *def, const xmlDoc *doc);
