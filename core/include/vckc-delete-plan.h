/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What deleting a checkpoint would do. */

#pragma once

#include "vckc-domain-checkpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * vckc_domain_checkpoint_plan_delete: (attributes bindgen.reader=1)
 * @checkpoint: a checkpoint
 * @flags: (type VckcCheckpointDeleteFlags): what is to be deleted
 * @err: return location for an error
 *
 * Does what vckc_domain_checkpoint_delete() does before it changes anything, and says what it
 * would do: which checkpoints would go, and which of their bitmaps would be removed or left.
 * Nothing is changed, no image is held, and what a program that has ended has left of a backup is
 * not removed, but counts as gone. It works on a read-only connection, too.
 *
 * Fails as vckc_domain_checkpoint_delete() does, but for what shows only as images are written,
 * such as another program that holds one. libvirt has no such call: its rules are followed, and
 * it may refuse to delete for reasons of its own. Where it reports no size of a bitmap, QEMU has to
 * be asked, which libvirt denies to a read-only connection: %VCKC_ERROR_OPERATION_DENIED.
 *
 * Returns: (transfer full): the plan
 *
 * Since: 1.0
 */
VckcDeletePlan *vckc_domain_checkpoint_plan_delete (VckcDomainCheckpoint *checkpoint,
                                                    unsigned int flags,
                                                    VckcError **err);

/**
 * vckc_delete_plan_ref: (attributes bindgen.plumbing=1)
 * @plan: the plan of a deletion
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_delete_plan_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a deletion.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_delete_plan_ref (VckcDeletePlan *plan, VckcError **err);

/**
 * vckc_delete_plan_unref: (attributes bindgen.plumbing=1)
 * @plan: (transfer full): the plan of a deletion
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is %NULL or not the plan of a deletion.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_delete_plan_unref (VckcDeletePlan *plan, VckcError **err);

/**
 * vckc_delete_plan_list_checkpoints: (attributes bindgen.hand=vck_delete_plan_list_checkpoints)
 * @plan: the plan of a deletion
 * @ret_checkpoints: (out) (optional) (array zero-terminated=1) (transfer full): return location for
 *   the checkpoints, parents before children
 * @err: return location for an error
 *
 * Lists the checkpoints that would go.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a deletion.
 *
 * Returns: how many checkpoints there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_delete_plan_list_checkpoints (VckcDeletePlan *plan,
                                       VckcDomainCheckpoint ***ret_checkpoints,
                                       VckcError **err);

/**
 * vckc_delete_plan_list_bitmaps: (attributes bindgen.hand=vck_delete_plan_list_bitmaps)
 * @plan: the plan of a deletion
 * @ret_bitmaps: (out) (optional) (array zero-terminated=1) (transfer full): return location for the
 *   bitmaps, in the order of the checkpoints
 * @err: return location for an error
 *
 * Lists the bitmaps of the checkpoints that would go, with those that would be left. No other
 * bitmap is changed: each checkpoint has bitmaps of its own, and none is merged into another one.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a deletion.
 *
 * Returns: how many bitmaps there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_delete_plan_list_bitmaps (VckcDeletePlan *plan,
                                   VckcDeletePlanBitmap ***ret_bitmaps,
                                   VckcError **err);

/**
 * vckc_delete_plan_bitmap_ref: (attributes bindgen.plumbing=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_delete_plan_bitmap_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_delete_plan_bitmap_ref (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_unref: (attributes bindgen.plumbing=1)
 * @bitmap: (transfer full): a bitmap of such a plan
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is %NULL or not a bitmap of such a plan.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_delete_plan_bitmap_unref (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_get_name: (attributes bindgen.local=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Gets the name of the bitmap.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: (transfer none): the name, which lives as long as @bitmap
 *
 * Since: 1.0
 */
const char *vckc_delete_plan_bitmap_get_name (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_get_checkpoint: (attributes bindgen.local=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Gets the name of the checkpoint that has the bitmap.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: (transfer none): the name, which lives as long as @bitmap
 *
 * Since: 1.0
 */
const char *vckc_delete_plan_bitmap_get_checkpoint (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_get_disk: (attributes bindgen.local=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Gets the name of the disk inside the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: (transfer none): the target, such as `vda`, which lives as long as @bitmap
 *
 * Since: 1.0
 */
const char *vckc_delete_plan_bitmap_get_disk (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_get_source: (attributes bindgen.local=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Gets the path of the image of the disk.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: (transfer none) (nullable): the path, which lives as long as @bitmap; %NULL if the
 * domain does not have the disk any more, or the disk has no image that is a file
 *
 * Since: 1.0
 */
const char *vckc_delete_plan_bitmap_get_source (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_is_removed: (attributes bindgen.local=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Gets whether the bitmap would be removed.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_delete_plan_bitmap_is_removed (VckcDeletePlanBitmap *bitmap, VckcError **err);

/**
 * vckc_delete_plan_bitmap_get_reason: (attributes bindgen.local=1)
 * @bitmap: a bitmap of such a plan
 * @err: return location for an error
 *
 * Gets why the bitmap would be left: only the metadata is deleted, or the domain does not have its
 * image any more.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @bitmap is not a bitmap of such a plan.
 *
 * Returns: (transfer none) (nullable): the reason, human-readable, which lives as long as @bitmap;
 * %NULL if it would be removed
 *
 * Since: 1.0
 */
const char *vckc_delete_plan_bitmap_get_reason (VckcDeletePlanBitmap *bitmap, VckcError **err);

#ifdef __cplusplus
}
#endif
