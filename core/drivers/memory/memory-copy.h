/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a simulated disk holds at one moment, as a qcow2 image in memory: it has no name, and is
 * gone with the last process that has it open. */

#pragma once

#include "drivers/memory/memory-images.h"

/* An empty file. Returns -1 on failure. */
int vckc_memory_copy_open (const char *target, VckcError **err);
/* Writes the disk to it, and what the base marks as a bitmap of that name. */
bool
vckc_memory_copy_write (int fd, const char *target, const VckcMemoryPoint *point, VckcError **err);
