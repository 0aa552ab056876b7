/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A process that thaws the file systems of a guest if this one dies before it has done that itself,
 * or cannot do it. It has no other descriptors of this process, is not ended with its process
 * group, and takes no signal but SIGKILL. For a minute it tries to thaw, then it ends in any case.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcThawGuard VckcThawGuard;

/* Before anything is frozen. `socket` is that of the guest agent. */
VckcThawGuard *vckc_thaw_guard_new (const char *socket, VckcError **err);
/* Whether there is something to thaw, as far as that is known. */
void vckc_thaw_guard_set_frozen (VckcThawGuard *guard, bool frozen);
bool vckc_thaw_guard_is_frozen (const VckcThawGuard *guard);
/* The guest could not be thawed: the guard tries it from now on. */
void vckc_thaw_guard_begin (VckcThawGuard *guard);
/* The guest is thawed, or was not frozen: ends the guard, and waits for that. */
void vckc_thaw_guard_free (VckcThawGuard *guard);
/* The guest may be frozen: leaves it to the guard, which is not waited for. */
void vckc_thaw_guard_release (VckcThawGuard *guard);
