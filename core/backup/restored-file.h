/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Which disks of a domain were restored in place, each as it was last: the file "restored.json" in
 * the folder of the domain. After that nothing is known any more of how the disk differs from any
 * backup but the one that it was restored from, and from that only by a checkpoint that was made
 * before anything could be written.
 */

#pragma once

#include "backup/domain-folder.h"

typedef struct
{
  char *target;
  char *id;         /* of the restore, like that of a backup: what is older came before it */
  char *backup;     /* id of the backup that the disk has the content of */
  char *checkpoint; /* (nullable): name of what has recorded all writes since; NULL: nothing has */
} VckcRestoredDisk;

typedef struct
{
  GPtrArray *disks; /* of VckcRestoredDisk, one for each target */
} VckcRestored;

/* Reads the file; nothing was restored if there is none. BACKUP_INCONSISTENT if it is damaged. */
VckcRestored *vckc_restored_read (const VckcDomainFolder *folder, VckcError **err);
void vckc_restored_free (VckcRestored *restored);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcRestored, vckc_restored_free)

/* The disk of that target, or NULL. */
const VckcRestoredDisk *vckc_restored_find (const VckcRestored *restored, const char *target);

/* Notes that a disk was restored. */
void vckc_restored_set (VckcRestored *restored, const VckcRestoredDisk *disk);

/* Replaces the file, and stores it. */
bool
vckc_restored_write (const VckcDomainFolder *folder, const VckcRestored *restored, VckcError **err);
