/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The Unix socket at which a backup is offered. */

#pragma once

#include "base/error-private.h"

/* Makes a socket that only this user can reach, at a path where there is nothing, and binds it; the
 * NBD server is to listen at it. Returns -1 on failure: INVALID_ARG if there is something. */
int vckc_export_socket_make (const char *path, VckcError **err);
