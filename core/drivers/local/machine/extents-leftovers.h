/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What reading the changed blocks of a running QEMU makes there for a moment: a copy of a bitmap,
 * the NBD server and an export. All have the name of a private socket, which begins with a prefix.
 */

#pragma once

#include "qemu/qmp-client.h"

#define VCKC_EXTENTS_PREFIX "vck-extents-"

/* Removes all of that, whether this process or one that was killed has made it. The NBD server is
 * stopped only if it is proven to be ours, by an export of ours or by its socket, and has no other
 * export. */
bool vckc_extents_leftovers_remove (VckcQmpClient *client, VckcError **err);
