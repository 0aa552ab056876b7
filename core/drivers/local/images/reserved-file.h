/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Room for a file that is being written: what is reserved cannot be taken by other files. */

#pragma once

#include "base/error-private.h"

/* Reserves so many bytes for a file; its size stays. *ret_reserved is false, and nothing was
 * reserved, if the file system cannot do that. NO_SPACE if there is too little room. Of a block
 * device only the size is compared. */
bool vckc_reserved_file_extend (int fd,
                                const char *path,
                                guint64 bytes,
                                bool *ret_reserved,
                                VckcError **err);

/* Gives back what was reserved and not written to. */
void vckc_reserved_file_cut (int fd, const char *path);
