/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The document that carries all checkpoints of a domain to another host:
 *
 *   <vckcheckpoints version='1' domain='NAME' current='LAST'>
 *     <entry uuid='…'>
 *       <domaincheckpoint>…</domaincheckpoint>       without <domain>
 *       <disk name='vda' capacity='1073741824' granularity='65536'/>
 *     </entry>
 *     …
 *   </vckcheckpoints>
 */

#pragma once

#include "model/checkpoint-tree.h"

/* Parents come before their children. */
char *vckc_export_format (const VckcCheckpointTree *tree, const char *domain);

/* The definitions of a document, parents before children, and the name of the current
 * checkpoint (nullable). XML_ERROR if a checkpoint is there twice. */
GPtrArray *vckc_export_parse (const char *document, char **ret_current, VckcError **err);
