/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A process that thaws the file systems of a guest if this one dies before it has done that itself.
 * It has no other descriptors of this process, and is not ended with its process group.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcThawGuard VckcThawGuard;

/* Before anything is frozen. `socket` is that of the guest agent. */
VckcThawGuard *vckc_thaw_guard_new (const char *socket, VckcError **err);
/* The guest is thawed, or was not frozen. */
void vckc_thaw_guard_free (VckcThawGuard *guard);
