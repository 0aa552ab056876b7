/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Freezing the file systems of a guest through the QEMU guest agent inside it. */

#pragma once

#include "base/error-private.h"

/* How long an agent is waited for by default, in milliseconds. */
#define VCKC_AGENT_TIMEOUT (10 * 1000)

/* Freezes all file systems, or none. `timeout`, in milliseconds, covers the whole operation,
 * counted from `since`, or from now if that is 0; on failure all are thawed, with as much time
 * again. *maybe: they are frozen, or may be, as they may have been before; false once they are
 * certainly thawed. *ret_none: there are none. Waiting ends with CANCELLED once `cancel_fd` is
 * readable; -1: never. */
bool vckc_guest_agent_freeze (const char *socket,
                              gint64 since,
                              guint timeout,
                              int cancel_fd,
                              bool *maybe,
                              bool *ret_none,
                              VckcError **err);

/* Thaws them, in up to three attempts; but an agent that did not answer in time is not asked
 * again. *ret_none: the one that succeeded had none to thaw. *ret_first: why the first one failed;
 * NULL if it did not. It may have thawed them: QEMU's agent does that before it runs its hooks. */
bool vckc_guest_agent_thaw (const char *socket,
                            guint timeout,
                            bool *ret_none,
                            VckcError **ret_first,
                            VckcError **err);
