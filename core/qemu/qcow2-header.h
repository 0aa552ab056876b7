/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The header of a qcow2 image, read without any tool of QEMU. Nothing is written and no lock is
 * taken, so the result is a snapshot.
 */

#pragma once

#include "base/error-private.h"

typedef struct
{
  guint32 version;
  guint64 virtual_size; /* bytes */
  guint32 cluster_size; /* bytes */
  bool encrypted;
  bool has_backing_file;
  bool has_data_file; /* the guest's data are in a file of their own */
  bool has_snapshots; /* internal ones */
  bool dirty;         /* was not closed well; repaired when opened for writing */
  bool corrupt;       /* must not be opened for writing */
  bool cut;           /* ends before its tables; QEMU would start new ones */
  bool block_device;  /* the image is in a block device, not in a file */
} VckcQcow2Header;

/* Reads the header of the image at `path`. SYSTEM_ERROR if it is not there or cannot be read,
 * CONFIG_UNSUPPORTED if it is neither file nor block device, or not a qcow2 image. */
bool vckc_qcow2_header_read (const char *path, VckcQcow2Header *ret_header, VckcError **err);

/* The same of a file that is open, whose path is for messages. */
bool
vckc_qcow2_header_read_fd (int fd, const char *path, VckcQcow2Header *ret_header, VckcError **err);

/* Can persistent bitmaps be kept in such an image? If not, CONFIG_UNSUPPORTED says why. */
bool
vckc_qcow2_header_check_bitmaps (const VckcQcow2Header *header, const char *path, VckcError **err);
