/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Names in a store of backups. A name that is valid is a single path component that neither is
 * hidden nor leads upwards.
 */

#pragma once

#include <stdbool.h>

#include <glib.h>

/* The id of a backup is the time in UTC and a random number:
 * "20261127T075307.120667Z-1fae9c02". */
#define VCKC_BACKUP_ID_LENGTH 32

/* An id for a backup that begins now. */
char *vckc_backup_id_new (void);
bool vckc_backup_id_is_valid (const char *id);

/* UUIDs are written with 36 characters in lower case. */
bool vckc_backup_uuid_is_valid (const char *uuid);

/* Target of a disk, such as "vda": 1 to 64 letters, digits, '-', '_' and '.', the first of them
 * a letter or a digit. */
bool vckc_backup_target_is_valid (const char *target);

/* A file beside a manifest, which is made of such characters, too. */
bool vckc_backup_file_is_valid (const char *file);

/* The name of the checkpoint that a backup makes: with it the store finds its own checkpoints
 * among those of a domain. */
char *vckc_backup_make_checkpoint_name (const char *store_uuid, const char *id);
/* The id of the backup that made the checkpoint of that name for this store; NULL if the name is
 * none of the store's. */
const char *vckc_backup_find_id (const char *checkpoint, const char *store_uuid);
/* The beginning of the UUID of the store whose backup made the checkpoint of that name; NULL if
 * none did. */
char *vckc_backup_find_store (const char *checkpoint);
