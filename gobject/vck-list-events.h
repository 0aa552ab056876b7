/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The events that concern the lists of a connection, from the thread of the change to its main
 * context.
 *
 * Events without a list are not queued, nor are more than 10,000: if the context does not run, they
 * are dropped, and the lists are loaded again when it does. An event that has all there is is
 * never dropped, since there is one for each load only.
 */

#pragma once

#include "vck-private.h"

typedef struct _VckListEvents VckListEvents;

VckListEvents *vck_list_events_new (void);
VckListEvents *vck_list_events_ref (VckListEvents *self);
void vck_list_events_unref (VckListEvents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckListEvents, vck_list_events_unref)

/* In any thread: `root` is the identity of the connection, and `identity` that of the checkpoint or
 * else of the domain. Returns whether there is something to apply. */
gboolean vck_list_events_push (VckListEvents *self,
                               const VckcEvent *event,
                               VckIdentity *root,
                               VckIdentity *identity /* (nullable) */);

/* Drops what was not applied. */
void vck_list_events_clear (VckListEvents *self);

gboolean vck_list_events_is_empty (VckListEvents *self);

/* In the main context: the lists become what all events so far lead to. */
void vck_list_events_apply (VckListEvents *self, VckConnection *connection);

/* In the main context: no more events follow. */
void vck_list_events_close (VckConnection *connection);
