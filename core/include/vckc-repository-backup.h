/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backing up domains into a store: what a backup would copy, and making it.
 */

#pragma once

#include <stdint.h>

#include "vckc-backup.h"
#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcBackupFlags:
 * @VCKC_BACKUP_FULL: copy all disks in full
 * @VCKC_BACKUP_NO_CHECKPOINT: create no checkpoint, so that nothing is left behind in the images;
 *   all disks are copied in full, and no later backup can be based on this one
 * @VCKC_BACKUP_QUIESCE: freeze the guest's file systems, through the QEMU guest agent, until the
 *   point in time of the backup is fixed
 * @VCKC_BACKUP_CHECKSUM: calculate the SHA-256 of each image, which takes longer than to copy it
 * @VCKC_BACKUP_CHECK_FAST: trust bitmaps that look sound, without comparing what they hold with
 *   what the last backup copied
 * @VCKC_BACKUP_NO_FALLBACK: fail if a disk would have to be copied in full, other than one whose
 *   changes cannot be tracked, such as a raw one
 * @VCKC_BACKUP_LEAVE_OUT: leave out disks that cannot be backed up, as those that are no file or
 *   block device of this host, instead of failing; the backup says which
 * @VCKC_BACKUP_PULL: let QEMU offer the disks and read them in this process, even where QEMU could
 *   write the images itself
 * @VCKC_BACKUP_UNENCRYPTED: back up a domain of another host although QEMU offers its disks on a
 *   TCP port there for that, until all is copied: everyone who reaches the port can read them, and
 *   nothing is encrypted
 *
 * How to back up a domain.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_BACKUP_FULL = 1 << 0,
  VCKC_BACKUP_NO_CHECKPOINT = 1 << 1,
  VCKC_BACKUP_QUIESCE = 1 << 2,
  VCKC_BACKUP_CHECKSUM = 1 << 3,
  VCKC_BACKUP_CHECK_FAST = 1 << 4,
  VCKC_BACKUP_NO_FALLBACK = 1 << 5,
  VCKC_BACKUP_LEAVE_OUT = 1 << 6,
  VCKC_BACKUP_PULL = 1 << 7,
  VCKC_BACKUP_UNENCRYPTED = 1 << 8,
} VckcBackupFlags;

/**
 * vckc_repository_plan_backup: (attributes bindgen.reader=1)
 * @repository: a store
 * @domain: a domain
 * @threshold: how many bytes there have to be to copy, or a disk to be copied in full, for a backup
 *   to be made; 0 for always
 * @max_chain: how many images a new one may make a chain of, with itself; 0 for 100, the greatest
 * @flags: (type VckcBackupFlags): how to back up the domain; QUIESCE, CHECKSUM, NO_FALLBACK and
 *   UNENCRYPTED make no difference
 * @err: return location for an error
 *
 * Finds out what vckc_repository_backup() would do, disk by disk: whether a disk is incremental,
 * and on which backup it is based, or why it is full; and how much is copied at most. All disks are
 * in the plan but those that vckc_backup_plan_get_left_out() names: empty, read-only and transient
 * ones. A disk whose changes cannot be tracked, such as a raw one, is always full. Nothing is
 * changed.
 *
 * A disk is incremental on the newest backup of this store that is whole, in which the disk is and
 * was not larger, and whose checkpoint has a bitmap that recorded all writes since. What was
 * written since the checkpoint before that is compared with what the backup copied, which shows a
 * bitmap that was cleared, made anew or switched off for a while, unless it lacks only blocks that
 * the backup copied, too. Where this cannot be compared, the plan says so: see
 * vckc_backup_plan_disk_get_note(). If it fails, the disk is full.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown, @max_chain is greater than 100 or the
 * domain's images cannot be named as files, with %VCKC_ERROR_NO_DOMAIN when the domain no longer
 * exists, with %VCKC_ERROR_OPERATION_UNSUPPORTED when the domain has no disk to back up, or one
 * that is no file or block device of this host, with %VCKC_ERROR_CONFIG_UNSUPPORTED when an image
 * is neither qcow2 nor raw, with %VCKC_ERROR_SYSTEM_ERROR when an image or the store cannot be
 * read, with %VCKC_ERROR_BUSY when another operation holds the domain, and otherwise as
 * vckc_repository_list_backups() and vckc_domain_measure_checkpoints() do.
 *
 * Returns: (transfer full): a plan
 *
 * Since: 1.0
 */
VckcBackupPlan *vckc_repository_plan_backup (VckcRepository *repository,
                                             VckcDomain *domain,
                                             uint64_t threshold,
                                             unsigned int max_chain,
                                             unsigned int flags,
                                             VckcError **err);

/**
 * vckc_repository_backup:
 * @repository: a store
 * @domain: a domain
 * @label: (nullable): what to write about the backup, at most 4096 bytes of UTF-8
 * @threshold: how many bytes there have to be to copy, or a disk to be copied in full, for a backup
 *   to be made; 0 for always
 * @max_chain: how many images a new one may make a chain of, with itself; 0 for 100, the greatest
 * @flags: (type VckcBackupFlags): how to back up the domain
 * @err: return location for an error
 *
 * Backs up the domain into the store, as vckc_repository_plan_backup() says, and waits for the end.
 * The backup is a job of the domain, whose progress is reported as that of
 * vckc_domain_backup_begin(). Backups that were interrupted are recovered first, see
 * vckc_repository_recover().
 *
 * QEMU writes the images where it can. Otherwise it offers the disks over NBD, and this process
 * reads and writes them (pull mode), which needs libnbd: if the domain is on another host, if its
 * QEMU runs as another user, if that fails to open the images, if the disks are simulated, as in
 * `memory:`, or with the flag PULL.
 * What the guest overwrites meanwhile goes to scratch files beside the images of the domain. On
 * another host QEMU listens on the first free of the TCP ports 10809 to 10840, at the address that
 * the host in the URI of the connection has here, which is refused without the flag UNENCRYPTED.
 *
 * The store keeps two of its checkpoints of the domain: that of the new backup and that of the one
 * before. Older ones are deleted; checkpoints of others are not touched. So several stores can be
 * used alternately.
 *
 * When it fails or is cancelled, nothing of it is left, neither in the store nor in the images.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown, @max_chain is greater than 100 or
 * @label is too long or no UTF-8, with %VCKC_ERROR_OPERATION_DENIED when the store or the
 *   connection is read-only, with %VCKC_ERROR_OPERATION_FAILED when the job failed or was aborted,
 *   or a disk would have to be copied in full and the flag NO_FALLBACK is given, with
 *   %VCKC_ERROR_OPERATION_UNSUPPORTED when the domain is on another host and the flag UNENCRYPTED
 *   is not given, or its QEMU shares no folder with this process, with %VCKC_ERROR_NO_SUPPORT when
 *   the disks have to be read and Vck was built without libnbd, with %VCKC_ERROR_NO_SPACE when
 *   there is no room for the images in the store or for the scratch files, with
 *   %VCKC_ERROR_BUSY when another process changes the backups, or another operation, another
 *   program or another job holds the domain or an image, with %VCKC_ERROR_CANCELLED when it is
 *   cancelled, with %VCKC_ERROR_SYSTEM_ERROR when a file cannot be written, and otherwise as
 *   vckc_repository_plan_backup() and vckc_domain_backup_begin() do.
 *
 * Returns: (transfer full): the new backup or, if less than @threshold is to be copied, the last
 *   one that there is
 *
 * Since: 1.0
 */
VckcBackup *vckc_repository_backup (VckcRepository *repository,
                                    VckcDomain *domain,
                                    const char *label,
                                    uint64_t threshold,
                                    unsigned int max_chain,
                                    unsigned int flags,
                                    VckcError **err);

/**
 * vckc_repository_recover: (attributes bindgen.return=status)
 * @repository: a store
 * @domain: a domain
 * @err: return location for an error
 *
 * Brings backups of the domain to an end that were interrupted, because a program or the host
 * ended: what was all copied is completed, the rest is removed with the checkpoint that it made. If
 * QEMU still copies, that is waited for. vckc_repository_backup() does the same.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED when the store or the connection is read-only, with
 * %VCKC_ERROR_BUSY when another process changes the backups, or another operation or another
 * program holds the domain or an image, with %VCKC_ERROR_CANCELLED when it is cancelled, with
 * %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with %VCKC_ERROR_NO_SUPPORT when the
 * driver has no backups, with %VCKC_ERROR_OPERATION_FAILED when a restore in place was interrupted
 * and the images of a disk were changed since or are not there, as when their storage is not
 * mounted, and with %VCKC_ERROR_SYSTEM_ERROR when a file cannot be read or written.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_recover (VckcRepository *repository, VckcDomain *domain, VckcError **err);

/**
 * vckc_backup_plan_ref: (attributes bindgen.plumbing=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_backup_plan_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_plan_ref (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_unref: (attributes bindgen.plumbing=1)
 * @plan: (transfer full): the plan of a backup
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is %NULL or not the plan of a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_plan_unref (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_get_bytes: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets how much is copied at most, of all disks together. Of a disk that is copied in full whose
 * data are compressed, by QEMU or by the file system, it may be more.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_plan_get_bytes (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_get_room_needed: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets how much room the backup takes in the store at most. With disks that are copied in full
 * whose data are compressed, by QEMU or by the file system, it may be more.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_plan_get_room_needed (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_get_room_free: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets how much room there is where the store is.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_plan_get_room_free (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_get_left_out: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets which disks of the domain are not in the plan, and why, human-readable: those that are
 * empty, read-only or transient, and those that %VCKC_BACKUP_LEAVE_OUT leaves out.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if all are
 *
 * Since: 1.0
 */
const char *vckc_backup_plan_get_left_out (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_get_mode: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets how the data gets into the store: written by QEMU or, in pull mode, read by this process.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
VckcBackupMode vckc_backup_plan_get_mode (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_get_why_pull: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets why this process has to read the data, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if QEMU writes it
 *
 * Since: 1.0
 */
const char *vckc_backup_plan_get_why_pull (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_is_needed: (attributes bindgen.local=1)
 * @plan: the plan of a backup
 * @err: return location for an error
 *
 * Gets whether there is enough to copy for a backup to be made.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_backup_plan_is_needed (VckcBackupPlan *plan, VckcError **err);

/**
 * vckc_backup_plan_list_disks: (attributes bindgen.hand=vck_backup_plan_list_disks)
 * @plan: the plan of a backup
 * @ret_disks: (out) (optional) (array zero-terminated=1) (transfer full): return location for the
 *   disks, in the order of the domain
 * @err: return location for an error
 *
 * Lists the disks that the backup has.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @plan is not the plan of a backup.
 *
 * Returns: how many disks there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_plan_list_disks (VckcBackupPlan *plan,
                                 VckcBackupPlanDisk ***ret_disks,
                                 VckcError **err);

/**
 * vckc_backup_plan_disk_ref: (attributes bindgen.plumbing=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_backup_plan_disk_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_plan_disk_ref (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_unref: (attributes bindgen.plumbing=1)
 * @disk: (transfer full): a disk of a plan
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or not a disk of a plan.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_plan_disk_unref (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_get_target: (attributes bindgen.local=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Gets the target name of the disk, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *vckc_backup_plan_disk_get_target (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_get_base: (attributes bindgen.local=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Gets the backup that the disk is based on.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: (transfer none) (nullable): its id, or %NULL if the disk is copied in full
 *
 * Since: 1.0
 */
const char *vckc_backup_plan_disk_get_base (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_get_why_full: (attributes bindgen.local=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Gets why the disk is copied in full, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if it is not
 *
 * Since: 1.0
 */
const char *vckc_backup_plan_disk_get_why_full (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_get_note: (attributes bindgen.local=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Gets what could not be checked of an incremental disk, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if all was checked
 *
 * Since: 1.0
 */
const char *vckc_backup_plan_disk_get_note (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_get_virtual_size: (attributes bindgen.local=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Gets the size of the disk.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_plan_disk_get_virtual_size (VckcBackupPlanDisk *disk, VckcError **err);

/**
 * vckc_backup_plan_disk_get_bytes: (attributes bindgen.local=1)
 * @disk: a disk of a plan
 * @err: return location for an error
 *
 * Gets how much of the disk is copied at most. If it is copied in full and its data are
 * compressed, by QEMU or by the file system, it may be more.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a plan.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_plan_disk_get_bytes (VckcBackupPlanDisk *disk, VckcError **err);

#ifdef __cplusplus
}
#endif
