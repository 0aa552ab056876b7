/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The memory of a domain that was saved while it ran. */

#pragma once

#include <stdbool.h>

#include "base/error-private.h"
#include "vckc-types.h"

/* Does the domain go on from such a state when it is started? */
bool vckc_saved_state_find (VckcDomain *domain, bool *ret_saved, VckcError **err);
