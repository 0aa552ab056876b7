/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Images and their dirty bitmaps over QMP: the same for a storage daemon and for a running QEMU.
 * Only the top images of the disks are considered.
 */

#pragma once

#include "model/block-bitmap.h"
#include "qemu/qmp-client.h"

/* A disk as a block node. Strings are borrowed. */
typedef struct
{
  const char *node;   /* name of the node of its format */
  const char *target; /* such as "vda": for messages */
  const char *path;   /* the image */
  bool raw;           /* in that format, not in qcow2: it has no bitmaps */
  bool is_copied;     /* only: no bitmap is added */
  bool block_device;  /* and whether it is a device */
  bool locked;        /* already, so that QEMU must not lock it */
  bool hidden;        /* QEMU does not open it: it counts as one without bitmaps */
  bool dirty;         /* was not closed well: QEMU repairs it when it opens it for writing */
} VckcQmpDisk;

/* BUSY: another program has the image of a disk open. */
void vckc_qmp_block_set_image_held (const char *path, const char *target, VckcError **err);

/* Opens the images as qcow2 nodes, without their backing files. BUSY if another program
 * holds one. On failure some may be open. */
bool vckc_qmp_block_open (VckcQmpClient *client,
                          const VckcQmpDisk *disks,
                          guint n_disks,
                          bool read_only,
                          VckcError **err);

/* Closes an image again. */
bool vckc_qmp_block_close (VckcQmpClient *client, const VckcQmpDisk *disk, VckcError **err);

/* The bitmaps of a node as query-named-block-nodes lists them: an array of VckcBlockBitmap.
 * Those without a name belong to QEMU's own jobs, and are left out. */
GPtrArray *vckc_qmp_block_parse_node (const VckcQmpValue *node, VckcError **err);

/* The nodes of a reply to query-named-block-nodes by name; the values are parts of `list`. */
GHashTable *vckc_qmp_block_index_nodes (const VckcQmpValue *list, VckcError **err);

/* The bitmaps of each disk: an array of arrays of VckcBlockBitmap. */
GPtrArray *vckc_qmp_block_list (VckcQmpClient *client,
                                const VckcQmpDisk *disks,
                                guint n_disks,
                                VckcError **err);

/* Can bitmaps be added to, or removed from, those that vckc_qmp_block_list() gave? If not, fails
 * as the next two do. */
bool vckc_qmp_block_check (const VckcQmpDisk *disks,
                           const GPtrArray *all,
                           const VckcBlockBitmapRef *bitmaps,
                           guint n_bitmaps,
                           bool add,
                           VckcError **err);

/* All or none. OPERATION_FAILED if a name is taken. */
bool vckc_qmp_block_add (VckcQmpClient *client,
                         const VckcQmpDisk *disks,
                         guint n_disks,
                         const VckcBlockBitmapRef *bitmaps,
                         guint n_bitmaps,
                         VckcError **err);

/* All or none. CHECKPOINT_INCONSISTENT if one does not exist, BUSY if a job holds one. */
bool vckc_qmp_block_remove (VckcQmpClient *client,
                            const VckcQmpDisk *disks,
                            guint n_disks,
                            const VckcBlockBitmapRef *bitmaps,
                            guint n_bitmaps,
                            VckcError **err);
