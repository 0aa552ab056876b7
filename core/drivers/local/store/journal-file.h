/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The record of an unfinished change as text: a key file that people can read, and that
 * tells if a part is missing. All strings of a change must be UTF-8.
 */

#pragma once

#include "managed/backends/store.h"

char *vckc_pending_record_format (const VckcStoreChange *change);

/* Reads such a text, which may have been edited by hand. Checkpoint names are checked like
 * those of callers. */
VckcStoreChange *vckc_pending_record_parse (const char *text, VckcError **err);
