/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Cases of libvirt's QEMU driver alone. */

#pragma once

#include "contract.h"

void add_libvirt_backup_cases (const Target *target);
void add_libvirt_quiesce_cases (const Target *target);
void add_libvirt_extents_cases (const Target *target);
void add_libvirt_pull_cases (const Target *target);
