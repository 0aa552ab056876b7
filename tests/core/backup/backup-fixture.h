/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A store of backups of one domain, made by hand: each backup's disk is an image that is written
 * to with qemu-io, and what it holds is noted. */

#pragma once

#include "backup/backup-list.h"

#define FIXTURE_DOMAIN "0b2c4f0e-64c5-4e9c-9d3e-000000000001"

typedef struct
{
  char *folder; /* of the test */
  char *path;   /* of the store */
  VckcStoreRoot *root;
  VckcDomainFolder *domain;
  GPtrArray *ids;     /* of the backups that were made */
  GHashTable *hashes; /* "ID/TARGET" -> hash of the content of the disk */
  GRand *random;
  bool without_hashes; /* of backups that are made from now on */
  bool backwards;      /* the clock: later backups get earlier ids */
} BackupFixture;

void backup_fixture_set_up (BackupFixture *fixture, gconstpointer data);
void backup_fixture_tear_down (BackupFixture *fixture, gconstpointer data);
/* After the folder of the store was replaced. */
void backup_fixture_reopen (BackupFixture *fixture);

/* One disk of a backup to be made. */
typedef struct
{
  const char *target;
  guint64 size;
  guint32 cluster_size;
  const char *base; /* (nullable): id */
} FixtureDisk;

/* Makes a backup, with random writes, zeroes and discards to each disk; returns its id. */
const char *backup_fixture_add (BackupFixture *fixture, const FixtureDisk *disks, guint n_disks);
/* A chain of that many backups with one disk "vda". */
void backup_fixture_add_chain (BackupFixture *fixture, guint n);

const char *backup_fixture_get_id (BackupFixture *fixture, guint i);
char *backup_fixture_make_path (BackupFixture *fixture, const char *id, const char *file);
VckcBackupList *backup_fixture_load (BackupFixture *fixture);

/* A hash of the content of an image, which is opened by its header. */
char *backup_fixture_hash_image (BackupFixture *fixture, const char *image, const char *format);

/* Each backup that is there has the content that was noted: read through the headers, and restored
 * through the manifests. Returns how many there are. */
guint backup_fixture_check (BackupFixture *fixture);

/* Replaces a part of a manifest, which must be in it. */
void backup_fixture_edit_manifest (BackupFixture *fixture,
                                   const char *id,
                                   const char *part,
                                   const char *by);
