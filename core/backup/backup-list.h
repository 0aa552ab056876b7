/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The backups of a domain, as their manifests have them. What cannot be understood is in the list
 * all the same, with the reason: it is never taken for nothing.
 */

#pragma once

#include "backup/domain-folder.h"
#include "backup/manifest.h"

/* More backups of one domain are not looked at. */
#define VCKC_BACKUP_LIST_MAX 65536

typedef struct
{
  char *id;
  VckcManifest *manifest; /* NULL if it is damaged */
  char *problem;          /* why, then */
  const char *order;      /* the latest of its id and those of the backups that it is based on */
  guint depth;            /* how many of those have the same order */
} VckcBackupEntry;

typedef struct
{
  GPtrArray *entries; /* of VckcBackupEntry, oldest first; each after those that it is based on */
  GHashTable *by_id;  /* borrowed */
} VckcBackupList;

/* Reads all manifests, under the lock of the list. Fails if any cannot be read now. */
VckcBackupList *
vckc_backup_list_load (VckcDomainFolder *folder, const VckcStoreRoot *root, VckcError **err);
/* The same by a caller that holds the lock. */
VckcBackupList *
vckc_backup_list_load_locked (VckcDomainFolder *folder, const VckcStoreRoot *root, VckcError **err);
void vckc_backup_list_free (VckcBackupList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupList, vckc_backup_list_free)

/* NULL if there is none; its manifest may be damaged. */
VckcBackupEntry *vckc_backup_list_find (const VckcBackupList *list, const char *id);
/* The manifest: NO_BACKUP if there is no such backup, BACKUP_INCONSISTENT if it is damaged. */
const VckcManifest *
vckc_backup_list_get (const VckcBackupList *list, const char *id, VckcError **err);

/* Reads the manifest of one backup, with a merge that was interrupted when it was nearly done.
 * `ret_text` (nullable) gets the text of it. */
VckcManifest *vckc_backup_list_read_manifest (VckcDomainFolder *folder,
                                              const VckcStoreRoot *root,
                                              const char *id,
                                              char **ret_text,
                                              VckcError **err);
