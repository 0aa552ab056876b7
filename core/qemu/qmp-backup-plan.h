/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is copied where by backup jobs, and which bitmaps are added with them. */

#pragma once

#include "qemu/qmp-export.h"

/* How many characters an id has, so that names of nodes are not too long for QEMU. */
#define VCKC_QMP_BACKUP_ID_LENGTH 8

/* A disk that is copied. Strings are borrowed. */
typedef struct
{
  const char *target; /* such as "vda": for messages */
  const char *path;   /* the image: for messages */
  const char *node;   /* that is copied */
  bool raw;           /* the image is in that format, not in qcow2 */
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
