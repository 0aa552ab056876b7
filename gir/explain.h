/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Why one symbol became what it became. */

#pragma once

#include "model.h"

/* NULL if there is no symbol of that name. */
char *bg_explain (const BgModel *model, const char *name);
