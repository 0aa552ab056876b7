/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The identity of the file, or block device, of an image. */

#pragma once

#include "model/image-identity.h"

/* False if there is nothing at the path, or it cannot be looked at. Nothing is opened. */
bool vckc_image_stat (const char *path, VckcBlockImage *ret_image);
