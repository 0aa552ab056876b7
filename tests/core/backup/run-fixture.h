/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A `local:` domain that is off and a store that it is backed up to. What each disk holds is noted
 * with each backup. What fails here fails the test. */

#pragma once

#include "assert-error.h"
#include "backup/backup-make.h"
#include "vckc.h"

#define RUN_DISKS 3

typedef struct
{
  char *target;
  char *image;
  guint64 size;
  bool attached;
} RunDisk;

typedef struct
{
  char *folder;
  char *uri;
  VckcStoreRoot *root; /* the first store */
  VckcConnect *connect;
  VckcDomain *domain;
  RunDisk disks[RUN_DISKS]; /* the last one is not attached at first */
  GRand *random;
  GHashTable *hashes; /* "ID/TARGET" -> hash */
  guint n_files;      /* open before the test */
  bool pull;          /* usual backups are read over NBD */
} RunFixture;

void run_fixture_set_up (RunFixture *fixture, gconstpointer seed);
void run_fixture_tear_down (RunFixture *fixture, gconstpointer seed);

/* Opens another store. */
VckcStoreRoot *run_fixture_open_store (RunFixture *fixture, const char *name);

/* Defines the domain anew, with the disks that are attached. */
void run_fixture_define (RunFixture *fixture);
/* Writes, zeroes and discards on all disks. */
void run_fixture_change (RunFixture *fixture);
void run_fixture_resize (RunFixture *fixture, guint disk, guint64 size);

void run_fixture_grow (RunFixture *fixture, guint disk, guint64 bytes);

extern const VckcBackupOptions run_options;

/* Makes a backup to a store, and notes what the disks hold. Returns its id. */
char *run_fixture_back_up_to (RunFixture *fixture,
                              const VckcStoreRoot *root,
                              const VckcBackupOptions *options);
/* The same to the first store, as usual. */
char *run_fixture_back_up (RunFixture *fixture);

VckcBackupList *run_fixture_load (RunFixture *fixture, const VckcStoreRoot *root);

/* The disk of a backup is incremental on that one or, with NULL, full, with that in the reason. */
void run_fixture_assert_base (RunFixture *fixture,
                              const VckcStoreRoot *root,
                              const char *id,
                              const char *target,
                              const char *base,
                              const char *why_full);

/* Each backup of the store that is listed has what was noted: read through the headers, and
 * restored through the manifests. Returns how many there are. */
guint run_fixture_check (RunFixture *fixture, const VckcStoreRoot *root);

/* Nothing is left of what is not a backup. */
void run_fixture_assert_clean (RunFixture *fixture, const VckcStoreRoot *root);

/* How many checkpoints the domain has. */
int run_fixture_count_checkpoints (RunFixture *fixture);
char *run_fixture_make_checkpoint (const VckcStoreRoot *root, const char *id);

/* Has the image of the disk that bitmap? */
bool run_fixture_has_bitmap (const RunDisk *disk, const char *name);
