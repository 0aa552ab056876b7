/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Changes of the cache, and the events for them. Each change is announced to subscribers exactly
 * once, whether Vck made it or found it. Functions in `_locked` need the mutex of the cache.
 */

#pragma once

#include "drivers/libvirt/cache/libvirt-cache-table.h"

/* Vck created the checkpoint or, if it was there before, changed it. With the domain lock held. */
void vckc_libvirt_cache_add (VckcDomain *domain,
                             virDomainCheckpointPtr checkpoint,
                             VckcCheckpointDef *def /* (transfer full) (nullable) */,
                             bool was_there);

/* Vck deleted the checkpoint. With the domain lock held. */
void vckc_libvirt_cache_remove (VckcDomain *domain, virDomainCheckpointPtr checkpoint);

/* The domain was removed, and its checkpoints with it; one of the same UUID is another domain.
 * Without effect if the cache knows that already. */
void vckc_libvirt_cache_remove_domain (VckcDomain *domain);

/* Vck undefined the domain. One that is active exists until it stops. */
void vckc_libvirt_cache_undefine_domain (VckcDomain *domain);

/* A handle of the checkpoint's present incarnation. */
VckcDomainCheckpoint *vckc_libvirt_cache_new_handle (VckcDomain *domain,
                                                     const VckcCachedCheckpoint *checkpoint);

/* The same by the name; NULL if it is not known. */
VckcDomainCheckpoint *vckc_libvirt_cache_find_handle_locked (VckcDomain *domain,
                                                             VckcCachedDomain *cached,
                                                             const char *name);

/* libvirt listed all checkpoints of the domain. */
void vckc_libvirt_cache_update_list_locked (VckcDomain *domain,
                                            VckcCachedDomain *cached,
                                            GPtrArray *checkpoints);

/* Removes the checkpoints that are not in libvirt's list. */
void vckc_libvirt_cache_remove_missing_locked (VckcDomain *domain,
                                               VckcCachedDomain *cached,
                                               GPtrArray *checkpoints /* (nullable) */);

/* Stores what libvirt says of a checkpoint. */
void vckc_libvirt_cache_update_def_locked (VckcDomain *domain,
                                           VckcCachedDomain *cached,
                                           virDomainCheckpointPtr checkpoint,
                                           VckcCheckpointDef *def /* (transfer full) */);
