/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What a backup in pull mode offers, if it has a storage daemon of its own: nodes to which nothing
 * writes, so that no scratch file is needed. Nothing happens to them but the end of the daemon.
 */

#pragma once

#include "managed/backends/block-backup.h"
#include "qemu/storage-daemon.h"

typedef struct
{
  GStringChunk *strings; /* owned: all strings of what follows */
  const char *id;        /* of the backup */
  GArray *exports;       /* owned, of VckcQmpExport: by the disks of the plan */
  const char *host;      /* (nullable): TCP; else the daemon has a socket */
  guint port;
  bool cancelled;
} VckcPullOffer;

void vckc_pull_offer_init (VckcPullOffer *self, const VckcBlockBackupPlan *plan);
void vckc_pull_offer_clear (VckcPullOffer *self);

/* Adds the next disk of the plan, which is open as `node`, with its base under that name. The
 * bitmap that is offered gets its name on the node, too: CONFIG_UNSUPPORTED if the disk has one of
 * that name. */
bool vckc_pull_offer_add (VckcPullOffer *self,
                          VckcBlockSession *session,
                          const VckcBlockBackupDisk *disk,
                          const char *target,
                          const char *node,
                          VckcError **err);

/* Offers all disks. */
bool vckc_pull_offer_begin (VckcPullOffer *self, VckcStorageDaemon *daemon, VckcError **err);

/* The same as of any backup, see block-backup.h. */
void vckc_pull_offer_wait (VckcPullOffer *self,
                           VckcStorageDaemon *daemon,
                           guint milliseconds,
                           VckcBlockBackupProgress *progress);
