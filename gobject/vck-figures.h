/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What was measured, from the event of the core to the properties of the checkpoints.
 */

#pragma once

#include "vck-private.h"

/* In the thread of the call that measured: updates the checkpoints below that of the domain that
 * have an object. Returns whether something changed. */
gboolean vck_figures_take (VckIdentity *domain, const VckcEvent *event);

/* In the main context of the connection: emits `notify` of what changed. */
void vck_figures_notify (VckIdentity *domain);
