/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The process of a running QEMU, by which it is certain that QEMU has ended. That no program
 * listens at its socket any more does not prove that: the socket may have been removed.
 */

#pragma once

#include "qemu/qmp-client.h"

/* Of the peer of the client; to be closed. -1 if it is not known here, as from another PID
 * namespace. */
int vckc_machine_process_open (const VckcQmpClient *client);

/* Has it ended, or does it within so many milliseconds? */
bool vckc_machine_process_has_ended (int process, guint milliseconds);
