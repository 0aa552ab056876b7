/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * Backups of a domain's disks, as a job that goes on after the call that began it. A domain has at
 * most one.
 */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcBackupBeginFlags:
 * @VCKC_BACKUP_BEGIN_REUSE_EXTERNAL: the files that the document names exist and are written as
 *   they are; they are never removed. Otherwise they must not exist, are made, and are removed if
 *   the backup fails. (libvirt: `VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL`)
 * @VCKC_BACKUP_BEGIN_QUIESCE: freeze the guest's file systems, through the QEMU guest agent, until
 *   the point in time of the backup is fixed
 * @VCKC_BACKUP_BEGIN_ALL_WORKERS: copy as fast as QEMU can, however much that slows the
 *   guest's own writes; otherwise a running guest comes first
 *
 * How to begin a backup. Flags that libvirt does not have begin at bit 16.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_BACKUP_BEGIN_REUSE_EXTERNAL = 1 << 0,
  VCKC_BACKUP_BEGIN_QUIESCE = 1 << 16,
  VCKC_BACKUP_BEGIN_ALL_WORKERS = 1 << 17,
} VckcBackupBeginFlags;

/**
 * VckcJobInfoFlags: (attributes bindgen.plumbing=1)
 * @VCKC_JOB_INFO_COMPLETED: return the result of the last job instead of the job that runs; it is
 *   then forgotten. (libvirt: `VIR_DOMAIN_JOB_STATS_COMPLETED`)
 * @VCKC_JOB_INFO_KEEP_COMPLETED: do not forget it; requires COMPLETED.
 *   (libvirt: `VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED`)
 *
 * Which job is meant.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_JOB_INFO_COMPLETED = 1 << 0,
  VCKC_JOB_INFO_KEEP_COMPLETED = 1 << 1,
} VckcJobInfoFlags;

/**
 * VckcJobState:
 * @VCKC_JOB_STATE_RUNNING: data is being copied or, in pull mode, offered
 * @VCKC_JOB_STATE_FINISHING: all is copied, and is being stored
 * @VCKC_JOB_STATE_DONE: all of it is stored; a checkpoint that was asked for exists
 * @VCKC_JOB_STATE_FAILED: it failed; there is no backup, and no checkpoint of it
 * @VCKC_JOB_STATE_CANCELLED: it was aborted; there is no backup, and no checkpoint of it
 * @VCKC_JOB_STATE_LOST: QEMU, or the program that copied, ended before the job did; there is no
 *   backup, and no checkpoint of it
 *
 * What has become of a job.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_JOB_STATE_RUNNING = 1,
  VCKC_JOB_STATE_FINISHING = 2,
  VCKC_JOB_STATE_DONE = 3,
  VCKC_JOB_STATE_FAILED = 4,
  VCKC_JOB_STATE_CANCELLED = 5,
  VCKC_JOB_STATE_LOST = 6,
} VckcJobState;

/**
 * VckcBackupMode:
 * @VCKC_BACKUP_MODE_PUSH: the data is written to files; the job ends by itself
 * @VCKC_BACKUP_MODE_PULL: the data is offered over NBD; the job ends when it is aborted, and its
 *   state is %VCKC_JOB_STATE_DONE then
 *
 * How the data leaves the domain.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_BACKUP_MODE_PUSH = 1,
  VCKC_BACKUP_MODE_PULL = 2,
} VckcBackupMode;

/**
 * vckc_domain_backup_begin: (attributes bindgen.hand=vck_domain_begin_backup)
 * @domain: a domain, running or not
 * @backup_xml: a `<domainbackup>` document: what is copied where
 * @checkpoint_xml: a `<domaincheckpoint>` document: the checkpoint that is
 *   created at the point in time of the backup, %NULL for none
 * @flags: (type VckcBackupBeginFlags): how to begin it
 * @err: return location for an error
 *
 * Begins to back up disks of the domain, all at the same point in time. Returns as soon as the
 * point in time is fixed; the copying goes on, and the events %VCKC_EVENT_JOB_PROGRESS and
 * %VCKC_EVENT_JOB_ENDED follow.
 *
 * The backup and its checkpoint exist together or not at all: when the job does not end with
 * %VCKC_JOB_STATE_DONE, the checkpoint is deleted again, and earlier checkpoints are as they were.
 *
 * Disks in the formats qcow2 and raw can be copied. A disk that can have no bitmap, as a raw one,
 * cannot be tracked by the checkpoint, and is always copied in full.
 *
 * While a domain that is off is backed up, its images are held, so that it cannot be started; see
 * vckc_domain_abort_job().
 *
 * In pull mode the disks are offered over NBD, read-only, and what the base of an incremental
 * backup has marked as a dirty bitmap. A Unix socket is made for that, where nothing may be yet,
 * and only this user can reach it; a TCP port can be reached by all who can reach the host. There
 * is no TLS. All ends with vckc_domain_abort_job(). When the program ends before, the backup of a
 * domain that is off is cancelled or lost, since it is not known what was read; that of a running
 * domain goes on. Scratch files are made only while the domain runs.
 * %VCKC_BACKUP_BEGIN_REUSE_EXTERNAL is refused. Simulated disks, as in `memory:`, are offered in
 * the same way, without scratch files: they hold what the query of a URI has written to them.
 *
 * A write of a running guest waits until what it overwrites is copied, and fails in most versions
 * of QEMU if that cannot be written. So the room that a file may need is reserved beforehand. If a
 * file is on a file system that depends on a network or on another program (NFS, SMB, Ceph, FUSE
 * and the like), and the image is not, QEMU writes one beside the image instead, which this program
 * copies from there in the end: that takes the room of the backup, for the time being, and the
 * program must not end before. See vckc_job_disk_get_note(). Where that cannot be done, the backup
 * is refused.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @backup_xml is %NULL, when @flags are unknown, or when a
 * file that should be made exists, with %VCKC_ERROR_OPERATION_DENIED on a read-only connection,
 * with %VCKC_ERROR_XML_ERROR or %VCKC_ERROR_XML_INVALID_SCHEMA when a document is not what it
 * should be, with %VCKC_ERROR_CONFIG_UNSUPPORTED when a document asks for what the disks cannot
 * do, with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with
 * %VCKC_ERROR_NO_DOMAIN_CHECKPOINT when the checkpoint that an incremental backup is based on does
 * not exist, with %VCKC_ERROR_CHECKPOINT_INCONSISTENT when its bitmaps cannot be relied on, with
 * %VCKC_ERROR_CHECKPOINT_EXISTS when the name of the new checkpoint is taken, with
 * %VCKC_ERROR_OPERATION_UNSUPPORTED when the domain, in its state, cannot be backed up in this
 * way, with %VCKC_ERROR_NO_SPACE when the room that a file may need cannot be reserved, with
 * %VCKC_ERROR_SYSTEM_ERROR when a file cannot be made or opened, with %VCKC_ERROR_BUSY when
 * another job or operation, or another program, holds the domain or one of its images, and with
 * %VCKC_ERROR_NO_SUPPORT when the driver has no backups.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_backup_begin (VckcDomain *domain,
                              const char *backup_xml,
                              const char *checkpoint_xml,
                              unsigned int flags,
                              VckcError **err);

/**
 * vckc_domain_backup_get_xml_desc: (attributes bindgen.name=get_backup_xml)
 * @domain: a domain
 * @flags: (attributes bindgen.fixed=0): must be 0
 * @err: return location for an error
 *
 * Gets the description of the backup that is under way, with everything that was left open in the
 * document that began it.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are not 0, with %VCKC_ERROR_NO_DOMAIN when the
 * domain no longer exists, with %VCKC_ERROR_NO_BACKUP when no backup is under way, and with
 * %VCKC_ERROR_NO_SUPPORT when the driver has no backups.
 *
 * Returns: (transfer full): a `<domainbackup>` document in UTF-8
 *
 * Since: 1.0
 */
char *vckc_domain_backup_get_xml_desc (VckcDomain *domain, unsigned int flags, VckcError **err);

/**
 * vckc_domain_get_job_info: (attributes bindgen.plumbing=1)
 * @domain: a domain
 * @flags: (type VckcJobInfoFlags): which job
 * @err: return location for an error
 *
 * Gets what a backup of the domain has done so far or, with %VCKC_JOB_INFO_COMPLETED, how the last
 * one ended. The result of a job is kept until it has been returned once without
 * %VCKC_JOB_INFO_KEEP_COMPLETED, or until the next job begins.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @flags are unknown or KEEP_COMPLETED is given alone, with
 * %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with %VCKC_ERROR_NO_BACKUP when there is
 * no such job, and with %VCKC_ERROR_NO_SUPPORT when the driver has no backups.
 *
 * Returns: (transfer full): the job as it is now, or %NULL on failure
 *
 * Since: 1.0
 */
VckcJobInfo *vckc_domain_get_job_info (VckcDomain *domain, unsigned int flags, VckcError **err);

/**
 * vckc_domain_abort_job: (attributes bindgen.hand=vck_backup_job_cancel)
 * @domain: a domain
 * @err: return location for an error
 *
 * Ends the backup of the domain that is under way. In push mode nothing of it is left: the files
 * that were made for it are removed, and so is its checkpoint. In pull mode this is how it ends
 * well. Any process may do that: the one that follows the backup notices within a second; if that
 * has ended, the backup is taken up and ended by this one. Returns at once, if no process has ended
 * before its backup did; %VCKC_EVENT_JOB_ENDED follows.
 *
 * How the backup has ended is what the state says that comes with that event, or is returned by
 * vckc_domain_wait_job(): libvirt may complete a push of which all was copied already. The state is
 * %VCKC_JOB_STATE_DONE then, and the files and the checkpoint stay.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_NO_DOMAIN
 * when the domain no longer exists, with %VCKC_ERROR_NO_BACKUP when no backup is under way, with
 * %VCKC_ERROR_BUSY when another operation holds the domain, and with %VCKC_ERROR_NO_SUPPORT when
 * the driver has no backups. Fails with %VCKC_ERROR_SYSTEM_ERROR, or the code of another cause,
 * when a backup whose process has ended cannot be taken up now; the request is kept then, and the
 * backup is ended by whichever process takes it up later.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_abort_job (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_set_job_speed: (attributes bindgen.hand=vck_backup_job_limit_speed)
 * @domain: a domain
 * @speed: bytes per second, at most %INT64_MAX; 0 for no limit
 * @err: return location for an error
 *
 * Limits how fast the backup of the domain that is under way copies each disk. Whatever process
 * began the backup, its own QEMU, or libvirt, is asked to keep to it within a second. There is no
 * limit before that. (libvirt: `virDomainBlockJobSetSpeed()`)
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @speed is too large, with %VCKC_ERROR_OPERATION_DENIED on
 * a read-only connection, with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with
 * %VCKC_ERROR_NO_BACKUP when no backup is under way, with %VCKC_ERROR_OPERATION_UNSUPPORTED when it
 * is in pull mode, in which nothing is copied of its own accord, with %VCKC_ERROR_BUSY when another
 * operation holds the domain, or when the program that began the backup has ended, after which
 * vckc_domain_recover_backup() has to take it up first, and with %VCKC_ERROR_NO_SUPPORT when the
 * driver has no backups.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_set_job_speed (VckcDomain *domain, uint64_t speed, VckcError **err);

/**
 * vckc_domain_recover_backup: (attributes bindgen.hand=vck_domain_get_backup_job)
 * @domain: a domain
 * @err: return location for an error
 *
 * Takes up a backup whose program ended before it did. If QEMU goes on with it, its progress and
 * its end are followed from now on; if it has ended, it is completed; if it was lost with the
 * program or with QEMU, what is left of it is removed. Does nothing if there is no such backup.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection, with %VCKC_ERROR_NO_DOMAIN
 * when the domain no longer exists, with %VCKC_ERROR_BUSY when another operation holds the domain,
 * with %VCKC_ERROR_SYSTEM_ERROR when QEMU or a file cannot be reached, and with
 * %VCKC_ERROR_NO_SUPPORT when the driver has no backups.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_recover_backup (VckcDomain *domain, VckcError **err);

/**
 * vckc_domain_wait_job: (attributes bindgen.hand=vck_backup_job_wait)
 * @domain: a domain
 * @err: return location for an error
 *
 * Waits until the backup of the domain that is under way has ended. If it has ended already, does
 * not wait. The result is kept, see vckc_domain_get_job_info(). Not to be called by the callback of
 * a subscription, which would wait for itself.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with %VCKC_ERROR_NO_BACKUP
 * when no backup is under way and none has left a result, with %VCKC_ERROR_NO_CONNECT when the
 * connection is closed meanwhile, with %VCKC_ERROR_CANCELLED when the wait was cancelled, after
 * which the backup goes on, and with %VCKC_ERROR_NO_SUPPORT when the driver has no backups. A
 * backup that failed does not make this call fail: see its state.
 *
 * Returns: (transfer full): the job as it ended, or %NULL on failure
 *
 * Since: 1.0
 */
VckcJobInfo *vckc_domain_wait_job (VckcDomain *domain, VckcError **err);

/**
 * vckc_job_info_ref: (attributes bindgen.plumbing=1)
 * @info: a backup job
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_job_info_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_job_info_ref (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_unref: (attributes bindgen.plumbing=1)
 * @info: (transfer full): the state of a job
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is %NULL or not the state of a job.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_job_info_unref (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_state: (attributes bindgen.hand=vck_backup_job_get_state)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets what has become of the job.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VckcJobState vckc_job_info_get_state (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_mode: (attributes bindgen.local=1)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how the data leaves the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the mode
 *
 * Since: 1.0
 */
VckcBackupMode vckc_job_info_get_mode (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_id: (attributes bindgen.local=1)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets what distinguishes the job from other jobs of the domain.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL if the driver has none
 *
 * Since: 1.0
 */
const char *vckc_job_info_get_id (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_checkpoint: (attributes bindgen.local=1 bindgen.name=get_checkpoint_name)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets the name of the checkpoint that is created with the backup.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if none is
 *
 * Since: 1.0
 */
const char *vckc_job_info_get_checkpoint (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_error: (attributes bindgen.hand=vck_backup_job_get_error)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets why the job failed or was lost, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if it did not
 *
 * Since: 1.0
 */
const char *vckc_job_info_get_error (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_error_code: (attributes bindgen.superseded=vckc_job_info_get_error)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets why the job failed or was lost, as a code: %VCKC_ERROR_NO_SPACE if there was no room left,
 * %VCKC_ERROR_OPERATION_FAILED if it is not known more closely.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the code; 0 if the job did not fail and was not lost
 *
 * Since: 1.0
 */
VckcErrorCode vckc_job_info_get_error_code (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_time_elapsed: (attributes bindgen.hand=vck_backup_job_get_time_elapsed)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how long the job has taken so far.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the time in milliseconds; -1 if it is not known
 *
 * Since: 1.0
 */
int64_t vckc_job_info_get_time_elapsed (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_bytes_done: (attributes bindgen.hand=vck_backup_job_get_bytes_done)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how much of the data of all disks is copied.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the number of bytes; -1 if it is not known, as in pull mode
 *
 * Since: 1.0
 */
int64_t vckc_job_info_get_bytes_done (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_bytes_total: (attributes bindgen.hand=vck_backup_job_get_bytes_total)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how much data of all disks is to be copied in all, which may grow.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the number of bytes; -1 if it is not known, as in pull mode
 *
 * Since: 1.0
 */
int64_t vckc_job_info_get_bytes_total (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_temp_used: (attributes bindgen.hand=vck_backup_job_get_temp_used)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how large the temporary files of the job are: the scratch files of pull mode, or those that
 * are written beside images first. (libvirt: `VIR_DOMAIN_JOB_DISK_TEMP_USED`)
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the number of bytes; -1 if there are none or it is not known
 *
 * Since: 1.0
 */
int64_t vckc_job_info_get_temp_used (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_temp_total: (attributes bindgen.hand=vck_backup_job_get_temp_total)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how large the temporary files of the job may become, apart from their tables: as large as
 * the disks. (libvirt: `VIR_DOMAIN_JOB_DISK_TEMP_TOTAL`)
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: the number of bytes; -1 if there are none or it is not known
 *
 * Since: 1.0
 */
int64_t vckc_job_info_get_temp_total (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_get_speed: (attributes bindgen.hand=vck_backup_job_get_speed)
 * @info: a backup job
 * @err: return location for an error
 *
 * Gets how fast each disk is copied at most, as vckc_domain_set_job_speed() or another program set
 * it.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job.
 *
 * Returns: bytes per second; 0 for no limit; -1 if it is not known, as with libvirt when the disks
 *   have different limits or none is copied any more
 *
 * Since: 1.0
 */
int64_t vckc_job_info_get_speed (VckcJobInfo *info, VckcError **err);

/**
 * vckc_job_info_list_disks: (attributes bindgen.hand=vck_backup_job_get_disks)
 * @info: a backup job
 * @ret_disks: (out) (array zero-terminated=1) (transfer full): return location for the disks that
 *   are backed up
 * @err: return location for an error
 *
 * Lists the disks that are backed up, in the order of the document.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @info is not the state of a job or @ret_disks is %NULL.
 *
 * Returns: how many there are, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_job_info_list_disks (VckcJobInfo *info, VckcJobDisk ***ret_disks, VckcError **err);

/**
 * vckc_job_disk_ref: (attributes bindgen.plumbing=1)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_job_disk_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_job_disk_ref (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_unref: (attributes bindgen.plumbing=1)
 * @disk: (transfer full): the disk of a job
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is %NULL or not the disk of a job.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_job_disk_unref (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_name: (attributes bindgen.local=1)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets the target name of the disk, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *vckc_job_disk_get_name (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_file: (attributes bindgen.local=1)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets the file or device that the data is written to; in pull mode, the one for temporary data.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: (transfer none) (nullable): the absolute path, or %NULL if it is not known
 *
 * Since: 1.0
 */
const char *vckc_job_disk_get_file (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_base: (attributes bindgen.local=1)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets the checkpoint since which changes are copied.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: (transfer none) (nullable): its name, or %NULL if all data is copied
 *
 * Since: 1.0
 */
const char *vckc_job_disk_get_base (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_error: (attributes bindgen.hand=vck_backup_job_disk_get_error_message)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets why this disk failed, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if it did not
 *
 * Since: 1.0
 */
const char *vckc_job_disk_get_error (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_note: (attributes bindgen.local=1)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets what is special about how the disk is copied, human-readable: for example that it is written
 * beside the image first, since its file is on a network file system.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: (transfer none) (nullable): a sentence, or %NULL if nothing is
 *
 * Since: 1.0
 */
const char *vckc_job_disk_get_note (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_bytes_done: (attributes bindgen.hand=vck_backup_job_disk_get_bytes_done)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets how much of the data of the disk is copied.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: the number of bytes; -1 if it is not known
 *
 * Since: 1.0
 */
int64_t vckc_job_disk_get_bytes_done (VckcJobDisk *disk, VckcError **err);

/**
 * vckc_job_disk_get_bytes_total: (attributes bindgen.hand=vck_backup_job_disk_get_bytes_total)
 * @disk: a disk of a backup job
 * @err: return location for an error
 *
 * Gets how much data of the disk is to be copied in all, which may grow.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @disk is not the disk of a job.
 *
 * Returns: the number of bytes; -1 if it is not known
 *
 * Since: 1.0
 */
int64_t vckc_job_disk_get_bytes_total (VckcJobDisk *disk, VckcError **err);

#ifdef __cplusplus
}
#endif
