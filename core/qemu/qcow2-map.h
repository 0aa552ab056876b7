/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * What a qcow2 image says of the data of its disk, from its L1 and L2 tables: which parts are
 * certain to read as zeros, and which are stored in it. Nothing in the image is trusted, and what
 * makes no sense is not certain. Nor is what is compressed, what is not allocated where there is a
 * backing file, and anything in an image with encryption, with a file of its own for data, or with
 * a feature that is not known here.
 */

#pragma once

#include "model/extent-reader.h"

typedef struct _VckcQcow2Map VckcQcow2Map;

/* `header` is the first cluster of an image of version 3; it is not kept. `fd` stays open, and
 * `path`, which is for messages, is borrowed. */
VckcQcow2Map *vckc_qcow2_map_new (int fd, const char *path, const GByteArray *header);
/* The same of the open image, whose first cluster is read. */
VckcQcow2Map *vckc_qcow2_map_open (int fd, const char *path, VckcError **err);
void vckc_qcow2_map_free (VckcQcow2Map *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQcow2Map, vckc_qcow2_map_free)

/* Adds that part of the disk, which ends within 2^64 bytes: extents with `flags` and with what is
 * certain, ZERO or DATA; nothing where that is none. Each L2 table is read once if the parts come
 * in order. Fails only if the image cannot be read. */
bool vckc_qcow2_map_add (VckcQcow2Map *self,
                         guint64 offset,
                         guint64 length,
                         unsigned int flags,
                         GArray *extents,
                         VckcError **err);
