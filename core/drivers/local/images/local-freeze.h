/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Freezing and thawing the file systems of a guest. Each guest that may be frozen has a guard, see
 * thaw-guard.h, which goes on where this process cannot thaw it.
 */

#pragma once

#include "managed/backends/block-backend.h"

bool
vckc_local_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err);
bool vckc_local_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err);
