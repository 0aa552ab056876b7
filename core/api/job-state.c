/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of the state of a job. */

#include "api/entry.h"
#include "handles/job-info.h"

int
vckc_job_info_ref (VckcJobInfo *info, VckcError **err)
{
  if (!vckc_check_handle (info, &vckc_job_info_class, err))
    return -1;
  vckc_object_ref (info);
  return 0;
}

int
vckc_job_info_unref (VckcJobInfo *info, VckcError **err)
{
  if (!vckc_check_handle (info, &vckc_job_info_class, err))
    return -1;
  vckc_object_unref (info);
  return 0;
}

VckcJobState
vckc_job_info_get_state (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->state : 0;
}

VckcBackupMode
vckc_job_info_get_mode (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->mode : 0;
}

const char *
vckc_job_info_get_id (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->id : NULL;
}

const char *
vckc_job_info_get_checkpoint (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->checkpoint : NULL;
}

const char *
vckc_job_info_get_error (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->error : NULL;
}

VckcErrorCode
vckc_job_info_get_error_code (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? vckc_job_info_get_code (info) : 0;
}

int64_t
vckc_job_info_get_time_elapsed (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->time_elapsed : -1;
}

int64_t
vckc_job_info_get_bytes_done (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? vckc_job_info_sum_done (info) : -1;
}

int64_t
vckc_job_info_get_bytes_total (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? vckc_job_info_sum_total (info) : -1;
}

int64_t
vckc_job_info_get_temp_used (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->temp_used : -1;
}

int64_t
vckc_job_info_get_temp_total (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->temp_total : -1;
}

int64_t
vckc_job_info_get_speed (VckcJobInfo *info, VckcError **err)
{
  return vckc_check_handle (info, &vckc_job_info_class, err) ? info->speed : -1;
}

int
vckc_job_info_list_disks (VckcJobInfo *info, VckcJobDisk ***ret_disks, VckcError **err)
{
  if (ret_disks != NULL)
    *ret_disks = NULL;
  if (!vckc_check_handle (info, &vckc_job_info_class, err)
      || !vckc_check_not_null (ret_disks, "ret_disks", err))
    return -1;

  return vckc_object_array_return_refs (info->disks, (gpointer **) ret_disks);
}

int
vckc_job_disk_ref (VckcJobDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_job_disk_class, err))
    return -1;
  vckc_object_ref (disk);
  return 0;
}

int
vckc_job_disk_unref (VckcJobDisk *disk, VckcError **err)
{
  if (!vckc_check_handle (disk, &vckc_job_disk_class, err))
    return -1;
  vckc_object_unref (disk);
  return 0;
}

const char *
vckc_job_disk_get_name (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->name : NULL;
}

const char *
vckc_job_disk_get_file (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->file : NULL;
}

const char *
vckc_job_disk_get_base (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->base : NULL;
}

const char *
vckc_job_disk_get_error (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->error : NULL;
}

const char *
vckc_job_disk_get_note (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->note : NULL;
}

int64_t
vckc_job_disk_get_bytes_done (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->bytes_done : -1;
}

int64_t
vckc_job_disk_get_bytes_total (VckcJobDisk *disk, VckcError **err)
{
  return vckc_check_handle (disk, &vckc_job_disk_class, err) ? disk->bytes_total : -1;
}
