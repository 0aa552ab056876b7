/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Instead of nbd-extents.c in a build without libnbd. */

#include "nbd/nbd-extents.h"

bool
vckc_nbd_extents_check_support (VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_SUPPORT,
                  "cannot read the changed blocks of a running domain, since Vck was built without "
                  "libnbd; stop the domain, or build it with -Dnbd=enabled, which needs "
                  "Debian's package libnbd-dev");
  return false;
}

VckcExtentReader *
vckc_nbd_extents_read (const VckcNbdExtents *source, VckcError **err)
{
  vckc_nbd_extents_check_support (err);
  return NULL;
}
