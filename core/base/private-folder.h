/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A temporary folder that only its owner can enter, for sockets and scratch files that another
 * program makes there for us. It is locked as long as this process lives, so that a later one can
 * find out that what has its name was left behind.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcPrivateFolder VckcPrivateFolder;

/* A new one, with a name that begins with `prefix`. */
VckcPrivateFolder *vckc_private_folder_new (const char *prefix, VckcError **err);
/* Removes it with the files in it. */
void vckc_private_folder_free (VckcPrivateFolder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcPrivateFolder, vckc_private_folder_free)
/* Leaves it behind, as a process does that ends: the other program may still use it. */
void vckc_private_folder_leave (VckcPrivateFolder *self);

const char *vckc_private_folder_get_path (const VckcPrivateFolder *self);

/* Makes it that user's, so that a program of theirs can enter it: takes root. */
bool vckc_private_folder_give_to (VckcPrivateFolder *self, guint uid, VckcError **err);

/* Bytes that are free where it is; G_MAXUINT64 if that is not known. */
guint64 vckc_private_folder_get_room (const VckcPrivateFolder *self);

/* Is that a folder of that prefix, made by a process that has ended? */
bool vckc_private_folder_is_abandoned (const char *path, const char *prefix);
/* Removes one that is. */
void vckc_private_folder_remove_abandoned (const char *path, const char *prefix);
