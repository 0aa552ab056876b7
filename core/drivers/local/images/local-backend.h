/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The block backend for domains whose disks are qcow2 images on this host. While QEMU runs, a
 * session works through it, so that nothing else writes to its images; bitmaps that are added are
 * stored when QEMU closes the images. Otherwise a session locks the images, and has a storage
 * daemon of its own.
 */

#pragma once

#include "drivers/local/machine/guest-agent.h"
#include "drivers/local/machine/machine-qmp.h"
#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"

/* `store` (nullable, borrowed): a local store. Storage daemons inherit its lock of the domain,
 * so that the domain stays locked until they have ended, also if this process is killed. */
VckcBlockBackend *vckc_local_backend_new (VckcStore *store);

/* How long to wait for QEMU and for agents, in milliseconds. Only before the backend is used. */
void vckc_local_backend_set_timeouts (VckcBlockBackend *backend, guint machine, guint agent);
