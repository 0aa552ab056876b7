/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backup-job.h"

VckcBackupJob *
vckc_backup_job_new (VckcEngine *engine, VckcManagedDomain *domain, VckcBackupStatus *status)
{
  VckcBackupJob *job = g_new0 (VckcBackupJob, 1);

  job->ref_count = 1;
  job->engine = engine;
  job->domain = vckc_managed_domain_ref (domain);
  job->status = status;
  job->begun = g_get_monotonic_time ();
  return job;
}

VckcBackupJob *
vckc_backup_job_ref (VckcBackupJob *job)
{
  g_atomic_int_inc (&job->ref_count);
  return job;
}

void
vckc_backup_job_unref (VckcBackupJob *job)
{
  if (job == NULL || !g_atomic_int_dec_and_test (&job->ref_count))
    return;
  vckc_managed_domain_unref (job->domain);
  vckc_backup_status_free (job->status);
  g_free (job);
}

static VckcJobState
backup_status_get_state (const VckcBackupStatus *status, bool finishing)
{
  switch (status->phase)
    {
    case VCKC_BACKUP_DONE:
      return VCKC_JOB_STATE_DONE;
    case VCKC_BACKUP_FAILED:
      return VCKC_JOB_STATE_FAILED;
    case VCKC_BACKUP_CANCELLED:
      return VCKC_JOB_STATE_CANCELLED;
    case VCKC_BACKUP_LOST:
      return VCKC_JOB_STATE_LOST;
    case VCKC_BACKUP_STARTING:
    case VCKC_BACKUP_RUNNING:
    default:
      return finishing ? VCKC_JOB_STATE_FINISHING : VCKC_JOB_STATE_RUNNING;
    }
}

/* The sums over all disks; of those that have one. */
static void
backup_status_sum_temp (const VckcBackupStatus *status, VckcJobInfo *info)
{
  gint64 used = 0, total = 0;
  bool any = false;

  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);

      any = any || disk->temp_used >= 0;
      used += MAX (disk->temp_used, 0);
      total += MAX (disk->temp_total, 0);
    }
  if (any)
    {
      info->temp_used = used;
      info->temp_total = total;
    }
}

VckcJobInfo *
vckc_backup_status_describe (const VckcBackupStatus *status, bool finishing, gint64 elapsed)
{
  VckcJobInfo *info = vckc_job_info_new (backup_status_get_state (status, finishing), status->mode);

  info->id = g_strdup (status->id);
  info->checkpoint = g_strdup (status->checkpoint);
  info->qemu = g_strdup (status->qemu);
  info->error = g_strdup (status->error);
  info->code = status->no_space ? VCKC_ERROR_NO_SPACE : 0;
  info->time_elapsed = elapsed >= 0 ? elapsed / 1000 : -1;
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *from = vckc_backup_status_get_disk (status, i);
      VckcJobDisk *disk = vckc_job_disk_new (from->target);

      disk->file = g_strdup (from->file);
      disk->base = g_strdup (from->base);
      disk->error = g_strdup (from->error);
      disk->note = g_strdup (from->note);
      disk->bytes_done = from->done;
      disk->bytes_total = from->total;
      g_ptr_array_add (info->disks, disk);
    }
  info->speed = status->speed;
  backup_status_sum_temp (status, info);
  return info;
}

/* How it ends is decided before that is stored: until then it has not ended. */
VckcJobInfo *
vckc_backup_job_describe_locked (const VckcBackupJob *job)
{
  VckcJobInfo *info;
  gint64 elapsed = vckc_backup_status_has_ended (job->status)
                       ? job->status->elapsed
                       : g_get_monotonic_time () - job->begun;

  info = vckc_backup_status_describe (job->status, job->finishing, elapsed);
  if (!job->ended && vckc_job_state_is_end (info->state))
    {
      info->state = VCKC_JOB_STATE_FINISHING;
      g_clear_pointer (&info->error, g_free);
    }
  return info;
}

void
vckc_backup_job_emit_locked (VckcBackupJob *job, VckcEventType type)
{
  g_autoptr (VckcJobInfo) info = vckc_backup_job_describe_locked (job);

  vckc_engine_emit_job_locked (job->engine, type, job->domain, info);
}
