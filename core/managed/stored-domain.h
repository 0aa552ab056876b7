/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the texts that a store keeps of a domain say. */

#pragma once

#include "managed/backends/store.h"
#include "model/checkpoint-tree.h"
#include "model/domain-def.h"

/* Parses the stored checkpoints; unreadable ones are skipped and reported. */
typedef void (*VckcUnreadableFunc) (const char *name, const char *reason, gpointer data);
VckcCheckpointTree *vckc_stored_domain_read_checkpoints (const VckcStoredDomain *stored,
                                                         VckcUnreadableFunc on_unreadable,
                                                         gpointer data);

/* A journal that names an image which the definition does not name is not carried out: it counts
 * as one that cannot be read. */
void vckc_stored_domain_check_journal (const VckcDomainDef *def, VckcStoredDomain *stored);
