/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How a backup ends, in the store and on disk; all with the job held. */

#pragma once

#include "managed/backends/block-backup.h"
#include "managed/engine.h"

/* Keeps what is known of the backup, NULL for nothing, and nothing else. When this succeeds that is
 * certain: it is in the store, or the next job writes it. */
bool vckc_backup_keep_status (VckcEngine *engine,
                              VckcManagedDomain *domain,
                              const VckcBackupStatus *status,
                              VckcError **err);

/* The same, but it may be forgotten if the host loses power. */
bool vckc_backup_note_status (VckcEngine *engine,
                              VckcManagedDomain *domain,
                              const VckcBackupStatus *status,
                              VckcError **err);

/* The same in memory only: it is in the store already. */
void vckc_backup_adopt_status (VckcEngine *engine,
                               VckcManagedDomain *domain,
                               const VckcBackupStatus *status);

/* Leaves nothing of a backup that nothing copies any more: removes the files that were made for it,
 * and its checkpoint, and keeps the status, which says why. */
bool vckc_backup_take_back (VckcEngine *engine,
                            VckcManagedDomain *domain,
                            const VckcBackupStatus *status,
                            VckcError **err);

/* Removes the files that were made, and the socket; what cannot be removed is logged. */
void vckc_backup_remove_files (VckcEngine *engine, const VckcBackupStatus *status);

/* Sets how it ended, and when. `no_space`: `error` means that there was no room. */
void vckc_backup_set_end (VckcBackupStatus *status,
                          VckcBackupPhase phase,
                          const char *error,
                          bool no_space);
