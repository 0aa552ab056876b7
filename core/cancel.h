/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Cancelling while waiting. A call is cancelled by the GCancellable that is current in its
 * thread (g_cancellable_push_current()), and only as long as it waits for its turn: what has
 * begun to change something is not stopped half-way.
 */

#pragma once

#include "error-private.h"
#include "lock.h"

/* Was the current call cancelled? Then CANCELLED is set; `waiting_for` says for what it waited. */
bool vckc_cancel_check (const char *waiting_for, VckcError **err);

/* While a VckcCancelWatch is open, cancelling the current call wakes up who waits on the
 * condition. To be opened and closed without the mutex held. */
typedef struct _VckcCancelWatch VckcCancelWatch;

VckcCancelWatch *vckc_cancel_watch_open (VckcCond *cond, VckcMutex *mutex);
void vckc_cancel_watch_close (VckcCancelWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcCancelWatch, vckc_cancel_watch_close)

/* With the mutex held. */
bool vckc_cancel_watch_is_cancelled (const VckcCancelWatch *watch);
