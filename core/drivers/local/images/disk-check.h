/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Can bitmaps be stored on a disk? */

#pragma once

#include "managed/backends/block-backend.h"

/* Looks at the definition only. CONFIG_UNSUPPORTED if it rules bitmaps out. */
bool vckc_disk_check_definition (const VckcBlockDisk *disk, VckcError **err);

/* See check_disk in block-backend.h. */
bool vckc_disk_check (const char *qmp_socket, const VckcBlockDisk *disk, VckcError **err);
