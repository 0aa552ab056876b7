/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A block backend whose disks exist in memory only: what is written to a disk is a set of
 * dirty granules in each of its bitmaps. */

#pragma once

#include "drivers/memory/memory-backup.h"
#include "drivers/memory/testing/memory-fault.h"
#include "managed/backends/block-backend.h"

/* The backend owns the faults, which the store shares. */
VckcBlockBackend *vckc_memory_backend_new (void);
VckcMemoryFault *vckc_memory_backend_get_fault (VckcBlockBackend *backend);
VckcMemoryBackups *vckc_memory_backend_get_backups (VckcBlockBackend *backend);

/* Notes a write of `length` bytes at `offset` in every recording bitmap of the image. */
void vckc_memory_backend_write (VckcBlockBackend *backend,
                                const char *path,
                                guint64 offset,
                                guint64 length);
/* The same at the beginning of every image that has bitmaps. */
void vckc_memory_backend_write_all (VckcBlockBackend *backend, guint64 length);

/* Makes a bitmap vanish or go bad behind the engine's back. False if there is none. */
bool
vckc_memory_backend_lose_bitmap (VckcBlockBackend *backend, const char *path, const char *bitmap);
bool
vckc_memory_backend_break_bitmap (VckcBlockBackend *backend, const char *path, const char *bitmap);

/* How often guests were frozen, and how many are frozen now. */
guint vckc_memory_backend_count_freezes (VckcBlockBackend *backend);
guint vckc_memory_backend_count_frozen (VckcBlockBackend *backend);
