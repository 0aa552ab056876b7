/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "handles/job-info.h"

#include "base/error-private.h"

static void
job_info_free (gpointer object)
{
  VckcJobInfo *info = object;

  g_free (info->id);
  g_free (info->checkpoint);
  g_free (info->qemu);
  g_free (info->error);
  g_ptr_array_unref (info->disks);
}

const VckcObjectClass vckc_job_info_class = {
  .name = "state of a job",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = job_info_free,
};

VckcJobInfo *
vckc_job_info_new (VckcJobState state, VckcBackupMode mode)
{
  VckcJobInfo *info = vckc_object_new (&vckc_job_info_class, sizeof *info);

  info->state = state;
  info->mode = mode;
  info->time_elapsed = -1;
  info->bytes_done = -1;
  info->bytes_total = -1;
  info->temp_used = -1;
  info->temp_total = -1;
  info->speed = -1;
  info->disks = g_ptr_array_new_with_free_func (vckc_object_unref);
  return info;
}

static void
job_disk_free (gpointer object)
{
  VckcJobDisk *disk = object;

  g_free (disk->name);
  g_free (disk->file);
  g_free (disk->base);
  g_free (disk->error);
  g_free (disk->note);
}

const VckcObjectClass vckc_job_disk_class = {
  .name = "disk of a job",
  .invalid = VCKC_ERROR_INVALID_ARG,
  .free = job_disk_free,
};

VckcJobDisk *
vckc_job_disk_new (const char *name)
{
  VckcJobDisk *disk = vckc_object_new (&vckc_job_disk_class, sizeof *disk);

  disk->name = g_strdup (name);
  disk->bytes_done = -1;
  disk->bytes_total = -1;
  return disk;
}

gint64
vckc_job_info_sum_done (const VckcJobInfo *info)
{
  gint64 sum = 0;

  if (info->bytes_done >= 0)
    return info->bytes_done;
  for (guint i = 0; i < info->disks->len; i++)
    {
      const VckcJobDisk *disk = g_ptr_array_index (info->disks, i);

      if (disk->bytes_done < 0)
        return -1;
      sum += disk->bytes_done;
    }
  return sum;
}

gint64
vckc_job_info_sum_total (const VckcJobInfo *info)
{
  gint64 sum = 0;

  if (info->bytes_total >= 0)
    return info->bytes_total;
  for (guint i = 0; i < info->disks->len; i++)
    {
      const VckcJobDisk *disk = g_ptr_array_index (info->disks, i);

      if (disk->bytes_total < 0)
        return -1;
      sum += disk->bytes_total;
    }
  return sum;
}

VckcErrorCode
vckc_job_info_get_code (const VckcJobInfo *info)
{
  if (info->state != VCKC_JOB_STATE_FAILED && info->state != VCKC_JOB_STATE_LOST)
    return 0;
  if (info->code != 0)
    return info->code;
  /* QEMU and libvirt give the reason as a text only. */
  return info->error != NULL && vckc_text_is_no_space (info->error) ? VCKC_ERROR_NO_SPACE
                                                                    : VCKC_ERROR_OPERATION_FAILED;
}

bool
vckc_job_state_is_end (VckcJobState state)
{
  return state >= VCKC_JOB_STATE_DONE;
}
