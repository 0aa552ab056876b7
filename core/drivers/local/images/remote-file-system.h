/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* File systems that do not depend on this host alone: behind them is a network, or a program. They
 * may become slow, or fail, at any moment, and with them all that waits for them. */

#pragma once

#include "base/error-private.h"

/* The name of the file system of that type, as statfs() gives it; NULL if it depends on this host
 * alone, as far as is known. */
const char *vckc_remote_file_system_get_name (guint64 type);

/* The same of an open file, in *ret_name: NULL also if the image of the disk is a file there, for
 * which the guest has to wait in any case. False if it cannot be found out. */
bool vckc_remote_file_system_find (int fd,
                                   const char *path,
                                   const char *image,
                                   const char **ret_name,
                                   VckcError **err);
