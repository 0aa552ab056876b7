/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The threads that work for a connection until it is closed. */

#pragma once

#include "drivers/libvirt/link/libvirt-connection.h"

/* Calls `run` in a new thread, which ends with it. */
bool vckc_libvirt_threads_start (VckcLibvirtConnection *connection,
                                 const char *name,
                                 void (*run) (gpointer data),
                                 gpointer data,
                                 GError **err);

/* Waits in such a thread until `deadline` (of g_get_monotonic_time()), until the connection's
 * `changed` is signalled or until it is closed. Returns whether to go on waiting. With the
 * connection's mutex held. */
bool vckc_libvirt_threads_wait_locked (VckcLibvirtConnection *connection, gint64 deadline);

/* Has the threads of a connection, which is closed, end and waits for them; not for one that gets
 * no answer from libvirt, and not in one of them. */
void vckc_libvirt_threads_end (VckcLibvirtConnection *connection);
