/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Holding the file systems of a guest still, through the QEMU guest agent inside it. */

#pragma once

#include "../../error-private.h"

/* In milliseconds. */
typedef struct
{
  guint sync;   /* until the agent shows that it is there */
  guint answer; /* for each command */
} VckcAgentPatience;

extern const VckcAgentPatience vckc_agent_usual_patience;

/* Freezes all file systems, or none. */
bool vckc_guest_agent_freeze (const char              *socket,
                              const VckcAgentPatience *patience,
                              VckcError              **err);

/* Thaws them, if need be at the second or third attempt. */
bool vckc_guest_agent_thaw (const char              *socket,
                            const VckcAgentPatience *patience,
                            VckcError              **err);
