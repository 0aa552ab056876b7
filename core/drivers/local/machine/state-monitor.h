/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Monitoring the states of domains through their QMP sockets.
 *
 * QEMU serves one client of a QMP socket at a time and lets others wait, so a client that only
 * listens must let the others in:
 *
 * - In this process, an operation that needs the socket of a domain pauses its monitors, which
 *   release it at once and come back when the operation is over.
 * - Other processes cannot ask for it, so no monitor keeps a socket for longer than a slot: it
 *   closes the connection then and connects anew, behind those that wait. What happens in between
 *   shows when the state is queried, at the beginning of each slot.
 *
 * A domain that is off is looked for a few times in a second.
 */

#pragma once

#include "managed/backends/block-backend.h"

typedef struct _VckcStateMonitor VckcStateMonitor;

VckcStateMonitor *vckc_state_monitor_new (void);
/* Only when no monitor runs any more. */
void vckc_state_monitor_free (VckcStateMonitor *self);

/* Monitors the domain with that QMP socket; see machine_follow in block-backend.h. */
void vckc_state_monitor_run (VckcStateMonitor *self,
                             const char *socket,
                             int stop_fd,
                             VckcBlockStateFunc callback,
                             gpointer opaque);

/* Pausing is counted: each call needs one of resume. */
void vckc_state_monitor_pause (VckcStateMonitor *self, const char *socket);
void vckc_state_monitor_resume (VckcStateMonitor *self, const char *socket);
