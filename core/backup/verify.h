/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Looking for faults in the backups of a domain. */

#pragma once

#include "backup/backup-handles.h"

/* From so many levels on a chain is reported as long. */
#define VCKC_VERIFY_LONG_CHAIN 60

/* Adds a VckcBackupFinding to `findings` for each fault. With `fast` only the headers of images are
 * read. Otherwise checksums that are missing in manifests are added to them, unless the
 * store is read-only. Fails only if it cannot look. */
bool vckc_verify (VckcDomainFolder *folder,
                  const VckcStoreRoot *root,
                  bool fast,
                  GPtrArray *findings,
                  VckcError **err);
