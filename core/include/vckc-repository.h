/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Stores of backups. A store is a folder, which may be moved: for each domain, backup and disk it
 * has a qcow2 image that is based on the one of the backup before, and a manifest for each backup.
 * A store is not trusted, wherever it comes from.
 */

#pragma once

#include <stdint.h>

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcRepositoryFlags:
 * @VCKC_REPOSITORY_CREATE: make the folder a store if it is empty or missing
 * @VCKC_REPOSITORY_READ_ONLY: nothing in the store is changed
 *
 * How to open a store. The flags exclude each other.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_REPOSITORY_CREATE = 1 << 0,
  VCKC_REPOSITORY_READ_ONLY = 1 << 1,
} VckcRepositoryFlags;

/**
 * VckcRestoreFlags:
 * @VCKC_RESTORE_RAW: make images in format raw; otherwise in qcow2
 * @VCKC_RESTORE_REPLACE: replace files that exist
 * @VCKC_RESTORE_NO_CHECKPOINT: create no checkpoint, so that the next backup of the disks is full;
 *   for vckc_repository_restore_in_place() only
 *
 * How to restore disks. The first two are for vckc_repository_restore() only.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_RESTORE_RAW = 1 << 0,
  VCKC_RESTORE_REPLACE = 1 << 1,
  VCKC_RESTORE_NO_CHECKPOINT = 1 << 2,
} VckcRestoreFlags;

/**
 * VckcRepositoryVerifyFlags:
 * @VCKC_REPOSITORY_VERIFY_FAST: read no more of the images than their headers
 *
 * How to verify backups.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_REPOSITORY_VERIFY_FAST = 1 << 0,
} VckcRepositoryVerifyFlags;

/**
 * VckcPruneFlags:
 * @VCKC_PRUNE_DRY_RUN: remove nothing, and return what would be removed
 *
 * How to prune.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_PRUNE_DRY_RUN = 1 << 0,
} VckcPruneFlags;

/**
 * VckcBackupFindingKind:
 * @VCKC_BACKUP_FINDING_MANIFEST: the manifest is damaged, or that of another backup
 * @VCKC_BACKUP_FINDING_CHAIN: a backup that it is based on is missing or damaged, or lacks the
 *   disk, or the chain does not end
 * @VCKC_BACKUP_FINDING_IMAGE: the image is missing, cannot be read, or is not what its manifest
 *   says
 * @VCKC_BACKUP_FINDING_CHECKSUM: the image has another SHA-256 than the manifest says
 * @VCKC_BACKUP_FINDING_CONTENT: the tables of the image contradict each other, or the list of
 *   blocks that were copied to it
 * @VCKC_BACKUP_FINDING_LONG_CHAIN: the disk is based on so many backups that it is time to prune
 * @VCKC_BACKUP_FINDING_INTERRUPTED: a backup, a restore in place, a merge or a removal has begun
 *   and not ended: it is under way in another process, or that was killed. Then
 *   vckc_repository_recover() or the next vckc_repository_backup() of the domain ends a backup or a
 *   restore, and the next vckc_repository_prune() a merge or a removal
 * @VCKC_BACKUP_FINDING_LOST_BLOCKS: an image of the domain has lost blocks that the backup has, and
 *   the bitmap does not show it: see vckc_repository_verify_domain()
 *
 * What is wrong with a backup. LONG_CHAIN and INTERRUPTED are no faults.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_BACKUP_FINDING_MANIFEST = 1,
  VCKC_BACKUP_FINDING_CHAIN = 2,
  VCKC_BACKUP_FINDING_IMAGE = 3,
  VCKC_BACKUP_FINDING_CHECKSUM = 4,
  VCKC_BACKUP_FINDING_CONTENT = 5,
  VCKC_BACKUP_FINDING_LONG_CHAIN = 6,
  VCKC_BACKUP_FINDING_INTERRUPTED = 7,
  VCKC_BACKUP_FINDING_LOST_BLOCKS = 8,
} VckcBackupFindingKind;

/**
 * vckc_repository_open:
 * @path: a folder
 * @flags: (type VckcRepositoryFlags): how to open it
 * @err: return location for an error
 *
 * Opens the store of backups in a folder. No process is started, and nothing is locked: the handle
 * can be kept, and other processes can use the store at the same time.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown or exclude each other, with
 * %VCKC_ERROR_NO_BACKUP when there is no store in the folder, with
 * %VCKC_ERROR_OPERATION_FAILED when it shall be made in a folder that holds something else, with
 * %VCKC_ERROR_OPERATION_UNSUPPORTED when a later version of Vck made it, with
 * %VCKC_ERROR_OPERATION_DENIED when the folder belongs to another user, with
 * %VCKC_ERROR_BACKUP_INCONSISTENT when the file that describes it is damaged, and with
 * %VCKC_ERROR_SYSTEM_ERROR when the folder is a link or cannot be opened.
 *
 * Returns: (transfer full): a store
 *
 * Since: 1.0
 */
VckcRepository *vckc_repository_open (const char *path, unsigned int flags, VckcError **err);

/**
 * vckc_repository_ref: (attributes bindgen.plumbing=1)
 * @repository: a store
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_repository_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @repository is not a store.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_ref (VckcRepository *repository, VckcError **err);

/**
 * vckc_repository_unref: (attributes bindgen.plumbing=1)
 * @repository: (transfer full): a store
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @repository is %NULL or not a store.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_unref (VckcRepository *repository, VckcError **err);

/**
 * vckc_repository_get_path: (attributes bindgen.local=1)
 * @repository: a store
 * @err: return location for an error
 *
 * Gets the absolute path of the folder.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @repository is not a store.
 *
 * Returns: (transfer none): the path
 *
 * Since: 1.0
 */
const char *vckc_repository_get_path (VckcRepository *repository, VckcError **err);

/**
 * vckc_repository_get_uuid: (attributes bindgen.local=1)
 * @repository: a store
 * @err: return location for an error
 *
 * Gets the UUID of the store, which it keeps when it is moved or copied.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @repository is not a store.
 *
 * Returns: (transfer none): 36 characters in lower case
 *
 * Since: 1.0
 */
const char *vckc_repository_get_uuid (VckcRepository *repository, VckcError **err);

/**
 * vckc_repository_is_read_only: (attributes bindgen.local=1)
 * @repository: a store
 * @err: return location for an error
 *
 * Gets whether the store was opened with %VCKC_REPOSITORY_READ_ONLY.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @repository is not a store.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_repository_is_read_only (VckcRepository *repository, VckcError **err);

/**
 * vckc_repository_list_backups: (attributes bindgen.return=count)
 * @repository: a store
 * @domain_uuid: (nullable): UUID of a domain, or %NULL for the backups of all domains
 * @ret_backups: (out) (optional) (array zero-terminated=1) (transfer full): return location for
 *   the backups, those of a domain together, oldest first
 * @err: return location for an error
 *
 * Lists the backups of the store. One whose manifest is damaged is in the list, with the reason:
 * see vckc_backup_get_problem(). Images are not opened.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @domain_uuid is not a UUID in lower case, with
 * %VCKC_ERROR_BUSY when another process changes the backups and does not end within seconds, with
 * %VCKC_ERROR_CANCELLED when it is cancelled meanwhile, with %VCKC_ERROR_OPERATION_DENIED when a
 * folder belongs to another user, with %VCKC_ERROR_BACKUP_INCONSISTENT when there are more than
 * 65536 backups of a domain, and with %VCKC_ERROR_SYSTEM_ERROR when a folder cannot be read. A
 * domain without backups has an empty list.
 *
 * Returns: how many backups there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_list_backups (VckcRepository *repository,
                                  const char *domain_uuid,
                                  VckcBackup ***ret_backups,
                                  VckcError **err);

/**
 * vckc_repository_lookup_backup:
 * @repository: a store
 * @domain_uuid: UUID of a domain
 * @id: id of a backup
 * @err: return location for an error
 *
 * Finds one backup.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @domain_uuid is not a UUID in lower case, with
 * %VCKC_ERROR_NO_BACKUP when there is no such backup, and otherwise as
 * vckc_repository_list_backups() does.
 *
 * Returns: (transfer full): the backup
 *
 * Since: 1.0
 */
VckcBackup *vckc_repository_lookup_backup (VckcRepository *repository,
                                           const char *domain_uuid,
                                           const char *id,
                                           VckcError **err);

/**
 * vckc_repository_restore: (attributes bindgen.return=status)
 * @repository: a store
 * @backup: a backup of the store
 * @disk: (nullable): target of the disk to restore, such as `vda`, or %NULL for all disks
 * @to: path of the new image; for all disks the folder to make them in, which is made if it is
 *   missing: each is called like its target, with the suffix `.qcow2` or `.raw`
 * @flags: (type VckcRestoreFlags): how to restore
 * @err: return location for an error
 *
 * Writes the content of disks, as it was at the time of the backup, to new images that depend on
 * nothing else. An image gets its name when all of it is stored; until then it is called
 * `NAME.vck-restore`. All disks are restored or none. What an interrupted call has left is removed
 * by the next one to the same path.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown, with %VCKC_ERROR_NO_BACKUP when the
 * backup no longer exists or lacks the disk, with %VCKC_ERROR_BACKUP_INCONSISTENT when an image
 * that is needed is missing, or is not what its manifest says, with %VCKC_ERROR_OPERATION_FAILED
 * when there is a file under a new name already, or QEMU cannot read or write an image, with
 * %VCKC_ERROR_NO_SPACE when there is no room for the new images, with %VCKC_ERROR_BUSY when
 * another process changes the backups or restores to the same path, with %VCKC_ERROR_CANCELLED
 * when it is cancelled, and with %VCKC_ERROR_SYSTEM_ERROR when a file cannot be read or written
 * or `qemu-storage-daemon` is missing.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_restore (VckcRepository *repository,
                             VckcBackup *backup,
                             const char *disk,
                             const char *to,
                             unsigned int flags,
                             VckcError **err);

/**
 * vckc_repository_restore_in_place: (attributes bindgen.return=status)
 * @repository: a store
 * @domain: the domain that the backup is of, which must be off
 * @backup: a backup of the store
 * @disk: (nullable): target of the disk to restore, such as `vda`, or %NULL for all disks of the
 *   backup
 * @flags: (type VckcRestoreFlags): %VCKC_RESTORE_NO_CHECKPOINT or 0
 * @err: return location for an error
 *
 * Gives disks of a domain the content and the size that they had at the time of the backup, under
 * the paths that their images have. The new images are made beside the old ones, as
 * `PATH.ID.vck-restore`; an old image is replaced when all of the new ones are stored. All disks
 * are restored or none. Owner, mode and format of the images stay. Until the end the old images
 * are locked, so the domain cannot be started.
 *
 * The new images have the bitmap of a new checkpoint before they get their names, so the next
 * backup into this store is incremental on the backup that was restored. The checkpoints of the
 * old images are dropped: those that have other disks too and were made for this store lose the
 * restored disks, those of other programs that have other disks too stay as they are, without the
 * bitmaps of the restored disks. Other stores make their next backup of the disks in full.
 *
 * Once the new images are stored the call is not cancelled any more. If it is interrupted then, by
 * the end of the process or the host, vckc_repository_recover() or the next backup completes it;
 * before, they remove what it has left. If the image of a disk was changed in between, or came to
 * be needed by another disk or a saved state, it is kept, which they report once as
 * %VCKC_ERROR_OPERATION_FAILED.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown or @backup is of another store or
 * domain, with %VCKC_ERROR_OPERATION_DENIED when the store or the connection is read-only, with
 * %VCKC_ERROR_OPERATION_INVALID when the domain is not off, or has a saved state of libvirt, with
 * %VCKC_ERROR_OPERATION_UNSUPPORTED when the images are not on this host, with
 * %VCKC_ERROR_CONFIG_UNSUPPORTED when the domain no longer has one of the disks, or the image of
 * one is no file, is neither qcow2 nor raw, is encrypted, has a backing file, a data file, internal
 * snapshots or another name, or is needed by another disk of a domain of the connection, or that
 * cannot be found out from what the image of such a disk is based on, with
 * %VCKC_ERROR_XML_ERROR when the definition of a domain of the connection is not understood, with
 * %VCKC_ERROR_BUSY when another program has an image open, or another process changes the backups
 * or holds the domain, with %VCKC_ERROR_NO_SPACE when there is no room for the new images beside
 * the old ones, with %VCKC_ERROR_NO_BACKUP when the backup no longer exists or lacks the disk, with
 * %VCKC_ERROR_BACKUP_INCONSISTENT when an image that is needed is missing, or is not what its
 * manifest says, with %VCKC_ERROR_CANCELLED when it is cancelled, with %VCKC_ERROR_NO_DOMAIN when
 * the domain no longer exists, with %VCKC_ERROR_OPERATION_FAILED when QEMU cannot read or write an
 * image, that of a disk is changed meanwhile, the header of the image of another domain is damaged,
 * or a volume that is the image of one cannot be found, and with %VCKC_ERROR_SYSTEM_ERROR when a
 * file, such as the image of another domain of the connection, cannot be read or written or
 * `qemu-storage-daemon` is missing.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_restore_in_place (VckcRepository *repository,
                                      VckcDomain *domain,
                                      VckcBackup *backup,
                                      const char *disk,
                                      unsigned int flags,
                                      VckcError **err);

/**
 * vckc_repository_verify: (attributes bindgen.return=count)
 * @repository: a store
 * @domain_uuid: (nullable): UUID of a domain, or %NULL for all domains
 * @ret_findings: (out) (array zero-terminated=1) (transfer full): return location for what was
 *   found
 * @flags: (type VckcRepositoryVerifyFlags): how to verify
 * @err: return location for an error
 *
 * Looks for faults: compares the manifests with each other and with the headers and sizes of the
 * images, checks the tables of each image, and compares its SHA-256 with the manifest. One that
 * the manifest does not have is calculated and added to it, unless the store is read-only or
 * another process is changing the backups. A backup that is removed meanwhile is passed over.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown or @domain_uuid is not a UUID in lower
 * case, with %VCKC_ERROR_BUSY when another process changes the list of backups and does not end
 * within seconds, with %VCKC_ERROR_CANCELLED when it is cancelled, with
 * %VCKC_ERROR_OPERATION_DENIED when a folder belongs to another user, with
 * %VCKC_ERROR_BACKUP_INCONSISTENT when there are more than 65536 backups of a domain, and with
 * %VCKC_ERROR_SYSTEM_ERROR when a folder cannot be read or descriptors or memory run out.
 *
 * Returns: how many findings there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_verify (VckcRepository *repository,
                            const char *domain_uuid,
                            VckcBackupFinding ***ret_findings,
                            unsigned int flags,
                            VckcError **err);

/**
 * vckc_repository_verify_domain: (attributes bindgen.return=count bindgen.reader=1)
 * @repository: a store
 * @domain: a domain, which must be off
 * @ret_findings: (out) (array zero-terminated=1) (transfer full): return location for what was
 *   found
 * @err: return location for an error
 *
 * Looks for changes of the images that their bitmaps do not show: blocks that are stored in the
 * backup on which the next one would be based, were not written since, and are nevertheless not in
 * the image. They are lost when a disk is made smaller and larger again with other tools, and an
 * incremental backup would go on to have them. No data is read, only the tables of the images. A
 * disk whose next backup is full is passed over, and what is in a file below the image cannot be
 * looked at. Nothing is changed.
 *
 * Fails with %VCKC_ERROR_NO_BACKUP when the store has no backup of the domain, with
 * %VCKC_ERROR_OPERATION_INVALID when the domain is not off, with %VCKC_ERROR_BACKUP_INCONSISTENT
 * when an image that is needed is missing, or is not what its manifest says, with
 * %VCKC_ERROR_CANCELLED when it is cancelled, and otherwise as vckc_repository_plan_backup() does.
 *
 * Returns: how many findings there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_verify_domain (VckcRepository *repository,
                                   VckcDomain *domain,
                                   VckcBackupFinding ***ret_findings,
                                   VckcError **err);

/**
 * vckc_repository_prune: (attributes bindgen.return=count)
 * @repository: a store
 * @domain_uuid: UUID of a domain
 * @keep_last: keep so many of the newest backups
 * @keep_daily: keep the newest backup of each day, in UTC, for so many of the latest days that have
 *   any
 * @keep_within: keep the backups of so many seconds before now
 * @ret_decisions: (out) (array zero-terminated=1) (transfer full): return location for what was
 *   decided about each backup, oldest first
 * @flags: (type VckcPruneFlags): how to prune
 * @err: return location for an error
 *
 * Removes the backups of a domain that none of the three rules keeps. The newest is always kept,
 * and so is one that several others are based on. What the kept ones need of the others is merged
 * into them first, into a copy, which needs room for the largest of the images. An image that is
 * in the list is never written to: interrupted at any time, every backup that is listed can be
 * restored, and the next call ends what was begun.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown, no rule is given, a number is
 * negative, or @domain_uuid is not a UUID in lower case, with %VCKC_ERROR_OPERATION_DENIED when the
 * store was opened to be read only, with %VCKC_ERROR_NO_BACKUP when there are no backups of the
 * domain, with %VCKC_ERROR_BACKUP_INCONSISTENT when a manifest is damaged or an image that is
 * merged is not what its manifest says, with %VCKC_ERROR_BUSY when another process changes the
 * backups, with %VCKC_ERROR_NO_SPACE when there is no room to merge, with
 * %VCKC_ERROR_OPERATION_FAILED when QEMU cannot read or write an image, with
 * %VCKC_ERROR_CANCELLED when it is cancelled, and with %VCKC_ERROR_SYSTEM_ERROR when a file cannot
 * be read or written or `qemu-storage-daemon` is missing.
 *
 * Returns: how many decisions there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_repository_prune (VckcRepository *repository,
                           const char *domain_uuid,
                           unsigned int keep_last,
                           unsigned int keep_daily,
                           int64_t keep_within,
                           VckcPruneDecision ***ret_decisions,
                           unsigned int flags,
                           VckcError **err);

/**
 * vckc_repository_mount:
 * @repository: a store
 * @backup: a backup of the store
 * @socket: path of a Unix socket to be made, which must not exist
 * @err: return location for an error
 *
 * Offers the disks of a backup, as they were at that time, to NBD clients, read-only and to as many
 * as connect. Each disk is an export with the name of its target. The socket is made for the owner
 * alone. Pruning does not disturb it. It ends with vckc_mount_close(), with the last reference, or
 * with the process, which leaves the socket if it is killed.
 *
 * Fails with %VCKC_ERROR_BACKUP_INCONSISTENT when an image that is needed is missing, or is not
 * what its manifest says, with %VCKC_ERROR_NO_BACKUP when the backup no longer exists, with
 * %VCKC_ERROR_INVALID_ARG when it is of another store, with %VCKC_ERROR_OPERATION_FAILED when
 * there is something at @socket, or its path is too long or QEMU cannot read an image, with
 * %VCKC_ERROR_BUSY when another process changes the list of backups, with %VCKC_ERROR_CANCELLED
 * when it is cancelled while it waits for that, and with %VCKC_ERROR_SYSTEM_ERROR when a file
 * cannot be read or made or `qemu-storage-daemon` is missing.
 *
 * Returns: (transfer full): what to end it with
 *
 * Since: 1.0
 */
VckcMount *vckc_repository_mount (VckcRepository *repository,
                                  VckcBackup *backup,
                                  const char *socket,
                                  VckcError **err);

/**
 * vckc_backup_ref: (attributes bindgen.plumbing=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_backup_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_ref (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_unref: (attributes bindgen.plumbing=1)
 * @backup: (transfer full): a backup
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is %NULL or not a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_unref (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_id: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets the id: the time in UTC and a random number.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none): the id
 *
 * Since: 1.0
 */
const char *vckc_backup_get_id (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_domain_uuid: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets the UUID of the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none): 36 characters in lower case
 *
 * Since: 1.0
 */
const char *vckc_backup_get_domain_uuid (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_domain_name: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets the name that the domain had.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if the manifest is damaged
 *
 * Since: 1.0
 */
const char *vckc_backup_get_domain_name (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_time: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets the time of which the disks have the content.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: seconds since 1970 in UTC, or -1 if the manifest is damaged
 *
 * Since: 1.0
 */
int64_t vckc_backup_get_time (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_label: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets what the user wrote about it.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none) (nullable): the text, or %NULL if there is none
 *
 * Since: 1.0
 */
const char *vckc_backup_get_label (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_checkpoint: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets the name of the checkpoint that was made at that time.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if none was made
 *
 * Since: 1.0
 */
const char *vckc_backup_get_checkpoint (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_size: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets the size of its images, without those that they are based on.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: bytes, or -1 if the manifest is damaged
 *
 * Since: 1.0
 */
int64_t vckc_backup_get_size (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_left_out: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets which disks of the domain are not in the backup, and why, human-readable: those that were
 * empty, read-only or transient, and those that %VCKC_BACKUP_LEAVE_OUT has left out.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if all are, or the manifest is damaged
 *
 * Since: 1.0
 */
const char *vckc_backup_get_left_out (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_get_problem: (attributes bindgen.local=1)
 * @backup: a backup
 * @err: return location for an error
 *
 * Gets why the backup cannot be used, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if its manifest is sound
 *
 * Since: 1.0
 */
const char *vckc_backup_get_problem (VckcBackup *backup, VckcError **err);

/**
 * vckc_backup_list_disks: (attributes bindgen.hand=vck_backup_list_disks)
 * @backup: a backup
 * @ret_disks: (out) (optional) (array zero-terminated=1) (transfer full): return location for the
 *   disks, in the order of the manifest
 * @err: return location for an error
 *
 * Lists the disks of the backup; none if its manifest is damaged.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup is not a backup.
 *
 * Returns: how many disks there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_list_disks (VckcBackup *backup, VckcBackupDisk ***ret_disks, VckcError **err);

/**
 * vckc_backup_disk_ref: (attributes bindgen.plumbing=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_backup_disk_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_disk_ref (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_unref: (attributes bindgen.plumbing=1)
 * @disk: (transfer full): a disk of a backup
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or not a disk of a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_disk_unref (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_target: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets the target name of the disk, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *vckc_backup_disk_get_target (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_path: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets the absolute path of its image in the store.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: (transfer none): the path
 *
 * Since: 1.0
 */
const char *vckc_backup_disk_get_path (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_base: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets the id of the backup that it is based on.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL if the image is a full one
 *
 * Since: 1.0
 */
const char *vckc_backup_disk_get_base (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_why_full: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets why the disk was backed up in full, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if it was not, or no reason is known
 *
 * Since: 1.0
 */
const char *vckc_backup_disk_get_why_full (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_virtual_size: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets the size of the disk.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_disk_get_virtual_size (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_bytes: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets how much was copied.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_disk_get_bytes (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_file_size: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets the size of the file.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
int64_t vckc_backup_disk_get_file_size (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_disk_get_sha256: (attributes bindgen.local=1)
 * @disk: a disk of a backup
 * @err: return location for an error
 *
 * Gets the SHA-256 of the file.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not a disk of a backup.
 *
 * Returns: (transfer none) (nullable): 64 hexadecimal digits, or %NULL if it was not calculated yet
 *
 * Since: 1.0
 */
const char *vckc_backup_disk_get_sha256 (VckcBackupDisk *disk, VckcError **err);

/**
 * vckc_backup_finding_ref: (attributes bindgen.plumbing=1)
 * @finding: a finding of a backup
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_backup_finding_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding of a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_finding_ref (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_backup_finding_unref: (attributes bindgen.plumbing=1)
 * @finding: (transfer full): a finding of a backup
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is %NULL or not a finding of a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_backup_finding_unref (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_backup_finding_get_kind: (attributes bindgen.local=1)
 * @finding: a finding of a backup
 * @err: return location for an error
 *
 * Gets what is wrong.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding of a backup.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
VckcBackupFindingKind vckc_backup_finding_get_kind (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_backup_finding_get_domain_uuid: (attributes bindgen.local=1)
 * @finding: a finding of a backup
 * @err: return location for an error
 *
 * Gets the UUID of the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding of a backup.
 *
 * Returns: (transfer none): 36 characters in lower case
 *
 * Since: 1.0
 */
const char *vckc_backup_finding_get_domain_uuid (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_backup_finding_get_backup: (attributes bindgen.local=1)
 * @finding: a finding of a backup
 * @err: return location for an error
 *
 * Gets the id of the backup.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding of a backup.
 *
 * Returns: (transfer none): the id
 *
 * Since: 1.0
 */
const char *vckc_backup_finding_get_backup (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_backup_finding_get_disk: (attributes bindgen.local=1)
 * @finding: a finding of a backup
 * @err: return location for an error
 *
 * Gets the target name of the disk it is about, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding of a backup.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if it is about none
 *
 * Since: 1.0
 */
const char *vckc_backup_finding_get_disk (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_backup_finding_get_message: (attributes bindgen.local=1)
 * @finding: a finding of a backup
 * @err: return location for an error
 *
 * Gets what is wrong, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding of a backup.
 *
 * Returns: (transfer none): a sentence
 *
 * Since: 1.0
 */
const char *vckc_backup_finding_get_message (VckcBackupFinding *finding, VckcError **err);

/**
 * vckc_prune_decision_ref: (attributes bindgen.plumbing=1)
 * @decision: a decision about a backup
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_prune_decision_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @decision is not a decision about a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_prune_decision_ref (VckcPruneDecision *decision, VckcError **err);

/**
 * vckc_prune_decision_unref: (attributes bindgen.plumbing=1)
 * @decision: (transfer full): a decision about a backup
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @decision is %NULL or not a decision about a backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_prune_decision_unref (VckcPruneDecision *decision, VckcError **err);

/**
 * vckc_prune_decision_get_backup: (attributes bindgen.local=1)
 * @decision: a decision about a backup
 * @err: return location for an error
 *
 * Gets the id of the backup.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @decision is not a decision about a backup.
 *
 * Returns: (transfer none): the id
 *
 * Since: 1.0
 */
const char *vckc_prune_decision_get_backup (VckcPruneDecision *decision, VckcError **err);

/**
 * vckc_prune_decision_is_kept: (attributes bindgen.local=1)
 * @decision: a decision about a backup
 * @err: return location for an error
 *
 * Gets whether the backup is kept.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @decision is not a decision about a backup.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool vckc_prune_decision_is_kept (VckcPruneDecision *decision, VckcError **err);

/**
 * vckc_prune_decision_get_reason: (attributes bindgen.local=1)
 * @decision: a decision about a backup
 * @err: return location for an error
 *
 * Gets why it is kept or not, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @decision is not a decision about a backup.
 *
 * Returns: (transfer none): a sentence
 *
 * Since: 1.0
 */
const char *vckc_prune_decision_get_reason (VckcPruneDecision *decision, VckcError **err);

/**
 * vckc_mount_ref: (attributes bindgen.plumbing=1)
 * @mount: a mounted backup
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_mount_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @mount is not a mounted backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_mount_ref (VckcMount *mount, VckcError **err);

/**
 * vckc_mount_unref: (attributes bindgen.plumbing=1)
 * @mount: (transfer full): a mounted backup
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @mount is %NULL or not a mounted backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_mount_unref (VckcMount *mount, VckcError **err);

/**
 * vckc_mount_get_socket: (attributes bindgen.local=1)
 * @mount: a mounted backup
 * @err: return location for an error
 *
 * Gets the absolute path of the socket.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @mount is not a mounted backup.
 *
 * Returns: (transfer none): the path
 *
 * Since: 1.0
 */
const char *vckc_mount_get_socket (VckcMount *mount, VckcError **err);

/**
 * vckc_mount_close: (attributes bindgen.return=status)
 * @mount: a mounted backup
 * @err: return location for an error
 *
 * Disconnects all clients and removes the socket. Closing twice does nothing.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @mount is not a mounted backup.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_mount_close (VckcMount *mount, VckcError **err);

#ifdef __cplusplus
}
#endif
