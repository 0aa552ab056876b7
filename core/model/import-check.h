/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether a checkpoint of a document can be imported into a domain. */

#pragma once

#include "model/checkpoint-def.h"

/* What a checkpoint is imported into. */
typedef struct
{
  const char *name;         /* of the domain */
  const VckcDomainDef *def; /* (nullable): not needed with METADATA_ONLY */
  bool has_checkpoint;      /* of the same name */
} VckcImportTarget;

/* CHECKPOINT_EXISTS if the name is taken and REPLACE is not among `flags`, CONFIG_UNSUPPORTED if
 * the domain lacks a tracked disk and METADATA_ONLY is not among them. */
bool vckc_import_check (const VckcImportTarget *target,
                        const VckcCheckpointDef *def,
                        unsigned int flags,
                        VckcError **err);
