/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Backup jobs that have begun: following and ending them. */

#pragma once

#include "qemu/qmp-backup-plan.h"
#include "qemu/qmp-client.h"

typedef enum
{
  VCKC_QMP_BACKUP_RUNNING,
  VCKC_QMP_BACKUP_DONE,
  VCKC_QMP_BACKUP_FAILED,
  VCKC_QMP_BACKUP_MISSING, /* QEMU knows no such job */
} VckcQmpBackupState;

/* Where one disk is. */
typedef struct
{
  VckcQmpBackupState state;
  guint64 done; /* bytes */
  guint64 total;
  char *error;    /* (nullable), owned: why it failed, as QEMU says it */
  bool cancelled; /* that is why */
} VckcQmpBackupProgress;

void vckc_qmp_backup_progress_clear (VckcQmpBackupProgress *progress);

/* Where each disk is: `progress` has n_disks elements, which are cleared first. */
bool vckc_qmp_backup_query (VckcQmpClient *client,
                            const VckcQmpBackup *backup,
                            VckcQmpBackupProgress *progress,
                            VckcError **err);

/* Asks all jobs to end; those that have ended already are no error. They end some time later. */
bool vckc_qmp_backup_cancel (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Limits how fast each disk is copied, in bytes per second; 0: no limit. Jobs that have ended are
 * no error. */
bool vckc_qmp_backup_set_speed (VckcQmpClient *client,
                                const VckcQmpBackup *backup,
                                guint64 speed,
                                VckcError **err);

/* Is any of the files open? */
bool vckc_qmp_backup_has_targets (VckcQmpClient *client,
                                  const VckcQmpBackup *backup,
                                  bool *ret_has,
                                  VckcError **err);

/* Closes the files that were written, after the jobs have ended. What they hold is complete only if
 * they were flushed before. Those that are closed already are no error. */
bool
vckc_qmp_backup_close_targets (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Has QEMU forget the jobs, which have ended, after their temporary bitmaps. */
bool vckc_qmp_backup_dismiss (VckcQmpClient *client, const VckcQmpBackup *backup, VckcError **err);

/* Drops what QEMU has of an earlier backup, of that id, which has ended but could not be dropped
 * then. */
bool vckc_qmp_backup_drop_earlier (VckcQmpClient *client, const char *id, VckcError **err);
