/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The folder of one domain in a store of backups:
 *
 *   lock                locks are held on its bytes
 *   ID/                 a backup: its manifest, its images, and other files
 *   .ID.partial/        a backup that is being made
 *   .ID.removed/        a backup that is being removed
 *   .ID.merge           what a merge into the backup still has to do
 *
 * One process at a time changes backups: it holds the writer's lock all the while. The list is
 * locked for moments only: shared by those that look at it, alone by the writer while what it does
 * would look wrong half done. Who has opened the files of a backup can go on reading them whatever
 * happens to their names.
 */

#pragma once

#include "backup/store-root.h"

#define VCKC_FOLDER_LOCK_FILE "lock"

typedef struct
{
  char *where; /* its path, for messages too */
  char *uuid;  /* of the domain */
  int fd;
  int lock_fd; /* -1: there is no lock file, so no process can change anything */
  bool writable;
} VckcDomainFolder;

typedef enum
{
  VCKC_FOLDER_LOCK_WRITER,
  VCKC_FOLDER_LOCK_LIST,
} VckcFolderLock;

/* Opens the folder, or makes it. NO_BACKUP if there is none. */
VckcDomainFolder *
vckc_domain_folder_open (const VckcStoreRoot *root, const char *uuid, bool create, VckcError **err);
void vckc_domain_folder_free (VckcDomainFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainFolder, vckc_domain_folder_free)

/* Waits for a lock, but not long: then BUSY. It ends with the folder, at the latest. */
bool vckc_domain_folder_lock (VckcDomainFolder *folder,
                              VckcFolderLock lock,
                              bool exclusive,
                              VckcError **err);
/* The same alone and without waiting; false if another process has it. */
bool vckc_domain_folder_try_lock (VckcDomainFolder *folder, VckcFolderLock lock);
void vckc_domain_folder_unlock (VckcDomainFolder *folder, VckcFolderLock lock);

/* Opens the folder of a backup. -1 on failure, BACKUP_INCONSISTENT if there is none. */
int
vckc_domain_folder_open_backup (const VckcDomainFolder *folder, const char *id, VckcError **err);

/* Removes a folder that holds files only, with all in it. Nothing is followed. */
bool
vckc_domain_folder_remove_tree (const VckcDomainFolder *folder, const char *name, VckcError **err);
