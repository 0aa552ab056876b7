/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Connecting to a socket that may have nobody behind it. */

#pragma once

#include "base/error-private.h"

/* Connects to the stream socket at `path`; *ret_fd is -1 if no program listens there. A listener that
 * has others to attend to is waited for until `deadline` (g_get_monotonic_time()), then *ret_fd is
 * -1 too and *ret_full is true. Waiting ends with CANCELLED once `cancel_fd` is readable; -1: never. */
bool vckc_unix_socket_connect (const char *path,
                               gint64 deadline,
                               int cancel_fd,
                               int *ret_fd,
                               bool *ret_full,
                               VckcError **err);

typedef enum
{
  VCKC_SOCKET_TALKS,  /* something can be read */
  VCKC_SOCKET_CLOSED, /* the other side has closed it */
  VCKC_SOCKET_SILENT, /* neither happened in time */
  VCKC_SOCKET_CANCELLED,
} VckcSocketSign;

/* Waits for a sign of the other side; reads nothing. */
VckcSocketSign vckc_unix_socket_await (int fd, gint64 deadline, int cancel_fd);
