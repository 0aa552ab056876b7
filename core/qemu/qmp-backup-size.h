/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How large the files of a backup can become. */

#pragma once

#include "qemu/qmp-backup.h"

/* How many bytes of each disk are copied at most, in `bytes` of n_disks elements: of disks with a
 * base what that has marked or, once the backup has started, what its copy has; of others what
 * their images take on the host, but for what is compressed there. */
bool vckc_qmp_backup_measure (VckcQmpClient *client,
                              const VckcQmpBackup *backup,
                              bool started,
                              guint64 *bytes,
                              VckcError **err);

/* How large a file in that format can become, with its tables, if so many bytes of a disk of that
 * capacity are copied. */
guint64
vckc_qmp_backup_get_file_size (const VckcQmpBackupDisk *disk, guint64 capacity, guint64 bytes);
