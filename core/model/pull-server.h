/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Where QEMU is to offer the disks of a backup in pull mode, for this process to read them. */

#pragma once

#include "base/private-folder.h"
#include "model/backup-def.h"

typedef struct _VckcPullServer VckcPullServer;

struct _VckcPullServer
{
  VckcBackupServer *server;  /* owned */
  VckcPrivateFolder *folder; /* (nullable), owned: has the socket */
  bool watch_room; /* scratch files grow beside the images, and nothing reserves room for them */
};

/* At a socket in a new private folder, whose name begins with `prefix`. */
VckcPullServer *vckc_pull_server_new_unix (const char *prefix, VckcError **err);
VckcPullServer *vckc_pull_server_new_tcp (const char *address, guint port);
/* NULL does nothing. */
void vckc_pull_server_free (VckcPullServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcPullServer, vckc_pull_server_free)
