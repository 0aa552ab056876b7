/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A store that keeps everything in memory, as long as it lives. */

#pragma once

#include "drivers/memory/testing/memory-fault.h"
#include "managed/backends/store.h"

/* `fault` is borrowed and must outlive the store. */
VckcStore *vckc_memory_store_new (VckcMemoryFault *fault);
