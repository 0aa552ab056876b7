/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A thread that follows the state of a domain, and reports it to the engine. */

#pragma once

#include "managed/engine.h"

/* Starts or ends the watch of a domain, as its definition and the engine's subscribers ask for;
 * with the mutex held. */
void vckc_state_watch_update_locked (VckcEngine *engine, VckcManagedDomain *domain);

/* The same for all domains. */
void vckc_state_watch_update_all_locked (VckcEngine *engine);
