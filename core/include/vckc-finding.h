/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "vckc-error.h"
#include "vckc-types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcFindingKind:
 * @VCKC_FINDING_BITMAP_MISSING: a checkpoint's bitmap is not in the image
 * @VCKC_FINDING_BITMAP_INCONSISTENT: a checkpoint's bitmap was in use when its writer died, so
 *   that its contents are not reliable
 * @VCKC_FINDING_BITMAP_NOT_RECORDING: a checkpoint's bitmap was switched off, so that it
 *   misses writes
 * @VCKC_FINDING_BITMAP_BUSY: a checkpoint's bitmap is held by a job, such as a backup;
 *   not a fault
 * @VCKC_FINDING_BITMAP_GRANULARITY: a checkpoint's bitmap has another granularity than
 *   when it was made: it was replaced
 * @VCKC_FINDING_DISK_RESIZED: the disk has another size than when the checkpoint was
 *   made; a backup since then cannot be laid over one from before
 * @VCKC_FINDING_DISK_GONE: the disk is no longer part of the domain
 * @VCKC_FINDING_BITMAP_ORPHAN: a bitmap that was left behind when the metadata of a checkpoint of
 *   Vck was deleted
 * @VCKC_FINDING_BITMAP_FOREIGN: a bitmap that belongs to no checkpoint and that Vck did
 *   not make, as far as it knows
 * @VCKC_FINDING_METADATA_UNREADABLE: the metadata of a checkpoint cannot be read
 * @VCKC_FINDING_OPERATION_INTERRUPTED: an operation was interrupted and is not yet finished
 *   or undone
 * @VCKC_FINDING_DISK_UNREACHABLE: the disk could not be examined, for the cause in the
 *   message; its bitmaps may well be in order
 * @VCKC_FINDING_IMAGE_REPLACED: the disk has another image than when the checkpoint was
 *   made
 * @VCKC_FINDING_BITMAP_REPLACED: a checkpoint's bitmap has the right name, but was cleared,
 *   replaced or off since it was made
 * @VCKC_FINDING_BITMAP_IN_BACKING: a checkpoint's bitmap is not in the image of the disk but
 *   in a file that this image is based on
 * @VCKC_FINDING_MANY_BITMAPS: 100 bitmaps or more of a disk note new writes, which makes every
 *   write of the guest slower; not a fault
 *
 * What is wrong.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_FINDING_BITMAP_MISSING = 1,
  VCKC_FINDING_BITMAP_INCONSISTENT = 2,
  VCKC_FINDING_BITMAP_NOT_RECORDING = 3,
  VCKC_FINDING_BITMAP_BUSY = 4,
  VCKC_FINDING_BITMAP_GRANULARITY = 5,
  VCKC_FINDING_DISK_RESIZED = 6,
  VCKC_FINDING_DISK_GONE = 7,
  VCKC_FINDING_BITMAP_ORPHAN = 8,
  VCKC_FINDING_BITMAP_FOREIGN = 9,
  VCKC_FINDING_METADATA_UNREADABLE = 10,
  VCKC_FINDING_OPERATION_INTERRUPTED = 11,
  VCKC_FINDING_DISK_UNREACHABLE = 12,
  VCKC_FINDING_IMAGE_REPLACED = 13,
  VCKC_FINDING_BITMAP_REPLACED = 14,
  VCKC_FINDING_BITMAP_IN_BACKING = 15,
  VCKC_FINDING_MANY_BITMAPS = 16,
} VckcFindingKind;

/**
 * VckcFindingSeverity:
 * @VCKC_FINDING_SEVERITY_PROBLEM: a checkpoint cannot be used as it is, or an operation
 *   is not complete
 * @VCKC_FINDING_SEVERITY_NOTE: good to know; no checkpoint is known to be damaged
 *
 * How serious a finding is. It follows from the kind: %VCKC_FINDING_BITMAP_BUSY,
 * %VCKC_FINDING_DISK_RESIZED, %VCKC_FINDING_DISK_UNREACHABLE, %VCKC_FINDING_BITMAP_ORPHAN,
 * %VCKC_FINDING_BITMAP_FOREIGN and %VCKC_FINDING_MANY_BITMAPS are notes, all others are problems.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_FINDING_SEVERITY_PROBLEM = 1,
  VCKC_FINDING_SEVERITY_NOTE = 2,
} VckcFindingSeverity;

/**
 * VckcFindingOutcome:
 * @VCKC_FINDING_OUTCOME_WOULD: a repair would act on it
 * @VCKC_FINDING_OUTCOME_DONE: it was repaired
 * @VCKC_FINDING_OUTCOME_LEFT: it was left as it is, or a repair would leave it
 *
 * What a repair did about a finding, or would do. After vckc_domain_verify_checkpoints() it
 * is WOULD or LEFT, for a repair with no flags; after a dry run too, for a repair with the
 * flags that were given. After a repair it is DONE or LEFT.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_FINDING_OUTCOME_WOULD = 1,
  VCKC_FINDING_OUTCOME_DONE = 2,
  VCKC_FINDING_OUTCOME_LEFT = 3,
} VckcFindingOutcome;

/**
 * VckcRepairFlags:
 * @VCKC_REPAIR_DRY_RUN: change nothing, report what would be done
 * @VCKC_REPAIR_BROKEN: stop tracking what cannot be trusted: a disk with a bitmap that is
 *   missing, inconsistent or not recording, with a bitmap or image that was replaced, or that is
 *   no longer part of the domain; a checkpoint that then tracks no disk is deleted
 * @VCKC_REPAIR_ORPHANS: remove bitmaps that were left behind when the metadata of checkpoints was
 *   deleted
 * @VCKC_REPAIR_FOREIGN: remove bitmaps that Vck did not create; other backup programs may need
 *   them
 * @VCKC_REPAIR_UNREADABLE: remove checkpoint files that cannot be read
 * @VCKC_REPAIR_INTERRUPTED: finish or undo interrupted operations
 *
 * What to repair. Without one of the flags that name a kind, only what is certain is repaired:
 * what %VCKC_REPAIR_INTERRUPTED names, and what %VCKC_REPAIR_BROKEN names except for findings of
 * the kinds %VCKC_FINDING_IMAGE_REPLACED and %VCKC_FINDING_BITMAP_REPLACED, which require the
 * flag. A checkpoint file that cannot be read may describe a checkpoint that is in order.
 * Findings of the kinds %VCKC_FINDING_DISK_UNREACHABLE, %VCKC_FINDING_BITMAP_IN_BACKING and
 * %VCKC_FINDING_MANY_BITMAPS are never repaired.
 *
 * Since: 1.0
 */
typedef enum
{
  VCKC_REPAIR_DRY_RUN = 1 << 0,
  VCKC_REPAIR_BROKEN = 1 << 1,
  VCKC_REPAIR_ORPHANS = 1 << 2,
  VCKC_REPAIR_FOREIGN = 1 << 3,
  VCKC_REPAIR_UNREADABLE = 1 << 4,
  VCKC_REPAIR_INTERRUPTED = 1 << 5,
} VckcRepairFlags;

/**
 * vckc_domain_verify_checkpoints: (attributes bindgen.reader=1 bindgen.return=count)
 * @domain: a domain
 * @ret_findings: (out) (array zero-terminated=1) (transfer full): return
 *   location for what was found; empty if all is well
 * @err: return location for an error
 *
 * Compares the metadata of the domain's checkpoints with its disk images. Changes nothing,
 * whether the domain runs or not. A disk that cannot be examined is a finding, of the kind
 * %VCKC_FINDING_DISK_UNREACHABLE; the others are examined all the same.
 *
 * Fails with %VCKC_ERROR_NO_DOMAIN when the domain no longer exists, with %VCKC_ERROR_BUSY when
 * another operation holds the domain, and with %VCKC_ERROR_OPERATION_INVALID when no disk can be
 * examined: a domain of libvirt is off and its images are not the caller's files, or it is being
 * saved or migrated.
 *
 * Returns: how many findings there are, or -1 on failure
 *
 * Since: 1.0
 */
int
vckc_domain_verify_checkpoints (VckcDomain *domain, VckcFinding ***ret_findings, VckcError **err);

/**
 * vckc_domain_repair_checkpoints: (attributes bindgen.return=count)
 * @domain: a domain
 * @ret_findings: (out) (array zero-terminated=1) (transfer full): return
 *   location for everything that was found, each with its outcome
 * @flags: (type VckcRepairFlags): what to repair
 * @err: return location for an error
 *
 * Makes the metadata of the domain's checkpoints and its disk images agree again. Guest data is
 * never changed. The tracking of other checkpoints and of other disks is kept. What each finding
 * is about is examined again just before it is changed; what has changed in the meantime is left
 * as it is.
 *
 * Fails with %VCKC_ERROR_OPERATION_DENIED on a read-only connection unless %VCKC_REPAIR_DRY_RUN
 * is given, with %VCKC_ERROR_INVALID_ARG when @flags are unknown, with %VCKC_ERROR_NO_DOMAIN when
 * the domain no longer exists, with %VCKC_ERROR_BUSY when another operation holds the domain or
 * another program an image that has to be changed, and with %VCKC_ERROR_OPERATION_INVALID when no
 * disk can be examined, as vckc_domain_verify_checkpoints() does, when libvirt would have to
 * remove a bitmap from a domain that is off, when an operation was interrupted and
 * %VCKC_REPAIR_INTERRUPTED is not among the flags that name a kind, or when its journal entry
 * cannot be dropped while a disk is not reachable.
 *
 * Returns: how many findings there are, repaired or not, or -1 on failure
 *
 * Since: 1.0
 */
int vckc_domain_repair_checkpoints (VckcDomain *domain,
                                    VckcFinding ***ret_findings,
                                    unsigned int flags,
                                    VckcError **err);

/**
 * vckc_finding_ref: (attributes bindgen.plumbing=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Takes a reference, to be dropped with vckc_finding_unref().
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_finding_ref (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_unref: (attributes bindgen.plumbing=1)
 * @finding: (transfer full): a finding
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is %NULL or not a finding.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int vckc_finding_unref (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_kind: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets what is wrong.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
VckcFindingKind vckc_finding_get_kind (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_severity: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets how serious it is.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: the severity
 *
 * Since: 1.0
 */
VckcFindingSeverity vckc_finding_get_severity (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_outcome: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets what a repair did about it, or would do.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: the outcome
 *
 * Since: 1.0
 */
VckcFindingOutcome vckc_finding_get_outcome (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_checkpoint: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets the name of the checkpoint it is about.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if it is about none
 *
 * Since: 1.0
 */
const char *vckc_finding_get_checkpoint (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_disk: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets the target name of the disk it is about, such as `vda`.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if it is about none
 *
 * Since: 1.0
 */
const char *vckc_finding_get_disk (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_bitmap: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets the name of the bitmap it is about.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: (transfer none) (nullable): the name, or %NULL if it is about none
 *
 * Since: 1.0
 */
const char *vckc_finding_get_bitmap (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_message: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets what is wrong and the likely cause, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: (transfer none): a sentence
 *
 * Since: 1.0
 */
const char *vckc_finding_get_message (VckcFinding *finding, VckcError **err);

/**
 * vckc_finding_get_remedy: (attributes bindgen.local=1)
 * @finding: a finding
 * @err: return location for an error
 *
 * Gets what a repair does about it, human-readable.
 *
 * Fails with %VCKC_ERROR_INVALID_ARG when @finding is not a finding.
 *
 * Returns: (transfer none): a sentence
 *
 * Since: 1.0
 */
const char *vckc_finding_get_remedy (VckcFinding *finding, VckcError **err);

#ifdef __cplusplus
}
#endif
