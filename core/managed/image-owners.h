/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whose bitmaps there are in an image that several domains of a store have. */

#pragma once

#include "managed/engine.h"

/* Of all domains but `uuid` that have the image as a disk: names of bitmaps -> whose they are, such
 * as "checkpoint 'c' of domain 'd'". A domain that cannot be read is passed over. */
GHashTable *vckc_image_owners (VckcEngine *engine, const char *uuid, const VckcBlockImage *image);
