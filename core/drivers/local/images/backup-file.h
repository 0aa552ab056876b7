/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The files that a backup writes. A link in the last component of a path is never followed. */

#pragma once

#include "managed/backends/block-backup.h"

/* Makes a file for the owner alone, open for reading and writing; -1 on failure. It has no name
 * yet, where the file system can do that, so that it is known which file it is before there is
 * anything to remove. INVALID_ARG if there is something of that name. */
int vckc_backup_file_make (const VckcBlockBackupFile *file,
                           VckcBlockImage *ret_made_as,
                           VckcError **err);
/* Then gives it its name. */
bool vckc_backup_file_name (const VckcBlockBackupFile *file, int fd, VckcError **err);

/* Opens a file or block device for reading and writing; -1 on failure, also if it is certainly not
 * the one that was made. The error is that of a missing file only if the folder is there. */
int vckc_backup_file_open (const char *path,
                           const VckcBlockImage *made_as /* (nullable) */,
                           VckcError **err);
