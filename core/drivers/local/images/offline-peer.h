/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What copies or offers the images of a domain that is off: a storage daemon of the backup's own.
 * It opens the images read-only, so that whatever becomes of it their bitmaps are as good as
 * before; new bitmaps are added without it, as always (see qcow2-bitmap-change.h). The images stay
 * locked against writing until it has gone, so any moment is the same point in time.
 */

#pragma once

#include "drivers/local/images/local-backup.h"
#include "qemu/storage-daemon.h"

typedef struct
{
  VckcLocalBackup local;     /* first */
  VckcStorageDaemon *daemon; /* owned; gone before the locks are */
  GPtrArray *locks;          /* (nullable), owned: of the images, once it has started */
} VckcOfflinePeer;

/* Takes over a plan; see vckc_local_backup_init(). The images get the names of their nodes. */
bool vckc_offline_peer_init (VckcOfflinePeer *self,
                             VckcLocalSession *session,
                             const VckcBlockBackupPlan *plan,
                             bool fresh,
                             VckcError **err);
void vckc_offline_peer_clear (VckcOfflinePeer *self);

/* Starts the daemon, which inherits the open files from the number VCKC_STORAGE_DAEMON_FIRST_FD on,
 * and has it open the images. With `serves`, it serves NBD at the first of the files. */
bool vckc_offline_peer_open (VckcOfflinePeer *self,
                             const int *fds,
                             guint n_fds,
                             bool serves,
                             VckcError **err);
/* Adds the new bitmaps. */
bool vckc_offline_peer_add_bitmaps (VckcOfflinePeer *self, VckcError **err);
/* Takes the images over from the session: others may read them from now on. */
void vckc_offline_peer_hold (VckcOfflinePeer *self);

VckcQmpClient *vckc_offline_peer_get_qmp (VckcOfflinePeer *self);
/* Passes on the result of a QMP call; if the daemon is lost, says what became of it. */
bool vckc_offline_peer_check (VckcOfflinePeer *self, bool ok, VckcError **err);
/* That the daemon is gone is certain, as it is ours: so are the disks that have not failed. */
void vckc_offline_peer_set_lost (VckcOfflinePeer *self,
                                 VckcBlockBackupProgress *progress,
                                 const VckcError *error);
