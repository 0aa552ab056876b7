/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * An image held for writing, with the locks that QEMU would take. Who else wants it gets BUSY as long,
 * and so do we if somebody else has it. The locks end with the guard, whoever inherited the open file,
 * or else with the last process that has it open.
 */

#pragma once

#include "managed/backends/block-backend.h"

typedef struct _VckcImageGuard VckcImageGuard;

/* BUSY if another program has the image open in a way that excludes writing. */
VckcImageGuard *vckc_image_guard_new (const char *path, const char *target, VckcError **err);
void vckc_image_guard_free (VckcImageGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcImageGuard, vckc_image_guard_free)

/* The open file that has the locks, for reading and writing. */
int vckc_image_guard_get_fd (const VckcImageGuard *guard);
/* False where the file system knows no such locks. */
bool vckc_image_guard_is_locked (const VckcImageGuard *guard);
