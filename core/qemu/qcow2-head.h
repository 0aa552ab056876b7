/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The header of a qcow2 image that is made. */

#pragma once

#include "base/error-private.h"

/* What a new image is to be. Strings are borrowed. */
typedef struct
{
  guint64 virtual_size;       /* bytes; a multiple of 512 */
  guint32 cluster_size;       /* bytes; a power of two from 512 to 2 MiB */
  bool extended_l2;           /* subclusters; only with clusters of 16 KiB or more */
  const char *backing_file;   /* (nullable): name as it is to be in the header */
  const char *backing_format; /* with a backing file: its format, such as "qcow2" */
} VckcQcow2Options;

/* Where in the file things are, in bytes. */
typedef struct
{
  guint64 l1_table;
  guint64 refcount_table;
  guint32 refcount_table_clusters;
} VckcQcow2Positions;

/* CONFIG_UNSUPPORTED if qcow2 has no such image. */
bool vckc_qcow2_head_check (const VckcQcow2Options *options, const char *path, VckcError **err);

/* How many entries the L1 table has. */
guint64 vckc_qcow2_head_count_l1 (const VckcQcow2Options *options);

/* The header with its extensions and the name of the backing file, for 16 bits per refcount.
 * CONFIG_UNSUPPORTED if that name is too long. */
GByteArray *vckc_qcow2_head_new (const VckcQcow2Options *options,
                                 const VckcQcow2Positions *positions,
                                 const char *path,
                                 VckcError **err);
