/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is done with many checkpoints of one domain, whatever the driver. */

#pragma once

#include "bench.h"
#include "handles/handles.h"

/* Ends the program if a call has failed. */
void bench_check (VckcError *error);

VckcConnect *bench_open (const char *uri);

/* A chain of checkpoints is made, looked at from all sides and deleted. */
void bench_checkpoints (Bench *bench, const char *subject, VckcDomain *domain, guint count);
