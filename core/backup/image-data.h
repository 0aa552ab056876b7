/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which parts of a disk may hold something else than zeros, as the tables of its image say. */

#pragma once

#include "model/extent-reader.h"

/* Reads the tables of an open qcow2 image, which must stay open and locked as long as the reader;
 * `path` is for messages and borrowed. The extents are DATA: all but what is certain to read as
 * zeros. */
VckcExtentReader *vckc_image_data_open (int fd, const char *path, VckcError **err);

/* The same, but the extents are those of which the image itself says what they hold: of an image
 * that is based on another one, what hides that. */
VckcExtentReader *vckc_image_own_open (int fd, const char *path, VckcError **err);
