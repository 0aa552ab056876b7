/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Copying disks of a backup, as they were then, to new images. */

#pragma once

#include "backup/chain.h"

typedef struct _VckcRestoreCopy VckcRestoreCopy;

/* Opens all that the disks are made of, under the lock of the list: from then on names in the store
 * do not matter. NO_BACKUP if the backup is not there or lacks one of the disks. */
VckcRestoreCopy *vckc_restore_copy_open (VckcDomainFolder *folder,
                                         const VckcStoreRoot *root,
                                         const char *id,
                                         const char *const *targets,
                                         guint n_targets,
                                         VckcError **err);
void vckc_restore_copy_free (VckcRestoreCopy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcRestoreCopy, vckc_restore_copy_free)

/* What the i-th of the disks is made of. */
VckcChain *vckc_restore_copy_get_chain (const VckcRestoreCopy *self, guint i);

/* A new image, which is empty. */
typedef struct
{
  int fd;
  const char *path;     /* for messages */
  bool raw;             /* else in format qcow2 */
  guint64 cluster_size; /* of qcow2 */
} VckcRestoreTarget;

/* Copies each disk to its target. All is written, and nothing synced. NO_SPACE if there is no
 * room; CANCELLED. */
bool
vckc_restore_copy_run (VckcRestoreCopy *self, const VckcRestoreTarget *targets, VckcError **err);
