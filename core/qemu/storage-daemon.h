/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A qemu-storage-daemon of this process: a child that opens images and takes commands over QMP,
 * through a socket without a name.
 *
 * The child never outlives the process: the kernel sends it SIGTERM, on which it closes its images
 * in order, when the thread that started it ends, so that thread must stay until the daemon is
 * freed. A signal from the terminal does not reach the child. vckc_storage_daemon_free() always
 * reaps it, also if the program ignores SIGCHLD or reaps children itself.
 *
 * The program is found on PATH, or named by $VCK_QEMU_STORAGE_DAEMON.
 */

#pragma once

#include "qemu/qmp-client.h"

typedef struct _VckcStorageDaemon VckcStorageDaemon;

/* In milliseconds. */
typedef struct
{
  guint answer; /* for each command, and for the start */
  guint term;   /* to end after SIGTERM, before SIGKILL */
} VckcStorageDaemonTimeouts;

/* The number that the first of the inherited files has in the daemon; the others follow. */
#define VCKC_STORAGE_DAEMON_FIRST_FD 4

/* Starts a daemon with no images; `timeouts` NULL for the defaults. It inherits the open files
 * `fds`, so that locks which were taken with them hold as long as it lives. */
VckcStorageDaemon *vckc_storage_daemon_start (const VckcStorageDaemonTimeouts *timeouts,
                                              const int *fds,
                                              guint n_fds,
                                              VckcError **err);

/* The same, with an NBD server at the first of the open files, a bound Unix socket. */
VckcStorageDaemon *vckc_storage_daemon_start_server (const int *fds, guint n_fds, VckcError **err);

/* The path of the program. */
char *vckc_storage_daemon_find (VckcError **err);

VckcQmpClient *vckc_storage_daemon_get_qmp (VckcStorageDaemon *daemon);

/* After a QMP call failed: adds to *err how the daemon ended, if it did, and what it wrote to
 * stderr. */
void vckc_storage_daemon_explain (VckcStorageDaemon *daemon, VckcError **err);

/* Passes on the result of a QMP call; if the daemon is lost, adds to *err what became of it. */
bool vckc_storage_daemon_check (VckcStorageDaemon *daemon, bool ok, VckcError **err);

/* Ends the daemon by signal, if it has not ended, and reaps it. */
void vckc_storage_daemon_free (VckcStorageDaemon *daemon);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcStorageDaemon, vckc_storage_daemon_free)
