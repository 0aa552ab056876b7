/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backup jobs over QMP: the same for a storage daemon and for a running QEMU. All disks of a backup
 * are copied as they were at one point in time. A disk of which only changes are copied gets a
 * temporary bitmap of its own, so that no bitmap of a checkpoint is held or changed.
 *
 * The names of jobs, nodes and temporary bitmaps are made from the id of the backup, so that what a
 * backup has left in QEMU can be found and removed, and nothing else is.
 */

#pragma once

#include "qemu/qmp-backup-plan.h"
#include "qemu/qmp-client.h"

/* How QEMU copies. */
typedef struct
{
  guint workers;      /* requests at a time */
  guint64 max_chunk;  /* bytes at a time */
  bool protect_guest; /* give the backup up rather than let the guest's writes fail, if QEMU can */
  bool must_protect;  /* and do not begin if it cannot */
} VckcQmpBackupTuning;

/* Opens the images to read them, with all that they are based on, as the nodes that the disks name.
 * BUSY if another program has one open for writing. On failure some may be open. */
bool
vckc_qmp_backup_open_sources (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Opens the files that are written. On failure some may be open. */
bool
vckc_qmp_backup_open_targets (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Adds the bitmaps and begins to copy, all disks at the same point in time: all or none. NO_SPACE
 * if the guest must be protected from a full file system, and this QEMU cannot do that.
 * *ret_protected: can the guest not be hurt by a file that cannot be written? */
bool vckc_qmp_backup_start (VckcQmpClient *client,
                            const VckcQmpBackup *backup,
                            const VckcQmpBackupTuning *tuning,
                            bool *ret_protected,
                            VckcError **err);

/* Has QEMU write what it has kept in memory of the files, after the jobs have ended well: their
 * last tables. QEMU does not report what goes wrong with these when it closes a file, so the files
 * are made read-only instead, of which it does. They are complete then, though still open. That an
 * earlier call did that, whose answer was lost, is seen: QEMU 7.2 cannot do it twice, as it would
 * open again what was passed to it.
 * *ret_refused, if not NULL, is set if QEMU answers that it cannot do that. */
bool vckc_qmp_backup_flush_targets (VckcQmpClient *client,
                                    const VckcQmpBackup *backup,
                                    bool *ret_refused,
                                    VckcError **err);
