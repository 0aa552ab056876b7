/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Whether the tables of a qcow2 image are consistent: that every cluster they refer to is in the
 * file, counts as used, and is used once. Nothing is written. Memory is bounded: one bit for each
 * cluster of the file.
 */

#pragma once

#include "base/error-private.h"

/* Looks at the open image; `path` is for messages. *ret_fault is the first fault, a part of a
 * sentence, NULL if there is none. Fails if the image cannot be read, or is not a qcow2 image. */
bool vckc_qcow2_check (int fd, const char *path, char **ret_fault, VckcError **err);
