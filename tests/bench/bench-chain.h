/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Memory of backups of disks that are based on many images. */

#pragma once

#include "bench.h"

void bench_run_chains (Bench *bench);
