/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * An image held for writing while a storage daemon works on it.
 *
 * We take the locks that QEMU would take, and the daemon does without: it inherits ours, which
 * hold until both processes are done. So when the daemon dies, nobody else can have opened the
 * image since it did, and what QEMU left half-done can be put right (see qcow2-bitmaps.h). When
 * both die, the time of the image's last change tells, if it is still the one that was recorded.
 */

#pragma once

#include "../../managed/block-backend.h"

typedef struct _VckcImageGuard VckcImageGuard;

/* BUSY if another program has the image open in a way that excludes writing. */
VckcImageGuard *vckc_image_guard_new (const char *path, const char *target, VckcError **err);
void vckc_image_guard_free (VckcImageGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcImageGuard, vckc_image_guard_free)

/* The open file that has the locks, to be inherited. */
int vckc_image_guard_get_fd (const VckcImageGuard *guard);
/* False where the file system knows no such locks. */
bool vckc_image_guard_is_locked (const VckcImageGuard *guard);

/* Once no daemon has the image open any more: puts right what it left, if it died. */
void vckc_image_guard_heal (VckcImageGuard *guard);

/* With the image opened by the daemon: a text by which vckc_image_guard_heal_sealed() can tell
 * later, should both processes die, whether the image was changed since. */
char *vckc_image_guard_seal (const VckcImageGuard *guard);
bool vckc_image_guard_heal_sealed (const char *path,
                                   const char *target,
                                   const char *seal,
                                   VckcError **err);
