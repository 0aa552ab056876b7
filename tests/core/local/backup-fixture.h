/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A `local:` domain with two disks, and its backups, for tests; what fails here fails the test. */

#pragma once

#include "assert-error.h"
#include "backup-images.h"
#include "vckc.h"

#define BACKUP_DISKS 2

typedef struct
{
  char *folder;
  char *uri;
  char *qmp; /* the socket of QEMU, should that run */
  char *images[BACKUP_DISKS];
  guint64 sizes[BACKUP_DISKS];
  VckcConnect *connect;
  VckcDomain *domain;
  guint n_files; /* open before the test */
} BackupFixture;

/* With the forms of that number and the next; the large one from n_backup_forms on. */
void backup_fixture_set_up (BackupFixture *fixture, gconstpointer form);
void backup_fixture_tear_down (BackupFixture *fixture, gconstpointer form);

/* Closes the connection, and opens it again. */
void backup_fixture_disconnect (BackupFixture *fixture);
void backup_fixture_connect (BackupFixture *fixture);

/* Defines the domain with the images as they are in the fixture now. */
void backup_fixture_define (BackupFixture *fixture);

/* FOLDER/TARGET-NAME.qcow2 */
char *backup_fixture_get_file (BackupFixture *fixture, guint disk, const char *name);

/* Begins a backup to new files, with a checkpoint of that name; `base` NULL for a full one. */
bool backup_fixture_try_begin (BackupFixture *fixture,
                               const char *name,
                               const char *base,
                               unsigned int flags,
                               VckcError **err);
void backup_fixture_begin (BackupFixture *fixture, const char *name, const char *base);

/* Makes empty files for it before, which are based on those of `base`. */
void backup_fixture_make_files (BackupFixture *fixture, const char *name, const char *base);

/* Waits for its end, which must be that. Returns the error, to be freed. */
char *backup_fixture_wait (BackupFixture *fixture, VckcJobState state);

/* Begins a backup and waits for its end, with files that are based on those of `base`. */
void backup_fixture_back_up (BackupFixture *fixture, const char *name, const char *base);

/* The names of all checkpoints, in order of the tree, with blanks between. */
char *backup_fixture_list (BackupFixture *fixture);
void backup_fixture_assert_list (BackupFixture *fixture, const char *expected);
bool backup_fixture_has_file (BackupFixture *fixture, guint disk, const char *name);
