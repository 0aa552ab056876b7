/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Changed blocks of a domain that is off, read from the images of the session, which are locked for
 * reading; no process is started. Where there are no such locks, a program that opens or changes
 * the image meanwhile is noticed at the end.
 */

#pragma once

#include "drivers/local/images/local-session.h"

/* See session_find_bitmap in block-backend.h. */
bool vckc_offline_extents_find (VckcLocalSession *self,
                                const VckcBlockBitmapRef *ref,
                                VckcBlockBitmap **ret_bitmap,
                                VckcError **err);

/* See session_open_extents in block-backend.h. */
VckcExtentReader *vckc_offline_extents_open (VckcLocalSession *self,
                                             const VckcBlockBitmapRef *ref,
                                             bool with_zero,
                                             VckcError **err);
