/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The clusters of a qcow2 image that are free or in use: its reference counts.
 *
 * Allocations and releases are only stored by vckc_qcow2_clusters_store(). Allocating, storing,
 * using the clusters, and then releasing others and storing again can be interrupted anywhere
 * without a loss: at worst clusters count as used that are not.
 */

#pragma once

#include "base/error-private.h"

typedef struct _VckcQcow2Clusters VckcQcow2Clusters;

/* `header` is the first cluster of an image of version 3. The open image must be locked, and stay
 * open; `path` is for messages. */
VckcQcow2Clusters *
vckc_qcow2_clusters_open (int fd, const char *path, const GByteArray *header, VckcError **err);
void vckc_qcow2_clusters_free (VckcQcow2Clusters *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcQcow2Clusters, vckc_qcow2_clusters_free)

gsize vckc_qcow2_clusters_get_size (const VckcQcow2Clusters *self);

/* Finds room for `size` bytes in a row, and counts it as used. 0 on failure. */
guint64 vckc_qcow2_clusters_allocate (VckcQcow2Clusters *self, gsize size, VckcError **err);

/* Fails if one of the clusters with these bytes, which are known to be used, counts as free: then
 * no cluster that counts as free can be trusted. */
bool vckc_qcow2_clusters_check_used (VckcQcow2Clusters *self,
                                     guint64 offset,
                                     guint64 size,
                                     VckcError **err);

/* Uses the clusters with these bytes once less. */
bool
vckc_qcow2_clusters_release (VckcQcow2Clusters *self, guint64 offset, gsize size, VckcError **err);

/* Writes the counts that have changed, and waits until they are stored. */
bool vckc_qcow2_clusters_store (VckcQcow2Clusters *self, VckcError **err);
