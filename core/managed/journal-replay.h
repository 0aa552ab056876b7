/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Completes what a journal says: see store.h. */

#pragma once

#include "managed/engine.h"

/* With the job held: does what the journal of an operation says (see store.h), then
 * drops it. On failure the journal stands, and the next job tries again. `def` is the
 * definition that names the sockets; NULL: nothing is known of them. */
bool vckc_journal_replay (VckcEngine *engine,
                          VckcManagedDomain *domain,
                          const VckcDomainDef *def,
                          const VckcJournal *journal,
                          VckcError **err);
/* The same when the bitmaps are known to be done. */
bool vckc_journal_apply (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         const VckcJournal *journal,
                         VckcError **err);
