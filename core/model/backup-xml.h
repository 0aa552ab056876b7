/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `<domainbackup>` documents: definitions of backups from XML and to XML. */

#pragma once

#include "model/backup-def.h"

/* Reads a `<domainbackup>` document. */
VckcBackupDef *vckc_backup_def_parse (const char *text, VckcError **err);

/* Can it be read again once it was written? Else XML_ERROR. */
bool vckc_backup_def_check_size (const VckcBackupDef *def, VckcError **err);

/* As a document, with all that is set. */
char *vckc_backup_def_format (const VckcBackupDef *def);
