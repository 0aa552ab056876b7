/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The images that the content of one disk at one backup is made of, as the manifests name them. No
 * header is believed: that of each image has to say the same as the manifest, and QEMU is given
 * each level by us (chain-daemon.h), so nothing outside of the store is ever read.
 */

#pragma once

#include "backup/backup-list.h"

/* QEMU takes memory and time for each level. */
#define VCKC_CHAIN_MAX_LEVELS 100

typedef struct
{
  const VckcManifest *manifest;
  const VckcManifestDisk *disk;
  char *path; /* of the image, for messages */
  int fd;     /* -1 before it was opened */
} VckcChainLevel;

/* Lives no longer than the list. */
typedef struct
{
  GPtrArray *levels; /* of VckcChainLevel: the disk itself, then what it is based on */
} VckcChain;

/* Finds the levels of a disk of a backup. NO_BACKUP if the backup is not there or lacks the disk,
 * BACKUP_INCONSISTENT if one that it is based on is not there, or the levels go in a circle or are
 * too many. */
VckcChain *vckc_chain_find (const VckcBackupList *list,
                            const VckcDomainFolder *folder,
                            const char *id,
                            const char *target,
                            VckcError **err);
/* Opens the images to be read, and compares their headers with the manifests. */
bool vckc_chain_open (VckcChain *chain, const VckcDomainFolder *folder, VckcError **err);
void vckc_chain_free (VckcChain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcChain, vckc_chain_free)

const VckcChainLevel *vckc_chain_get_top (const VckcChain *chain);

/* Opens one image, and compares its header and size with the manifest; `below` is the level that
 * it is based on, NULL if none. */
bool vckc_chain_open_level (VckcChainLevel *level,
                            const VckcChainLevel *below,
                            const VckcDomainFolder *folder,
                            VckcError **err);
