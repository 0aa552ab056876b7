/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "bench.h"

/* Does nothing, with a message, where libnbd was not built in. */
void bench_run_writes (Bench *bench);
