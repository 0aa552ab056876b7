/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The folder of a store of backups. It holds "vck-store.json", which names the store by a UUID, and
 * a folder for each domain, named by the UUID of the domain. Nothing in it is trusted, and links
 * are not followed; see base/dir-file.h.
 */

#pragma once

#include "base/error-private.h"

#define VCKC_STORE_ROOT_FILE "vck-store.json"
#define VCKC_STORE_ROOT_FORMAT 1

typedef struct
{
  char *path; /* absolute */
  char *uuid;
  int fd;
  bool read_only;
} VckcStoreRoot;

/* Opens the store in the folder `path`. With `create` an empty or missing folder becomes one.
 * NO_BACKUP if there is no store, OPERATION_UNSUPPORTED if a later version of Vck made it,
 * BACKUP_INCONSISTENT if its file is damaged. */
VckcStoreRoot *
vckc_store_root_open (const char *path, bool create, bool read_only, VckcError **err);
void vckc_store_root_free (VckcStoreRoot *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcStoreRoot, vckc_store_root_free)

/* The UUIDs of the domains that have a folder, sorted: an array of char *. */
GPtrArray *vckc_store_root_list_domains (const VckcStoreRoot *root, VckcError **err);
