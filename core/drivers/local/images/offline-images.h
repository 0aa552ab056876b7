/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The images of a domain that is off. They are locked if they are to be changed, and read by a
 * storage daemon, which shows what QEMU sees in them, unless the mode of the session is one that
 * does without; changes are made without it (see qcow2-bitmap-change.h).
 */

#pragma once

#include "drivers/local/images/local-session.h"

/* Opens the images of the session; `domain` is the UUID. */
bool vckc_offline_images_open (VckcLocalSession *self,
                               const char *domain,
                               VckcBlockSessionMode mode,
                               VckcError **err);

/* See session_get_loss in block-backend.h. */
VckcBlockLoss vckc_offline_images_get_loss (VckcLocalSession *self, guint disk);

/* Adds or removes bitmaps, one disk after the other. On failure, those added before are removed
 * again. */
bool vckc_offline_images_change (VckcLocalSession *self,
                                 const VckcBlockBitmapRef *bitmaps,
                                 guint n_bitmaps,
                                 bool add,
                                 VckcError **err);
