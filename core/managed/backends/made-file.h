/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Files and sockets that were made for a backup, and are to go with it. */

#pragma once

#include "base/error-private.h"
#include "model/image-identity.h"

/* Are both certainly the same file? */
bool vckc_made_file_is_same (const VckcBlockImage *one, const VckcBlockImage *other);

/* Removes the file that was made, unless it is gone. What may be another file stays, which is an
 * error. */
bool vckc_made_file_remove (const char *path, const VckcBlockImage *made_as, VckcError **err);
