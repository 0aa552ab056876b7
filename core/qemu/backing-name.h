/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What image is meant by the name that is in the header of an image which is based on it. */

#pragma once

#include "base/error-private.h"

/* The path of the file or block device that the image at `path` calls `name`, as QEMU finds it;
 * NULL if it is on the network. CONFIG_UNSUPPORTED if that is not known. */
bool vckc_backing_name_resolve (const char *name,
                                const char *path,
                                char **ret_file /* (nullable) */,
                                VckcError **err);
