/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The disks of a backup, read-only for NBD clients on a Unix socket. A thread of its own has the
 * storage daemon, which would end with the thread that started it.
 */

#pragma once

#include "backup/backup-list.h"

typedef struct _VckcChainMount VckcChainMount;

/* Exports each disk by the name of its target. `socket` must not exist; it is made for the owner
 * alone. */
VckcChainMount *vckc_chain_mount_new (VckcDomainFolder *folder,
                                      const VckcStoreRoot *root,
                                      const char *id,
                                      const char *socket,
                                      VckcError **err);
/* Ends the daemon, and removes the socket. In a child of the process that made it nothing is done,
 * as the daemon is not the child's. */
void vckc_chain_mount_free (VckcChainMount *mount);
