/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The disks of a backup as the block backend sees them: images in a session, and open files. */

#pragma once

#include "managed/backends/block-backup.h"
#include "managed/bitmap-set.h"
#include "managed/engine.h"
#include "model/domain-def.h"

typedef struct
{
  GArray *disks; /* owned, of VckcBlockBackupDisk; strings are those of the status */
  int socket;    /* owned: of a pull, if it is offered at one; else -1 */
} VckcBackupFiles;

void vckc_backup_files_init (VckcBackupFiles *files);
/* Closes the files. */
void vckc_backup_files_clear (VckcBackupFiles *files);

/* Adds the images of the disks to the set, which must not be open yet. */
void vckc_backup_add_images (VckcBitmapSet *set, const VckcBackupStatus *status);

/* With the session of the set open: finds the disks and the bitmaps that they start from. */
bool vckc_backup_files_find (VckcBackupFiles *files,
                             VckcBitmapSet *set,
                             const VckcBackupStatus *status,
                             VckcError **err);
/* Then makes the files that are to be made, or opens those that are there, and notes in the status
 * which files were made. For a pull: the socket, and scratch files where they are needed. On
 * failure those that were made are removed. */
bool vckc_backup_files_make (VckcBackupFiles *files,
                             VckcEngine *engine,
                             const VckcDomainDef *domain,
                             VckcBitmapSet *set,
                             VckcBackupStatus *status,
                             VckcError **err);
/* Gives the files that were made their names, once the status is kept. */
bool vckc_backup_files_name (VckcBackupFiles *files,
                             VckcEngine *engine,
                             const VckcBackupStatus *status,
                             VckcError **err);
/* Or finds the disks, and opens the files, of a backup that is under way. *ret_problem is set if a
 * file is there, or may be, and cannot be opened, or is not the one that was made. If the set lacks
 * an image, the backup can only be ended. */
void vckc_backup_files_attach (VckcBackupFiles *files,
                               VckcEngine *engine,
                               VckcBitmapSet *set,
                               const VckcBackupStatus *status,
                               VckcError **ret_problem);
