/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "model/extent-reader.h"

/* Reads to the end, which must not fail. */
GArray *read_extents (VckcExtentReader *reader);

/* Fails the test unless both lists are the same. */
void assert_extents (const GArray *extents, const GArray *expected);
