/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Copies of open files. */

#pragma once

#include "base/error-private.h"

/* Makes the empty file `to_fd` a copy of `from_fd`, which may share its blocks and has its holes.
 * The paths are for messages. NO_SPACE if there is no room; CANCELLED if the call is cancelled. */
bool vckc_file_copy (int from_fd,
                     const char *from_path,
                     int to_fd,
                     const char *to_path,
                     VckcError **err);
