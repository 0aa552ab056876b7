/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Faults on demand: lets a test make the n-th call that touches the simulated outside world
 * fail, to see that everything is as it was afterwards. */

#pragma once

#include "base/error-private.h"
#include "base/lock.h"

typedef struct
{
  VckcMutex mutex; /* covers all below */
  guint64 n_calls; /* since the plan was set */
  guint64 first;   /* the call that fails, counted from 1; 0 for none */
  bool persistent; /* every later call fails too */
  VckcErrorCode code;
} VckcMemoryFault;

void vckc_memory_fault_init (VckcMemoryFault *fault);
void vckc_memory_fault_clear (VckcMemoryFault *fault);

/* Starts to count anew; see vckc_memory_fail_at(). */
void
vckc_memory_fault_plan (VckcMemoryFault *fault, guint64 first, bool persistent, VckcErrorCode code);
guint64 vckc_memory_fault_count (VckcMemoryFault *fault);

/* To be called first by every call that may fail. */
bool vckc_memory_fault_pass (VckcMemoryFault *fault, const char *call, VckcError **err);

/* Does every call fail from the next one on? *err is set then. Is no call itself. */
bool vckc_memory_fault_lasts (VckcMemoryFault *fault, VckcError **err);
