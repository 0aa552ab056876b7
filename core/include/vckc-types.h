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
 * A connection to a place that holds virtual machines and their checkpoints.
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
 * The handle is an address, made of the UUID and the name: it stays valid when
 * the domain is undefined, and calls then fail with %VCKC_ERROR_NO_DOMAIN.
 *
 * Since: 1.0
 */
typedef struct _VckcDomain VckcDomain;

/**
 * VckcDomainDisk: (attributes bindgen.class=Disk)
 *
 * What is known of one disk of a domain at the time it was listed.
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
 * The handle is an address, made of the domain and the checkpoint's name: it
 * stays valid when the checkpoint is deleted, and calls then fail with
 * %VCKC_ERROR_NO_DOMAIN_CHECKPOINT.
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
 * VckcFinding: (attributes bindgen.class=Finding)
 *
 * One thing that a look at the checkpoints of a domain found to be wrong, or one
 * thing that a repair did about it.
 *
 * Since: 1.0
 */
typedef struct _VckcFinding VckcFinding;

/**
 * VckcImportResult: (attributes bindgen.class=ImportResult)
 *
 * What became of one checkpoint of an imported document.
 *
 * Since: 1.0
 */
typedef struct _VckcImportResult VckcImportResult;

#ifdef __cplusplus
}
#endif
