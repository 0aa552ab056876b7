/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the parts of qmp-backup share. */

#pragma once

#include "qemu/qmp-backup.h"

/* The name of a job, a node or a bitmap. */
typedef struct
{
  char text[64];
} VckcQmpBackupName;

/* `kind` is 'j' for the job of a disk, 't' for the node of the file that is written. */
VckcQmpBackupName vckc_qmp_backup_name (const VckcQmpBackup *backup, char kind, guint disk);
/* Of the temporary bitmap, which is the same on all disks. */
VckcQmpBackupName vckc_qmp_backup_bitmap_name (const VckcQmpBackup *backup);

/* An answer that must not be a refusal. */
VckcQmpReply *vckc_qmp_backup_ask (VckcQmpClient *client,
                                   const char *command,
                                   VckcQmpArgs *args /* (transfer full) (nullable) */,
                                   VckcError **err);
/* The list of nodes. */
VckcQmpReply *vckc_qmp_backup_ask_nodes (VckcQmpClient *client, bool flat, VckcError **err);

/* The member of a list whose `key` is `name`; NULL if there is none. */
const VckcQmpValue *
vckc_qmp_backup_find_named (const VckcQmpReply *reply, const char *key, const char *name);
