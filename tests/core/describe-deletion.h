/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The plan of a deletion as text, for tests. */

#pragma once

#include "vckc.h"

/* "a(vda/a- vdb/a-) b()": the checkpoints that would go with their bitmaps; those that would be
 * removed have a "-". */
char *describe_deletion (VckcDeletePlan *plan);
