/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Turns the events of a core connection into signals.
 *
 * The core tells of an event in whichever thread made the change. The dispatcher notes
 * it and emits the signals later, in order and one at a time, from a source in the main
 * context of the connection object. It holds no reference to that object: when the object
 * dies, whether between two events, in the handler of one, or while nobody runs the
 * context, what is pending is dropped.
 *
 * What waits is bounded, for the context may never run. What nobody listens to when it
 * happens is not kept; changes of one object are kept once, for its properties are
 * right from the moment of the change; and of the rest a number, behind which everything is dropped and only
 * that something was lost is kept.
 */

#pragma once

#include "vck-private.h"

typedef struct _VckDispatcher VckDispatcher;

/* Starts to listen to `connect`, which must live until the dispatcher is stopped. */
VckDispatcher *vck_dispatcher_new (VckConnection *connection,
                                   VckcConnect *connect,
                                   VckIdentity *identity,
                                   GMainContext *context,
                                   VckcError **err);

/* Stops to listen and drops what is pending; afterwards the caller's pointer is void.
 * May be called from any thread and from inside a signal handler. */
void vck_dispatcher_stop (VckDispatcher *self);
