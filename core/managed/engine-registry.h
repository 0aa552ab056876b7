/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * All engines of the process. An engine is shared by the connections of this process to the same
 * backend, and goes with the last of them. A managed driver is a store, a block backend, a way to
 * find the instance a URI means, and VCKC_ENGINE_METHODS of methods/engine-methods.h.
 */

#pragma once

#include "managed/engine.h"

/* Makes the parts of a new engine; called with the registry locked. */
typedef bool (*VckcEngineMaker) (const char *key, VckcEngineParts *ret_parts, VckcError **err);

/* Gives `connect` the engine of that key, made by `maker` if there is none, and
 * reads its domains. `key` must be the same for the same backend and different
 * between drivers. Sets connect->driver_data. */
bool
vckc_engine_attach (VckcConnect *connect, const char *key, VckcEngineMaker maker, VckcError **err);

/* Driver methods. The last one is both for a new subscriber and for one that left. */
void vckc_engine_connect_close (VckcConnect *connect);
void vckc_engine_connect_free (VckcConnect *connect);
void vckc_engine_connect_watch (VckcConnect *connect);
