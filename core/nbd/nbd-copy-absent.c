/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Instead of nbd-copy.c in a build without libnbd. */

#include "nbd/nbd-copy.h"

gint64
vckc_nbd_copy (const VckcNbdCopy *copy, VckcError **err)
{
  vckc_nbd_extents_check_support (err);
  return -1;
}
