/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/testing/memory-fault.h"

void
vckc_memory_fault_init (VckcMemoryFault *fault)
{
  vckc_mutex_init (&fault->mutex);
}

void
vckc_memory_fault_clear (VckcMemoryFault *fault)
{
  vckc_mutex_clear (&fault->mutex);
}

void
vckc_memory_fault_plan (VckcMemoryFault *fault, guint64 first, bool persistent, VckcErrorCode code)
{
  vckc_mutex_lock (&fault->mutex);
  fault->n_calls = 0;
  fault->first = first;
  fault->persistent = persistent;
  fault->code = code;
  vckc_mutex_unlock (&fault->mutex);
}

guint64
vckc_memory_fault_count (VckcMemoryFault *fault)
{
  guint64 count;

  vckc_mutex_lock (&fault->mutex);
  count = fault->n_calls;
  vckc_mutex_unlock (&fault->mutex);
  return count;
}

bool
vckc_memory_fault_pass (VckcMemoryFault *fault, const char *call, VckcError **err)
{
  VckcErrorCode code;
  guint64 number;
  bool fails;

  vckc_mutex_lock (&fault->mutex);
  code = fault->code;
  number = ++fault->n_calls;
  fails =
      fault->first != 0 && (fault->persistent ? number >= fault->first : number == fault->first);
  vckc_mutex_unlock (&fault->mutex);

  if (fails)
    {
      g_debug ("'%s' is made to fail", call);
      vckc_set_error (err, code,
                      "access number %" G_GUINT64_FORMAT " to the simulated disks was made to fail",
                      number);
    }
  return !fails;
}

bool
vckc_memory_fault_lasts (VckcMemoryFault *fault, VckcError **err)
{
  VckcErrorCode code;
  bool lasts;

  vckc_mutex_lock (&fault->mutex);
  code = fault->code;
  lasts = fault->first != 0 && fault->persistent && fault->n_calls + 1 >= fault->first;
  vckc_mutex_unlock (&fault->mutex);
  if (lasts)
    vckc_set_error (err, code, "all access to the simulated disks was made to fail");
  return lasts;
}
