/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The folder of one domain in a local store; see local-store.h for its contents. Functions that
 * change something must be called with the lock held.
 */

#pragma once

#include "managed/backends/store.h"

#define VCKC_STORE_DOMAIN_FILE "domain.xml"
#define VCKC_STORE_CURRENT_FILE "current"
#define VCKC_STORE_NOTES_FILE "notes"
#define VCKC_STORE_BACKUP_FILE "backup"
#define VCKC_STORE_GENERATION_FILE "generation"
#define VCKC_STORE_LOCK_FILE "lock"
#define VCKC_STORE_JOURNAL_FILE "pending"
#define VCKC_STORE_REMOVED_FILE "removed"
#define VCKC_STORE_TMP_DIR "tmp"

/* The largest domain or checkpoint description, and the largest journal of an unfinished change,
 * in bytes. The latter is enough for about 90,000 checkpoints that are rewritten at once. */
#define VCKC_STORE_MAX_TEXT ((gsize) 4 * 1024 * 1024)
#define VCKC_STORE_MAX_JOURNAL ((gsize) 64 * 1024 * 1024)

typedef struct
{
  char *where;       /* its path, for messages too */
  char *checkpoints; /* the path of the folder with the checkpoints */
  int dir_fd;
  int checkpoints_fd; /* -1 if there is none */
  int tmp_fd;         /* -1 unless opened for changes */
  int lock_fd;        /* -1 unless opened to be locked */
  bool shared;        /* the lock excludes changes, but no other shared locks */
} VckcDomainDir;

/* Opens nothing yet. */
VckcDomainDir *vckc_domain_dir_new (const char *root, const char *uuid);
void vckc_domain_dir_free (VckcDomainDir *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcDomainDir, vckc_domain_dir_free)

/* Opens the folder. False without an error if there is none. */
bool vckc_domain_dir_open (VckcDomainDir *self, VckcError **err);
/* Opens the folder with the checkpoints, if there is one. */
bool vckc_domain_dir_open_checkpoints (VckcDomainDir *self, VckcError **err);
/* Opens the folder and its lock file, and makes what is missing. False without an error if the
 * folder was removed meanwhile. */
bool vckc_domain_dir_open_lock (VckcDomainDir *self, VckcError **err);
/* Opens the lock file for a shared lock, and makes nothing. Without a lock file that can be
 * opened there is no lock, and no process can change the domain. */
void vckc_domain_dir_open_lock_shared (VckcDomainDir *self);
/* Opens all folders for a change, with the lock held, and makes those that are missing. */
bool vckc_domain_dir_open_all (VckcDomainDir *self, VckcError **err);

/* Takes the lock, waiting until `deadline`; then BUSY with the process that holds it,
 * in a message that does not name the domain. Unlocked by vckc_domain_dir_unlock(). */
bool vckc_domain_dir_lock (VckcDomainDir *self, gint64 deadline, VckcError **err);
void vckc_domain_dir_unlock (VckcDomainDir *self);
/* Is the lock file that is open still the one of that name? Else the domain was removed
 * meanwhile. */
bool vckc_domain_dir_is_current (VckcDomainDir *self);

/* Is that the name of a file in tmp/, written before it is renamed to what it replaces? */
bool vckc_domain_dir_is_temporary (const char *name);

/* Removes what an interrupted removal or write has left. */
void vckc_domain_dir_clean_up (VckcDomainDir *self);
/* Removes the folder if it holds no domain. Processes that wait for its lock notice that it is
 * gone. */
void vckc_domain_dir_remove_if_unused (VckcDomainDir *self);

/* A number that is new after each change; 0 if there is no domain. */
bool vckc_domain_dir_get_generation (VckcDomainDir *self, guint64 *ret_generation, VckcError **err);
/* Renews it, so that other processes notice the change. If that fails, the times of the folders
 * still show it. */
void vckc_domain_dir_bump_generation (VckcDomainDir *self);
