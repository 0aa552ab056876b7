/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The manifest of a backup, "backup.json": which disks it has, and in which files. The format is
 * described in docs/backup.schema.json.
 *
 * A manifest is not trusted: names in it are single path components, numbers are in range, and no
 * two disks have the same file. Whether it agrees with other backups and with the files is for
 * others to look at.
 */

#pragma once

#include "base/error-private.h"
#include "vckc-backup.h"

#define VCKC_MANIFEST_FILE "backup.json"
/* Bytes. With the longest texts there is room for some 30 disks, and usually for hundreds. */
#define VCKC_MANIFEST_MAX_SIZE ((gsize) 512 * 1024)
#define VCKC_MANIFEST_FORMAT 1

/* Where the copy of one disk is. A merge gives it another base or none, and keeps the checkpoint,
 * which belongs to the list of copied blocks. */
typedef struct
{
  char *target;
  char *file; /* the qcow2 image */
  guint64 virtual_size;
  guint64 cluster_size;
  char *base;            /* id of the backup that it is based on; NULL: of none, it is full */
  char *base_checkpoint; /* (nullable): name of the checkpoint of which the changes were copied */
  char *why_full;        /* (nullable) */
  guint64 bytes;         /* that were copied */
  guint64 file_size;
  char *blocks; /* (nullable): the file that lists the copied blocks */
  char *sha256; /* (nullable): of the file */
  char *source; /* (nullable): path of the image that was copied; for humans */
} VckcManifestDisk;

typedef struct
{
  char *id;
  gint64 time; /* seconds since 1970 */
  char *store; /* UUID */
  char *domain_uuid;
  char *domain_name;
  char *domain_uri;      /* (nullable): of the connection */
  char *checkpoint_name; /* (nullable): NULL if no checkpoint was made */
  char *checkpoint_uuid; /* (nullable) */
  char *label;           /* (nullable) */
  char *left_out;        /* (nullable): which disks are not in the backup, and why */
  bool quiesced;
  char *kind;       /* "push" or "pull" */
  char *vck;        /* version */
  char *qemu;       /* (nullable): version */
  GPtrArray *disks; /* of VckcManifestDisk, in the order of the manifest */
} VckcManifest;

/* What `kind` says of a mode. */
const char *vckc_manifest_kind_of (VckcBackupMode mode);

VckcManifest *vckc_manifest_new (void);
void vckc_manifest_free (VckcManifest *manifest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcManifest, vckc_manifest_free)

VckcManifestDisk *vckc_manifest_disk_new (void);
void vckc_manifest_disk_free (VckcManifestDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcManifestDisk, vckc_manifest_disk_free)

/* The disk of that target; NULL if the backup does not have it. */
VckcManifestDisk *vckc_manifest_find_disk (const VckcManifest *manifest, const char *target);

/* Reads a manifest; `where` is its path, for messages. BACKUP_INCONSISTENT if it is damaged,
 * OPERATION_UNSUPPORTED if a later version of Vck wrote it. */
VckcManifest *vckc_manifest_parse (const char *text, const char *where, VckcError **err);

/* The text of a manifest. With `old_text`, the text of an earlier state of it, what others have
 * put there is kept. */
char *vckc_manifest_format (const VckcManifest *manifest, const char *old_text);
