/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A socket in a folder of its own that only this user can enter, for QEMU to listen at. It is made
 * here and passed to QEMU as a descriptor, so QEMU needs no rights to the folder. Its name is
 * different each time, and what QEMU has for it has that name, so that a later process can find
 * out whether QEMU still listens there.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcPrivateSocket VckcPrivateSocket;

/* A new one, with a name that begins with `prefix`. */
VckcPrivateSocket *vckc_private_socket_new (const char *prefix, VckcError **err);
/* Removes it; what listens there goes on. */
void vckc_private_socket_free (VckcPrivateSocket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcPrivateSocket, vckc_private_socket_free)
/* The same, but leaves it there: by it a later call finds out that QEMU still listens. */
void vckc_private_socket_leave (VckcPrivateSocket *self);

const char *vckc_private_socket_get_name (const VckcPrivateSocket *self);
const char *vckc_private_socket_get_path (const VckcPrivateSocket *self);
int vckc_private_socket_get_fd (const VckcPrivateSocket *self);

/* Does an NBD server greet there? For the socket of a process that may have ended. */
bool vckc_private_socket_is_served (const char *name);
/* Removes one that a process has left. */
void vckc_private_socket_remove (const char *name);
