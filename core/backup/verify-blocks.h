/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Whether the list of copied blocks beside an image is that of the image. */

#pragma once

#include "backup/domain-folder.h"
#include "backup/manifest.h"

/* Reads the list to its end, and compares it with what the open image holds, unless a merge has
 * added to that. *ret_fault is a sentence, or NULL if there is no fault, or no list. */
bool vckc_verify_blocks (const VckcDomainFolder *folder,
                         const VckcManifest *manifest,
                         const VckcManifestDisk *disk,
                         int fd,
                         char **ret_fault,
                         VckcError **err);
