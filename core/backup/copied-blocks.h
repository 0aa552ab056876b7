/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which blocks an incremental backup has copied to an image: those that hide what the image is
 * based on. They are read from its tables before anything else is added to it. */

#pragma once

#include "base/error-private.h"

/* Writes the list (blocks-file.h) of the image that is open in the folder. */
bool vckc_copied_blocks_write (int image_fd,
                               int dir_fd,
                               const char *where,
                               const char *image,
                               const char *name,
                               VckcError **err);
