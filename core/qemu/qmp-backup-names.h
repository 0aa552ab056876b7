/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the jobs, nodes and temporary bitmaps of a backup are called in QEMU. */

#pragma once

#include "qemu/qmp-backup-plan.h"

/* The name of a job, a node or a bitmap. */
typedef struct
{
  char text[64];
} VckcQmpBackupName;

/* `kind` is 'j' for the job of a disk, 't' for the node of what is written, 'f' for that of its
 * file. */
VckcQmpBackupName vckc_qmp_backup_name (const VckcQmpBackup *backup, char kind, guint disk);
/* False if it is the name of none of this kind of the backup. */
bool vckc_qmp_backup_parse_name (const VckcQmpBackup *backup,
                                 char kind,
                                 const char *name,
                                 guint *ret_disk);
/* Of the temporary bitmap, which is the same on all disks. */
VckcQmpBackupName vckc_qmp_backup_bitmap_name (const VckcQmpBackup *backup);

/* The name of the node of a file that is written, to be freed. */
char *vckc_qmp_backup_get_target (const VckcQmpBackup *backup, guint disk);
/* The name of the temporary bitmaps, to be freed. */
char *vckc_qmp_backup_get_bitmap (const VckcQmpBackup *backup);
