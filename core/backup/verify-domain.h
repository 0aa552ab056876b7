/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Whether the images of a domain have lost blocks that its newest backup has, without that their
 * bitmaps show it, as when a disk is made smaller and larger again: an incremental backup would
 * miss that.
 */

#pragma once

#include "backup/domain-folder.h"
#include "vckc-types.h"

/* Compares, of each disk whose next backup would be incremental, the tables of the image with those
 * of the backup that it would be based on. Adds findings. OPERATION_INVALID unless the domain is
 * off. */
bool vckc_verify_domain (VckcDomainFolder *folder,
                         const VckcStoreRoot *root,
                         VckcDomain *domain,
                         GPtrArray *findings,
                         VckcError **err);
