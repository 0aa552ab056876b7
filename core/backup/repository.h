/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the entry points of stores have in common. */

#pragma once

#include "api/entry.h"
#include "backup/backup-handles.h"

/* The folder of a domain; NULL if the UUID is no UUID or there is no folder. */
VckcDomainFolder *
vckc_repository_open_domain (VckcRepository *repository, const char *domain_uuid, VckcError **err);

/* INVALID_ARG unless it is a UUID in lower case. */
bool vckc_repository_check_uuid (const char *domain_uuid, VckcError **err);

/* OPERATION_DENIED if the store was opened to be read only. `action`: what cannot be done. */
bool vckc_repository_check_writable (const VckcRepository *repository,
                                     const char *action,
                                     VckcError **err);

/* INVALID_ARG for a backup of another store, BACKUP_INCONSISTENT for one that is damaged. */
bool vckc_repository_check_backup (const VckcRepository *repository,
                                   const VckcBackup *backup,
                                   VckcError **err);
