/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What creating a checkpoint would do. */

#pragma once

#include "vckc-checkpoint-config.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * vckc_domain_plan_checkpoint: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @config: what the checkpoint shall be
 * @flags: (type VckcCheckpointCreateFlags): how it is to be created
 * @err: return location for an error
 *
 * Does what vckc_domain_create_checkpoint() does before it changes anything, and says what it
 * would do. Nothing is changed: no bitmap is made, and what a program that has ended has left
 * of a backup is not removed. It works on a read-only connection, too.
 *
 * Fails as vckc_domain_create_checkpoint() does, but for what shows only as images are written. Of
 * libvirt it is not known beforehand whether it will refuse for reasons of its own, such as a
 * bitmap of that name that belongs to no checkpoint.
 *
 * Returns: (transfer full): the plan
 *
 * Since: 1.0
 */
VckcCheckpointPlan *vckc_domain_plan_checkpoint (VckcDomain *domain,
                                                 const VckcCheckpointConfig *config,
                                                 unsigned int flags,
                                                 VckcError **err);

/**
 * vckc_checkpoint_plan_ref: (attributes bindgen.plumbing=1)
 * @plan: the plan of a checkpoint
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_checkpoint_plan_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_checkpoint_plan_ref (VckcCheckpointPlan *plan, VckcError **err);

/**
 * vckc_checkpoint_plan_unref: (attributes bindgen.plumbing=1)
 * @plan: (transfer full): the plan of a checkpoint
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is %NULL or not the plan of a checkpoint.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_checkpoint_plan_unref (VckcCheckpointPlan *plan, VckcError **err);

/**
 * vckc_checkpoint_plan_get_name: (attributes bindgen.local=1)
 * @plan: the plan of a checkpoint
 * @err: return location for an error
 *
 * Gets the name that the checkpoint would have.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a checkpoint.
 *
 * Returns: (transfer none) (nullable): the name, which lives as long as @plan; %NULL if it is
 * chosen when the checkpoint is created
 *
 * Since: 1.0
 */
const char *vckc_checkpoint_plan_get_name (VckcCheckpointPlan *plan, VckcError **err);

/**
 * vckc_checkpoint_plan_list_disks: (attributes bindgen.hand=vck_checkpoint_plan_list_disks)
 * @plan: the plan of a checkpoint
 * @ret_disks: (out) (optional) (array zero-terminated=1) (transfer full): return location for the
 *   disks, in the order of the domain
 * @err: return location for an error
 *
 * Lists all disks of the domain, with those that would not be tracked.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a checkpoint.
 *
 * Returns: how many disks there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_checkpoint_plan_list_disks (VckcCheckpointPlan *plan,
                                     VckcCheckpointPlanDisk ***ret_disks,
                                     VckcError **err);

/**
 * vckc_checkpoint_plan_disk_ref: (attributes bindgen.plumbing=1)
 * @disk: a disk of such a plan
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_checkpoint_plan_disk_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of such a plan.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_checkpoint_plan_disk_ref (VckcCheckpointPlanDisk *disk, VckcError **err);

/**
 * vckc_checkpoint_plan_disk_unref: (attributes bindgen.plumbing=1)
 * @disk: (transfer full): a disk of such a plan
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or not a disk of such a plan.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_checkpoint_plan_disk_unref (VckcCheckpointPlanDisk *disk, VckcError **err);

/**
 * vckc_checkpoint_plan_disk_get_target: (attributes bindgen.local=1)
 * @disk: a disk of such a plan
 * @err: return location for an error
 *
 * Gets the name of the disk inside the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of such a plan.
 *
 * Returns: (transfer none): the target, such as `vda`, which lives as long as @disk
 *
 * Since: 1.0
 */
const char *vckc_checkpoint_plan_disk_get_target (VckcCheckpointPlanDisk *disk, VckcError **err);

/**
 * vckc_checkpoint_plan_disk_is_tracked: (attributes bindgen.local=1)
 * @disk: a disk of such a plan
 * @err: return location for an error
 *
 * Gets whether the checkpoint would track the disk.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of such a plan.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_checkpoint_plan_disk_is_tracked (VckcCheckpointPlanDisk *disk, VckcError **err);

/**
 * vckc_checkpoint_plan_disk_get_reason: (attributes bindgen.local=1)
 * @disk: a disk of such a plan
 * @err: return location for an error
 *
 * Gets why the checkpoint would not track the disk: it cannot be tracked, or the configuration
 * leaves it out.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of such a plan.
 *
 * Returns: (transfer none) (nullable): the reason, human-readable, which lives as long as @disk;
 * %NULL if it would be tracked
 *
 * Since: 1.0
 */
const char *vckc_checkpoint_plan_disk_get_reason (VckcCheckpointPlanDisk *disk, VckcError **err);

/**
 * vckc_checkpoint_plan_disk_get_bitmap: (attributes bindgen.local=1)
 * @disk: a disk of such a plan
 * @err: return location for an error
 *
 * Gets the name that the bitmap of the disk would have.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of such a plan.
 *
 * Returns: (transfer none) (nullable): the name, which lives as long as @disk; %NULL if the disk
 * would not be tracked, or if it is the name of the checkpoint, which is chosen later
 *
 * Since: 1.0
 */
const char *vckc_checkpoint_plan_disk_get_bitmap (VckcCheckpointPlanDisk *disk, VckcError **err);

#ifdef __cplusplus
}
#endif
