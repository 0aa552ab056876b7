/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The domains of an engine, and what is known of them: changes of a definition and of the table. */

#pragma once

#include "managed/engine.h"

/* Finds or makes the entry of a domain that the store has, or will have. There is never more
 * than one at a time, so that its job keeps all threads apart. */
VckcManagedDomain *vckc_engine_get_entry (VckcEngine *engine, const char *uuid);

/* Takes a domain out of the table; with the mutex and its job held. */
void vckc_engine_remove_domain_locked (VckcEngine *engine, VckcManagedDomain *domain);

/* Replaces the definition, and emits an event if the name is another one; with the mutex
 * held. */
void vckc_managed_domain_set_def_locked (VckcEngine *engine,
                                         VckcManagedDomain *domain,
                                         VckcDomainDef *def /* (transfer full) */);

/* With the domain lock: what the store's generation is. If the domain is gone, takes it out of
 * the table and fails with NO_DOMAIN. */
bool vckc_engine_read_generation (VckcEngine *engine,
                                  VckcManagedDomain *domain,
                                  guint64 *ret_generation,
                                  VckcError **err);

/* Both with the job held. After a change of the store: the domain in memory is what
 * the store holds now, or must be loaded again before it is used. */
void vckc_job_stored (VckcEngine *engine, VckcManagedDomain *domain);
void vckc_job_must_reload (VckcEngine *engine, VckcManagedDomain *domain);
