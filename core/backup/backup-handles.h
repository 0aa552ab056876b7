/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The handles of stores and backups. All but the reference count is immutable. */

#pragma once

#include "backup/backup-list.h"
#include "handles/object.h"
#include "vckc-repository.h"

struct _VckcRepository
{
  VckcObject object;
  VckcStoreRoot *root;
};

struct _VckcBackup
{
  VckcObject object;
  char *folder; /* its path */
  char *id;
  char *domain_uuid;
  VckcManifest *manifest; /* (nullable) */
  char *problem;          /* why there is none */
};

struct _VckcBackupDisk
{
  VckcObject object;
  VckcBackup *backup;           /* owned reference */
  const VckcManifestDisk *disk; /* of its manifest */
  char *path;
};

extern const VckcObjectClass vckc_repository_class;
extern const VckcObjectClass vckc_backup_class;
extern const VckcObjectClass vckc_backup_disk_class;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcRepository, vckc_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackup, vckc_object_unref)

/* Takes the manifest out of the entry. */
VckcBackup *vckc_backup_new (const VckcDomainFolder *folder, VckcBackupEntry *entry);
VckcBackupDisk *vckc_backup_disk_new (VckcBackup *backup, const VckcManifestDisk *disk);
