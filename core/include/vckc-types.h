/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The opaque handles of the core. Every handle is counted by reference, knows
 * its own kind (a handle of the wrong kind is refused, never misread) and may
 * be used from any thread.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * VckcConnect: (attributes bindgen.class=Connection)
 *
 * A connection to a host or a store of domains and their checkpoints.
 *
 * The URI given to vckc_connect_open() selects the driver that does the work.
 *
 * Since: 1.0
 */
typedef struct _VckcConnect VckcConnect;

/**
 * VckcDomain: (attributes bindgen.class=Domain)
 *
 * A virtual machine ("domain") of a connection, running or not.
 *
 * The handle identifies the domain by UUID and name: it stays valid when the domain is undefined,
 * and calls then fail with %VCKC_ERROR_NO_DOMAIN.
 *
 * Since: 1.0
 */
typedef struct _VckcDomain VckcDomain;

/**
 * VckcDomainDisk: (attributes bindgen.class=Disk)
 *
 * One disk of a domain, as it was when listed.
 *
 * Since: 1.0
 */
typedef struct _VckcDomainDisk VckcDomainDisk;

/**
 * VckcDomainCheckpoint: (attributes bindgen.class=Checkpoint)
 *
 * A point in time of a domain since which the blocks written to its disks are
 * tracked.
 *
 * A checkpoint is not a restore point: it records *which* blocks changed, not
 * what they contained. Incremental backups are made from it.
 *
 * The handle identifies the checkpoint by domain and name: it stays valid when the checkpoint is
 * deleted, and calls then fail with %VCKC_ERROR_NO_DOMAIN_CHECKPOINT.
 *
 * Since: 1.0
 */
typedef struct _VckcDomainCheckpoint VckcDomainCheckpoint;

/**
 * VckcDomainCheckpointDisk: (attributes bindgen.class=CheckpointDisk)
 *
 * What a checkpoint does with one disk, as it was when listed.
 *
 * Since: 1.0
 */
typedef struct _VckcDomainCheckpointDisk VckcDomainCheckpointDisk;

/**
 * VckcExtentCursor: (attributes bindgen.class=ExtentCursor)
 *
 * A position in what was written to one disk since a checkpoint: reads it piece by piece.
 *
 * Since: 1.0
 */
typedef struct _VckcExtentCursor VckcExtentCursor;

/**
 * VckcBitmap: (attributes bindgen.class=Bitmap)
 *
 * A dirty bitmap in the image of a disk, as it was when listed.
 *
 * Since: 1.0
 */
typedef struct _VckcBitmap VckcBitmap;

/**
 * VckcFinding: (attributes bindgen.class=Finding)
 *
 * One fault that was found in the checkpoints of a domain, with what a repair did or would do
 * about it.
 *
 * Since: 1.0
 */
typedef struct _VckcFinding VckcFinding;

/**
 * VckcImportResult: (attributes bindgen.class=ImportResult)
 *
 * The result of importing one checkpoint of a document.
 *
 * Since: 1.0
 */
typedef struct _VckcImportResult VckcImportResult;

/**
 * VckcJobInfo: (attributes bindgen.class=BackupJob)
 *
 * A backup of a domain as it was at one moment: how far it is, or how it ended.
 *
 * Since: 1.0
 */
typedef struct _VckcJobInfo VckcJobInfo;

/**
 * VckcJobDisk: (attributes bindgen.class=BackupJobDisk)
 *
 * One disk of a backup, as it was at that moment.
 *
 * Since: 1.0
 */
typedef struct _VckcJobDisk VckcJobDisk;

/**
 * VckcRepository: (attributes bindgen.class=Repository)
 *
 * A store of backups: a folder with images and manifests.
 *
 * Since: 1.0
 */
typedef struct _VckcRepository VckcRepository;

/**
 * VckcBackup: (attributes bindgen.class=Backup)
 *
 * One backup of a domain in a store, as it was when listed.
 *
 * Since: 1.0
 */
typedef struct _VckcBackup VckcBackup;

/**
 * VckcBackupDisk: (attributes bindgen.class=BackupDisk)
 *
 * One disk of a backup, as it was when listed.
 *
 * Since: 1.0
 */
typedef struct _VckcBackupDisk VckcBackupDisk;

/**
 * VckcBackupFinding: (attributes bindgen.class=BackupFinding)
 *
 * One thing that was found in the backups of a domain.
 *
 * Since: 1.0
 */
typedef struct _VckcBackupFinding VckcBackupFinding;

/**
 * VckcPruneDecision: (attributes bindgen.class=PruneDecision)
 *
 * Whether one backup was kept, or would be.
 *
 * Since: 1.0
 */
typedef struct _VckcPruneDecision VckcPruneDecision;

/**
 * VckcMount: (attributes bindgen.class=Mount)
 *
 * A backup whose disks NBD clients can read.
 *
 * Since: 1.0
 */
typedef struct _VckcMount VckcMount;

/**
 * VckcBackupPlan: (attributes bindgen.class=BackupPlan)
 *
 * What a backup of a domain would copy.
 *
 * Since: 1.0
 */
typedef struct _VckcBackupPlan VckcBackupPlan;

/**
 * VckcBackupPlanDisk: (attributes bindgen.class=BackupPlanDisk)
 *
 * What a backup would copy of one disk.
 *
 * Since: 1.0
 */
typedef struct _VckcBackupPlanDisk VckcBackupPlanDisk;

/**
 * VckcCheckpointPlan: (attributes bindgen.class=CheckpointPlan)
 *
 * What creating a checkpoint would do.
 *
 * Since: 1.0
 */
typedef struct _VckcCheckpointPlan VckcCheckpointPlan;

/**
 * VckcCheckpointPlanDisk: (attributes bindgen.class=CheckpointPlanDisk)
 *
 * Whether a checkpoint would track a disk.
 *
 * Since: 1.0
 */
typedef struct _VckcCheckpointPlanDisk VckcCheckpointPlanDisk;

/**
 * VckcDeletePlan: (attributes bindgen.class=DeletePlan)
 *
 * What deleting a checkpoint would do.
 *
 * Since: 1.0
 */
typedef struct _VckcDeletePlan VckcDeletePlan;

/**
 * VckcDeletePlanBitmap: (attributes bindgen.class=DeletePlanBitmap)
 *
 * What deleting a checkpoint would do to a bitmap.
 *
 * Since: 1.0
 */
typedef struct _VckcDeletePlanBitmap VckcDeletePlanBitmap;

/**
 * VckcDriverInfo: (attributes bindgen.class=Driver)
 *
 * A driver, and whether it can be used.
 *
 * Since: 1.0
 */
typedef struct _VckcDriverInfo VckcDriverInfo;

#ifdef __cplusplus
}
#endif
