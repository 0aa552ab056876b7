/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Connecting to a socket on which perhaps no program listens. */

#pragma once

#include "base/error-private.h"

/* Connects to the stream socket at `path`; *ret_fd is -1 if no program listens there. A listener
 * that serves other clients is waited for until `deadline` (g_get_monotonic_time()), then
 * *ret_fd is -1 too and *ret_full is true. Waiting ends with CANCELLED once `cancel_fd` is
 * readable; -1: never. */
bool vckc_unix_socket_connect (const char *path,
                               gint64 deadline,
                               int cancel_fd,
                               int *ret_fd,
                               bool *ret_full,
                               VckcError **err);

typedef enum
{
  VCKC_SOCKET_READABLE,  /* something can be read */
  VCKC_SOCKET_CLOSED,    /* the other side has closed it */
  VCKC_SOCKET_TIMED_OUT, /* neither happened in time */
  VCKC_SOCKET_CANCELLED,
} VckcSocketEvent;

/* Waits for the other side to send something or to close; reads nothing. */
VckcSocketEvent vckc_unix_socket_await (int fd, gint64 deadline, int cancel_fd);
