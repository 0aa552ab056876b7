/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backups of a domain that runs: how long they take, and what they mean for the guest. */

#pragma once

#include "bench.h"

void bench_run_running (Bench *bench);
