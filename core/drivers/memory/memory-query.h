/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What a program that is tested with a `memory:` connection cannot do to the disks itself is asked
 * for by the query of the URI: `memory:///name?write=65536&fail=3`.
 */

#pragma once

#include "handles/driver.h"
#include "managed/backends/block-backend.h"

typedef struct
{
  bool has_fault;
  bool lasting;       /* the fault */
  guint64 first;      /* the access that fails, counted from 1; 0 for none */
  VckcErrorCode code; /* of the fault */
  guint64 write;      /* bytes to write at the beginning of every disk */
} VckcMemoryQuery;

bool vckc_memory_query_parse (const VckcUri *uri, VckcMemoryQuery *ret_query, VckcError **err);
/* Does it to a memory backend. */
void vckc_memory_query_apply (const VckcMemoryQuery *query, VckcBlockBackend *backend);
