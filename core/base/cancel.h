/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Cancelling while waiting. A call is cancelled by the GCancellable that is current in its
 * thread (g_cancellable_push_current()), and only until it changes something: as long as it waits
 * for the domain lock, or queries a running domain. What has begun is not stopped half-way.
 */

#pragma once

#include "base/error-private.h"
#include "base/lock.h"

/* Was the current call cancelled? Then CANCELLED is set; `waiting_for` says for what it waited. */
bool vckc_cancel_check (const char *waiting_for, VckcError **err);

/* While a VckcCancelWatch is open, cancelling the current call wakes up the threads that wait on
 * the condition. To be opened and closed without the mutex held. */
typedef struct _VckcCancelWatch VckcCancelWatch;

VckcCancelWatch *vckc_cancel_watch_open (VckcCond *cond, VckcMutex *mutex);
void vckc_cancel_watch_close (VckcCancelWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcCancelWatch, vckc_cancel_watch_close)

/* While a VckcCancelFd is open, there is a descriptor that becomes readable when the current
 * call is cancelled, to be waited for with poll(). */
typedef struct _VckcCancelFd VckcCancelFd;

VckcCancelFd *vckc_cancel_fd_open (void);
void vckc_cancel_fd_close (VckcCancelFd *cancel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcCancelFd, vckc_cancel_fd_close)

/* -1, which poll() ignores, if the call cannot be cancelled or no descriptor is left. */
int vckc_cancel_fd_get (const VckcCancelFd *cancel);

/* With the mutex held. */
bool vckc_cancel_watch_is_cancelled (const VckcCancelWatch *watch);
