/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The end of a backup whose data are all written. */

#pragma once

#include "backup/partial.h"
#include "vckc-backup.h"

/* Notes in the manifest what became of the images, stores everything, and gives the backup its
 * name. `info` (nullable) is the result of the job. With `checksum` the images are read for it. */
bool vckc_backup_finish (const VckcPartial *partial,
                         VckcManifest *manifest,
                         VckcDomain *domain,
                         VckcJobInfo *info,
                         bool checksum,
                         VckcError **err);
