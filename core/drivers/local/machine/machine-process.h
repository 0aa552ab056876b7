/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The process of a running QEMU, by which it is certain that QEMU has ended. That no program
 * listens at its socket any more does not prove that: the socket may have been removed.
 */

#pragma once

#include "qemu/qmp-client.h"

/* With zeroes, it is not known. */
typedef struct
{
  int pid; /* 0 if it is not known here, as from another PID namespace */
  int fd;  /* what says that it ended, if there is a pid; -1 if there is no such descriptor */
} VckcMachineProcess;

/* Of the peer of the client; to be cleared. */
void vckc_machine_process_init (VckcMachineProcess *self, const VckcQmpClient *client);
void vckc_machine_process_clear (VckcMachineProcess *self);

/* Is the peer of the client another process, or one that is not known? */
bool vckc_machine_process_is_other (const VckcMachineProcess *self, const VckcQmpClient *client);

/* Has it ended, or does it within so many milliseconds? It must be known. */
bool vckc_machine_process_has_ended (const VckcMachineProcess *self, guint milliseconds);
