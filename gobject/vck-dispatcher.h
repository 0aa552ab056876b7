/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Emits the events of a core connection as signals.
 *
 * The core reports an event in the thread that made the change. The dispatcher queues it and emits
 * the signals later, in order and one at a time, from a source in the main context of the
 * connection object. It holds no reference to that object: when the object is finalized, between
 * two events or in a handler, pending events are dropped.
 *
 * Before a signal, the lists that follow the events are brought up to date: see vck-list-events.h.
 *
 * The queue is bounded, since the context may never run. An event without a handler is not queued;
 * several changes of one object are queued once, since its properties are updated at the moment of
 * the change; if there are too many of the others, all are dropped and one `events-lost` is emitted
 * instead.
 */

#pragma once

#include "vck-list-events.h"
#include "vck-private.h"

typedef struct _VckDispatcher VckDispatcher;

/* Subscribes to `connect`, which must live until the dispatcher is stopped. */
VckDispatcher *vck_dispatcher_new (VckConnection *connection,
                                   VckcConnect *connect,
                                   VckIdentity *identity,
                                   VckListEvents *lists,
                                   GMainContext *context,
                                   VckcError **err);

/* Queues the change of a backup job that was learnt otherwise than by an event. Its object has it
 * already. */
void vck_dispatcher_push_job (VckDispatcher *self, VckIdentity *identity, gboolean ended);
/* The same of a disk. */
void vck_dispatcher_push_disk (VckDispatcher *self, VckIdentity *identity);

/* In any thread: has vck_connection_notify_opened() called in the context. */
void vck_dispatcher_wake (VckDispatcher *self);

/* Unsubscribes, drops pending events and frees the dispatcher. May be called from any thread and
 * from inside a signal handler. */
void vck_dispatcher_stop (VckDispatcher *self);
