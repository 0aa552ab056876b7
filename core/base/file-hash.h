/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "base/error-private.h"

/* The SHA-256 of an open file, 64 hexadecimal digits in lower case; `path` is for messages.
 * CANCELLED if the call is cancelled. */
char *vckc_file_hash (int fd, const char *path, VckcError **err);
