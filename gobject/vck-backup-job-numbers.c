/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The figures of a job: what its state has, as it is now. */

#include "vck-job-look.h"

/* The value of `get` now. */
static gint64
backup_job_get_number (VckBackupJob *self, int64_t (*get) (VckcJobInfo *info, VckcError **err))
{
  VckcJobInfo *now = vck_backup_job_ref_now (self);
  const gint64 number = get (now, NULL);

  vckc_job_info_unref (now, NULL);
  return number;
}

/**
 * vck_backup_job_get_bytes_done:
 * @self: a backup job
 *
 * Gets how much of the data of all disks is copied. It never blocks.
 *
 * Returns: the number of bytes; -1 if it is not known, as in pull mode
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_bytes_done (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return backup_job_get_number (self, vckc_job_info_get_bytes_done);
}

/**
 * vck_backup_job_get_bytes_total:
 * @self: a backup job
 *
 * Gets how much data of all disks is to be copied in all, which may grow. It never blocks.
 *
 * Returns: the number of bytes; -1 if it is not known, as in pull mode
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_bytes_total (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return backup_job_get_number (self, vckc_job_info_get_bytes_total);
}

/**
 * vck_backup_job_get_rate:
 * @self: a backup job
 *
 * Gets how fast data is copied: see [property@BackupJob:rate]. It never blocks.
 *
 * Returns: bytes per second; -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_rate (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return vck_backup_job_get_handle (self) != NULL
             ? vck_job_progress_get_rate (vck_backup_job_get_progress (self))
             : -1;
}

/**
 * vck_backup_job_get_time_elapsed:
 * @self: a backup job
 *
 * Gets how long the job has taken: see [property@BackupJob:time-elapsed]. It never blocks.
 *
 * Returns: the time in milliseconds; -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_time_elapsed (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return vck_backup_job_get_handle (self) != NULL
             ? vck_job_progress_get_time_elapsed (vck_backup_job_get_progress (self))
             : -1;
}

/**
 * vck_backup_job_get_temp_used:
 * @self: a backup job
 *
 * Gets how large the temporary files of the job are: see [property@BackupJob:temp-used]. It
 * never blocks.
 *
 * Returns: the number of bytes; -1 if there are none or it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_temp_used (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return backup_job_get_number (self, vckc_job_info_get_temp_used);
}

/**
 * vck_backup_job_get_temp_total:
 * @self: a backup job
 *
 * Gets how large the temporary files of the job may become: see [property@BackupJob:temp-total].
 * It never blocks.
 *
 * Returns: the number of bytes; -1 if there are none or it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_temp_total (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return backup_job_get_number (self, vckc_job_info_get_temp_total);
}

/**
 * vck_backup_job_get_speed:
 * @self: a backup job
 *
 * Gets how fast each disk is copied at most: see [property@BackupJob:speed]. It never blocks.
 *
 * Returns: bytes per second; 0 for no limit; -1 if it is not known
 *
 * Since: 1.0
 */
gint64
vck_backup_job_get_speed (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), -1);

  return backup_job_get_number (self, vckc_job_info_get_speed);
}
