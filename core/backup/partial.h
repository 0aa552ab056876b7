/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * A backup that is being made: the folder ".ID.partial", which gets the name "ID" when all in it is
 * stored. Until then the backup is not there for any reader.
 *
 *   pending.json      what the manifest is to be, but for sizes; it is there before anything else
 *   TARGET.qcow2      the images
 *   backup.json       the manifest: it is there after everything else
 */

#pragma once

#include "backup/domain-folder.h"
#include "backup/manifest.h"

#define VCKC_PARTIAL_PENDING_FILE "pending.json"

typedef struct
{
  const VckcDomainFolder *folder; /* borrowed */
  char *id;
  char *name;
  char *where; /* its path */
  int fd;
} VckcPartial;

/* Makes the folder. The writer's lock of the domain's folder is held as long as it is used. */
VckcPartial *vckc_partial_new (const VckcDomainFolder *folder, const char *id, VckcError **err);
/* Opens one that is there. */
VckcPartial *vckc_partial_open (const VckcDomainFolder *folder, const char *id, VckcError **err);
void vckc_partial_free (VckcPartial *partial);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcPartial, vckc_partial_free)

/* The ids of those that are there, oldest first: an array of char *. */
GPtrArray *vckc_partial_list (const VckcDomainFolder *folder, VckcError **err);

/* Stores what the manifest is to be, in the file `name`. */
bool vckc_partial_write_manifest (const VckcPartial *partial,
                                  const char *name,
                                  const VckcManifest *manifest,
                                  VckcError **err);
/* NULL without an error if there is none, or none that can be used. */
VckcManifest *vckc_partial_read_manifest (const VckcPartial *partial,
                                          const char *name,
                                          const VckcStoreRoot *root,
                                          VckcError **err);

/* The manifest is stored: gives the folder its name. */
bool vckc_partial_publish (const VckcPartial *partial, VckcError **err);
/* Removes the folder with all in it. */
bool vckc_partial_drop (const VckcPartial *partial, VckcError **err);
