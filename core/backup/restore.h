/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Writing disks of a backup to new images, which depend on nothing. An image gets its name when all
 * of it is stored; until then it is called NAME.vck-restore.
 */

#pragma once

#include "backup/backup-list.h"

#define VCKC_RESTORE_SUFFIX ".vck-restore"

typedef struct
{
  const char *target; /* of the disk */
  const char *to;     /* path of the new image */
} VckcRestoreDisk;

/* Restores all of the disks or none. `raw`: in format raw and not qcow2. `replace`: files that are
 * there are replaced; otherwise OPERATION_FAILED. NO_SPACE if there is no room. */
bool vckc_restore (VckcDomainFolder *folder,
                   const VckcStoreRoot *root,
                   const char *id,
                   const VckcRestoreDisk *disks,
                   guint n_disks,
                   bool raw,
                   bool replace,
                   VckcError **err);
