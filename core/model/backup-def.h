/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The definition of a backup: what a `<domainbackup>` document says. */

#pragma once

#include "model/domain-def.h"
#include "vckc-backup.h"

typedef enum
{
  VCKC_BACKUP_TRANSPORT_TCP,
  VCKC_BACKUP_TRANSPORT_UNIX,
} VckcBackupTransport;

/* The NBD server of a backup in pull mode. */
typedef struct
{
  VckcBackupTransport transport;
  char *name;   /* TCP: a host name or an IP address */
  guint port;   /* TCP: 0 if not given; not 0 once aligned */
  char *socket; /* UNIX: an absolute path that a socket can have */
  bool tls;
} VckcBackupServer;

void vckc_backup_server_free (VckcBackupServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupServer, vckc_backup_server_free)

typedef enum
{
  VCKC_BACKUP_STORE_FILE,
  VCKC_BACKUP_STORE_BLOCK, /* a block device */
} VckcBackupStore;

typedef enum
{
  VCKC_BACKUP_DISK_DEFAULT, /* not given; never once aligned */
  VCKC_BACKUP_DISK_FULL,
  VCKC_BACKUP_DISK_INCREMENTAL,
} VckcBackupDiskMode;

/* Of a disk that is not backed up, only the name has a meaning. */
typedef struct
{
  char *name; /* target, such as "vda" */
  bool backup;
  VckcBackupStore type; /* of what `path` names */
  /* Of the target (push) or the scratch (pull), and its driver type; NULL until aligned if not
   * given. */
  char *path;
  char *format;
  VckcBackupDiskMode mode;
  /* The checkpoint to start from; once aligned, not NULL if and only if `mode` is INCREMENTAL. */
  char *incremental;
  char *export_name;   /* (nullable): of a pull; not NULL once aligned */
  char *export_bitmap; /* (nullable): of a pull; not NULL once aligned if INCREMENTAL */
  guint index;         /* number of the store in QEMU, for thresholds; 0 if there is none */
  bool labelled;       /* the store has <seclabel> or <encryption>, which are not kept */
} VckcBackupDiskDef;

VckcBackupDiskDef *vckc_backup_disk_def_new (const char *name);
VckcBackupDiskDef *vckc_backup_disk_def_copy (const VckcBackupDiskDef *disk);
void vckc_backup_disk_def_free (VckcBackupDiskDef *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupDiskDef, vckc_backup_disk_def_free)

typedef struct
{
  VckcBackupMode mode;
  char *incremental;        /* (nullable): the checkpoint that disks start from */
  VckcBackupServer *server; /* owned; NULL if and only if the mode is PUSH */
  bool has_disks;           /* whether the document had <disks> */
  GPtrArray *disks;         /* of VckcBackupDiskDef */
} VckcBackupDef;

VckcBackupDef *vckc_backup_def_new (void);
void vckc_backup_def_free (VckcBackupDef *def);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcBackupDef, vckc_backup_def_free)

/* The disk of that name that is backed up, or NULL. */
VckcBackupDiskDef *vckc_backup_def_find_disk (const VckcBackupDef *def, const char *name);

/*
 * Lines the disks up with the domain's: those that are listed in their order, then the others of
 * the domain in its order. Disks that are not listed are backed up if the document had no <disks>,
 * unless they are empty or read-only. Fills in what each disk does and where: without a target or
 * scratch that is a file beside its image, with ".`suffix`" added to the name (the new checkpoint's
 * name, or the time in seconds).
 *
 * CONFIG_UNSUPPORTED if a disk does not exist, is listed twice, is empty, has no checkpoint to
 * start from or no file for a name to be made of; if two disks have one store or export, or a store
 * is an image of the domain, as far as paths show it; if a store is to be encrypted or labelled; if
 * no disk is backed up. OPERATION_UNSUPPORTED if the server has no port. XML_ERROR if the result
 * would be too large to be read again. The definition is then as it was.
 */
bool vckc_backup_def_align (VckcBackupDef *def,
                            const VckcDomainDef *domain,
                            const char *suffix,
                            VckcError **err);
