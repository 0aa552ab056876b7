/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Following what machines are doing.
 *
 * QEMU serves one client of a QMP socket at a time and lets others wait, so who only listens must
 * let the others in:
 *
 * - In this process, an operation that needs a machine's socket suspends whoever follows it, who
 *   lets go at once and comes back when the operation is over.
 * - Other processes have no way to tell us, so nobody keeps a socket for longer than a turn: who
 *   follows a machine closes the connection after that and connects anew, behind those who wait.
 *   What happens in between shows when the state is asked for, at the beginning of each turn.
 *
 * A machine that is off is looked for a few times in a second.
 */

#pragma once

#include "managed/backends/block-backend.h"

typedef struct _VckcFollowers VckcFollowers;

VckcFollowers *vckc_followers_new (void);
/* When nobody follows any more. */
void vckc_followers_free (VckcFollowers *followers);

/* Follows the machine with that QMP socket; see machine_follow in block-backend.h. */
void vckc_followers_follow (VckcFollowers *followers,
                            const char *socket,
                            int stop_fd,
                            VckcBlockStateFunc tell,
                            gpointer opaque);

/* Each suspension ends with a resumption. */
void vckc_followers_suspend (VckcFollowers *followers, const char *socket);
void vckc_followers_resume (VckcFollowers *followers, const char *socket);
