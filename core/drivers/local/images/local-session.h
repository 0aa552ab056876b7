/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A session on the images of a domain, as far as it is the same with a running QEMU and without:
 * the peer that has the images open is asked over QMP.
 */

#pragma once

#include "base/cancel.h"
#include "base/lock.h"
#include "drivers/local/machine/state-monitor.h"
#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"
#include "qemu/qmp-block.h"
#include "qemu/storage-daemon.h"

typedef struct
{
  VckcBlockBackend backend;
  VckcStore *store;          /* (nullable), borrowed, immutable */
  VckcStateMonitor *monitor; /* owned, immutable */
  guint machine_timeout;     /* milliseconds */
  guint agent_timeout;
  VckcMutex mutex;    /* covers what follows */
  GHashTable *guards; /* owned: agent socket -> VckcThawGuard of a guest that may be frozen */
} VckcLocalBackend;

typedef struct
{
  VckcBlockSession session;
  char *paused;           /* (nullable), owned: the QMP socket whose monitors are paused as long */
  VckcCancelFd *cancel;   /* (nullable), owned: of the call that the session is for */
  VckcQmpClient *machine; /* owned: the running QEMU; NULL if there is none */
  VckcStorageDaemon *daemon; /* owned; NULL if QEMU runs */
  VckcQmpDisk *disks;        /* owned; node names too, the rest is borrowed */
  guint64 *capacities;       /* owned: of each disk, in bytes */
  guint64 *cluster_sizes;    /* owned: of each image, in bytes */
  guint n_disks;
  GPtrArray *locks;   /* owned: of each disk, if it is written */
  GPtrArray *bitmaps; /* (nullable), owned: of each disk, if they are known */
} VckcLocalSession;

/* Takes the disks, as far as their definitions go. */
bool vckc_local_session_set_disks (VckcLocalSession *self,
                                   const VckcBlockDisk *disks,
                                   guint n_disks,
                                   VckcError **err);
/* Lets the monitors of the QMP socket go on. */
void vckc_local_session_resume_monitor (VckcLocalSession *self);
/* Ends the connection to QEMU, or the daemon, and unlocks the images. */
void vckc_local_session_disconnect (VckcLocalSession *self);
/* The same, and nothing more is asked of the session: other clients of QEMU are served again. */
void vckc_local_session_release (VckcLocalSession *self);
void vckc_local_session_free (VckcLocalSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcLocalSession, vckc_local_session_free)

/* The connection to the running QEMU, or to the daemon. */
VckcQmpClient *vckc_local_session_get_qmp (VckcLocalSession *self);
/* Passes on the result of a QMP call; if the peer is lost, adds to the error what became of it. */
bool vckc_local_session_check_peer (VckcLocalSession *self, bool ok, VckcError **err);

/* The bitmaps of a disk, borrowed. */
GPtrArray *vckc_local_session_list_bitmaps (VckcLocalSession *self, guint disk, VckcError **err);
