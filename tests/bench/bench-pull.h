/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "bench.h"

/* Backups of a running domain of libvirt; does nothing where libvirt or libnbd was not built in. */
void bench_run_pull (Bench *bench);
