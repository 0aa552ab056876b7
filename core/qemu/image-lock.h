/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The lock of an image: the bytes that QEMU would lock, as open file description locks. While it is
 * held, other programs cannot open the image for writing. Freeing it
 * unlocks the image, also if a child process has inherited the open file.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcImageLock VckcImageLock;

/* Opens and locks the image, to write it. BUSY if another program has it open in a way that
 * excludes writing. */
VckcImageLock *vckc_image_lock_new (const char *path, const char *target, VckcError **err);
/* The same to read it, as others may, too. BUSY if another program writes it. */
VckcImageLock *vckc_image_lock_new_shared (const char *path, const char *target, VckcError **err);
void vckc_image_lock_free (VckcImageLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcImageLock, vckc_image_lock_free)

/* From now on other programs can open the image, but only to read it. */
void vckc_image_lock_allow_reading (VckcImageLock *lock);

/* The open file that holds the lock, for reading and, unless it is shared, writing. */
int vckc_image_lock_get_fd (const VckcImageLock *lock);
/* False where the file system has no such locks. */
bool vckc_image_lock_is_held (const VckcImageLock *lock);
