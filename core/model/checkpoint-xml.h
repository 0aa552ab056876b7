/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `<domaincheckpoint>` documents: definitions of checkpoints from XML and to XML. */

#pragma once

#include "model/checkpoint-def.h"

/* Reads a `<domaincheckpoint>` document. With `redefine`, name and a creation time
 * of 1 to 2^63-1 are required and parent and domain are read; without, they and the
 * creation time are ignored (but must be valid). */
VckcCheckpointDef *vckc_checkpoint_def_parse (const char *text, bool redefine, VckcError **err);
/* Reads a `<domaincheckpoint>` element inside another, already validated document, as with
 * `redefine`. */
VckcCheckpointDef *vckc_checkpoint_def_new_from_node (const xmlNode *node, VckcError **err);
/* Reads what a driver reports of a checkpoint, sizes too, but for its domain. Elements of a newer
 * version are passed over; without a creation time it is 0. */
VckcCheckpointDef *vckc_checkpoint_def_parse_report (const char *text, VckcError **err);

/* Can it be read again once it was written with its domain, also under another parent? Else
 * XML_ERROR. */
bool vckc_checkpoint_def_check_size (const VckcCheckpointDef *def, VckcError **err);

/* As a document, with <domain> (and its secrets) if asked for. A disk's size is
 * written if it is not -1. */
char *vckc_checkpoint_def_format (const VckcCheckpointDef *def, bool with_domain, bool secure);

/* The same as an element inside another document, without <domain>. */
void vckc_checkpoint_def_append (const VckcCheckpointDef *def, guint level, GString *out);

/* The same for keeping: everything, and what checkpoint-disk-info.h adds. */
char *vckc_checkpoint_def_format_stored (const VckcCheckpointDef *def);
