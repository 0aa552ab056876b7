/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The block backend for machines whose disks are qcow2 images on this host. A session works
 * through the QEMU of a machine that runs, so that nothing is written to the images behind its
 * back; what it adds is stored when QEMU closes them. For a machine that is off a session is a
 * storage daemon of its own, which holds the images.
 */

#pragma once

#include "drivers/local/machine/guest-agent.h"
#include "drivers/local/machine/machine-qmp.h"
#include "managed/backends/block-backend.h"
#include "managed/backends/store.h"

/* `store` (nullable, borrowed): a local store, of which the domain's lock is kept while a storage daemon
 * still works on its images, also when we do not live to see its end. */
VckcBlockBackend *vckc_local_backend_new (VckcStore *store);

/* How long machines and agents are waited for, in milliseconds; before the backend is used. */
void vckc_local_backend_set_timeouts (VckcBlockBackend *backend, guint machine, guint agent);
