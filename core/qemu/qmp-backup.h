/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backup jobs over QMP: the same for a storage daemon and for a running QEMU. All disks of a backup
 * are copied as they were at one point in time. A disk of which only changes are copied gets a
 * temporary bitmap of its own, so that no bitmap of a checkpoint is held or changed.
 *
 * The names of jobs, nodes and temporary bitmaps are made from the id of the backup, so that what a
 * backup has left in QEMU can be found and removed, and nothing else is.
 */

#pragma once

#include "qemu/qmp-client.h"
#include "qemu/qmp-export.h"

/* How many characters an id has, so that names of nodes are not too long for QEMU. */
#define VCKC_QMP_BACKUP_ID_LENGTH 8

/* A disk that is copied. Strings are borrowed. */
typedef struct
{
  const char *target; /* such as "vda": for messages */
  const char *path;   /* the image: for messages */
  const char *node;   /* that is copied */
  bool block_device;  /* whether the image is a device */
  bool locked;        /* already, so that QEMU must not lock it */
  const char *file;   /* that is written to: for messages */
  const char *name;   /* by which QEMU opens that file */
  bool file_is_device;
  const char *format;       /* of the file: "qcow2" or "raw" */
  guint32 cluster_size;     /* of the file, in bytes; 0 if it has none */
  const char *base;         /* (nullable): bitmap; only what it marks is copied */
  guint64 base_granularity; /* bytes */
} VckcQmpBackupDisk;

/* A bitmap that is added at the point in time, also of disks that are not copied. */
typedef struct
{
  const char *node;
  const char *name;
} VckcQmpBackupBitmap;

typedef struct
{
  const char *id;                 /* of VCKC_QMP_BACKUP_ID_LENGTH letters and digits */
  const VckcQmpBackupDisk *disks; /* their order makes their names: it must not change */
  guint n_disks;
  const VckcQmpBackupBitmap *bitmaps;
  guint n_bitmaps;
  /* (nullable): what is offered of a backup in pull mode, whose files are scratch: each is based on
   * its disk, and only what the guest is about to overwrite is copied to it. */
  const VckcQmpExports *exports;
} VckcQmpBackup;

/* How QEMU copies. */
typedef struct
{
  guint workers;      /* requests at a time */
  guint64 max_chunk;  /* bytes at a time */
  bool protect_guest; /* give the backup up rather than let the guest's writes fail, if QEMU can */
  bool must_protect;  /* and do not begin if it cannot */
} VckcQmpBackupTuning;

typedef enum
{
  VCKC_QMP_BACKUP_RUNNING,
  VCKC_QMP_BACKUP_DONE,
  VCKC_QMP_BACKUP_FAILED,
  VCKC_QMP_BACKUP_MISSING, /* QEMU knows no such job */
} VckcQmpBackupState;

/* Where one disk is. */
typedef struct
{
  VckcQmpBackupState state;
  guint64 done; /* bytes */
  guint64 total;
  char *error;    /* (nullable), owned: why it failed, as QEMU says it */
  bool cancelled; /* that is why */
} VckcQmpBackupProgress;

void vckc_qmp_backup_progress_clear (VckcQmpBackupProgress *progress);

/* The name of the node of a file that is written, to be freed. */
char *vckc_qmp_backup_get_target (const VckcQmpBackup *backup, guint disk);
/* The name of the temporary bitmaps, to be freed. */
char *vckc_qmp_backup_get_bitmap (const VckcQmpBackup *backup);

/* Opens the images to read them, with all that they are based on, as the nodes that the disks name.
 * BUSY if another program has one open for writing. On failure some may be open. */
bool
vckc_qmp_backup_open_sources (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Opens the files that are written. On failure some may be open. */
bool
vckc_qmp_backup_open_targets (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Adds the bitmaps and begins to copy, all disks at the same point in time: all or none. NO_SPACE
 * if the guest must be protected from a full file system, and this QEMU cannot do that.
 * *ret_protected: can the guest not be hurt by a file that cannot be written? */
bool vckc_qmp_backup_start (VckcQmpClient *client,
                            const VckcQmpBackup *backup,
                            const VckcQmpBackupTuning *tuning,
                            bool *ret_protected,
                            VckcError **err);

/* Where each disk is: `progress` has n_disks elements, which are cleared first. */
bool vckc_qmp_backup_query (VckcQmpClient *client,
                            const VckcQmpBackup *backup,
                            VckcQmpBackupProgress *progress,
                            VckcError **err);

/* Asks all jobs to end; those that have ended already are no error. They end some time later. */
bool vckc_qmp_backup_cancel (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Closes the files that were written, after the jobs have ended: what they hold is complete only
 * then. Those that are closed already are no error. */
bool
vckc_qmp_backup_close_targets (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Has QEMU forget the jobs, which have ended, and their temporary bitmaps. */
bool vckc_qmp_backup_dismiss (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);
