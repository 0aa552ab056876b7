/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A block backend whose disks exist in memory only (see memory-images.h). */

#pragma once

#include "drivers/memory/memory-backup.h"
#include "drivers/memory/memory-images.h"
#include "drivers/memory/testing/memory-fault.h"
#include "managed/backends/block-backend.h"

/* The backend owns the faults, which the store shares. */
VckcBlockBackend *vckc_memory_backend_new (void);
VckcMemoryFault *vckc_memory_backend_get_fault (VckcBlockBackend *backend);
VckcMemoryBackups *vckc_memory_backend_get_backups (VckcBlockBackend *backend);
VckcMemoryImages *vckc_memory_backend_get_images (VckcBlockBackend *backend);

/* How often guests were frozen, and how many are frozen now. */
guint vckc_memory_backend_count_freezes (VckcBlockBackend *backend);
guint vckc_memory_backend_count_frozen (VckcBlockBackend *backend);
