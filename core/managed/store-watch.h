/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A thread that follows what other processes do to the store, and brings the engine up to date. */

#pragma once

#include "managed/engine.h"

/* Starts or ends the watch, as the engine's subscribers ask for; with the mutex held. */
void vckc_store_watch_update_locked (VckcEngine *engine);
