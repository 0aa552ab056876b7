/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * libvirt needs an event loop for its sockets and timers, for events and keepalive. If the program
 * has registered an event loop with libvirt, it is used. Otherwise we register one that runs in
 * a thread of its own and shares nothing with the program's main contexts. libvirt takes
 * only the first one there is, for the whole process.
 */

#pragma once

#include "base/error-private.h"

/* To be called before a connection is opened. */
bool vckc_libvirt_loop_ensure (VckcError **err);
