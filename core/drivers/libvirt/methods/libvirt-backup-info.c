/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/libvirt/methods/libvirt-backup-info.h"

#include "drivers/libvirt/cache/libvirt-backup-starts.h"
#include "drivers/libvirt/cache/libvirt-cache.h"
#include "drivers/libvirt/link/libvirt-error.h"
#include "model/backup-xml.h"

bool
vckc_libvirt_backup_info_describe (VckcDomain *domain, VckcLibvirtBackup *backup, VckcError **err)
{
  g_autofree char *xml = virDomainBackupGetXMLDesc (vckc_libvirt_get_domain (domain), 0);
  g_autoptr (VckcBackupDef) def = xml != NULL ? vckc_backup_def_parse (xml, err) : NULL;

  if (xml == NULL)
    vckc_libvirt_set_error (err, vckc_libvirt_get_connection (domain->connect)->conn,
                            "cannot describe the backup of domain '%s'", domain->name);
  if (def == NULL)
    return false;
  backup->mode = def->mode;
  for (guint i = 0; i < def->disks->len; i++)
    {
      const VckcBackupDiskDef *own = g_ptr_array_index (def->disks, i);
      VckcJobDisk *disk;

      if (!own->backup)
        continue;
      disk = vckc_job_disk_new (own->name);
      disk->file = g_strdup (own->path);
      disk->base = g_strdup (own->mode == VCKC_BACKUP_DISK_FULL ? NULL : own->incremental);
      g_ptr_array_add (backup->disks, disk);
    }
  return true;
}

static VckcJobDisk *
libvirt_backup_info_copy_disk (const VckcJobDisk *disk)
{
  VckcJobDisk *copy = vckc_job_disk_new (disk->name);

  copy->file = g_strdup (disk->file);
  copy->base = g_strdup (disk->base);
  return copy;
}

/* Without the disks' own progress. libvirt gives the sums of a push, which are those of the disk if
 * there is one. */
static VckcJobInfo *
libvirt_backup_info_new (VckcJobState state,
                         const VckcLibvirtBackup *backup,
                         const VckcLibvirtJob *job)
{
  VckcJobInfo *info = vckc_job_info_new (state, backup->mode);

  info->id = g_strdup (backup->id);
  info->checkpoint = g_strdup (backup->checkpoint);
  info->time_elapsed = job->time_elapsed >= 0 ? job->time_elapsed + backup->earlier : -1;
  for (guint i = 0; i < backup->disks->len; i++)
    g_ptr_array_add (info->disks,
                     libvirt_backup_info_copy_disk (g_ptr_array_index (backup->disks, i)));
  info->temp_used = job->temp_used;
  info->temp_total = job->temp_total;
  if (backup->mode != VCKC_BACKUP_MODE_PUSH)
    return info;
  info->bytes_done = job->bytes_done;
  info->bytes_total = job->bytes_total;
  if (info->disks->len == 1)
    {
      VckcJobDisk *disk = g_ptr_array_index (info->disks, 0);

      disk->bytes_done = job->bytes_done;
      disk->bytes_total = job->bytes_total;
    }
  return info;
}

/* QEMU's own figures of a disk; none once its part has ended. */
static bool
libvirt_backup_info_read_disk (VckcDomain *domain, VckcJobDisk *disk, gint64 *ret_speed)
{
  virDomainBlockJobInfo figures = { 0 };

  if (virDomainGetBlockJobInfo (vckc_libvirt_get_domain (domain), disk->name, &figures,
                                VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES)
      != 1)
    {
      virResetLastError ();
      return false;
    }
  *ret_speed = (gint64) MIN (figures.bandwidth, G_MAXINT64);
  if (disk->bytes_total >= 0)
    return true; /* the sums are the disk's */
  disk->bytes_done = (gint64) MIN (figures.cur, G_MAXINT64);
  disk->bytes_total = (gint64) MIN (figures.end, G_MAXINT64);
  return true;
}

/* Of a push that runs. The speed is known if it is the same for all disks that have one. */
static void
libvirt_backup_info_read_disks (VckcDomain *domain, VckcJobInfo *info)
{
  bool is_known = false;

  for (guint i = 0; i < info->disks->len; i++)
    {
      gint64 speed;

      if (!libvirt_backup_info_read_disk (domain, g_ptr_array_index (info->disks, i), &speed))
        continue;
      info->speed = !is_known || speed == info->speed ? speed : -1;
      is_known = true;
    }
}

VckcJobInfo *
vckc_libvirt_backup_info_new_running (VckcDomain *domain,
                                      const VckcLibvirtBackup *backup,
                                      const VckcLibvirtJob *job)
{
  const VckcJobState state = job->is_backup ? VCKC_JOB_STATE_RUNNING : VCKC_JOB_STATE_FINISHING;
  VckcJobInfo *info = libvirt_backup_info_new (state, backup, job);

  if (job->is_backup && backup->mode == VCKC_BACKUP_MODE_PUSH)
    libvirt_backup_info_read_disks (domain, info);
  return info;
}

/* A pull that ended well was aborted, and libvirt says so; a push that was aborted says that it was
 * cancelled, and one whose domain ended says nothing. */
static VckcJobState
libvirt_backup_info_find_end (const VckcLibvirtJob *job)
{
  if (job->type == VIR_DOMAIN_JOB_COMPLETED)
    return VCKC_JOB_STATE_DONE;
  if (job->type == VIR_DOMAIN_JOB_FAILED)
    return VCKC_JOB_STATE_FAILED;
  return job->type == VIR_DOMAIN_JOB_CANCELLED && job->error != NULL ? VCKC_JOB_STATE_CANCELLED
                                                                     : VCKC_JOB_STATE_LOST;
}

static char *
libvirt_backup_info_find_error (VckcJobState state, const VckcLibvirtJob *job)
{
  if (job->type == VIR_DOMAIN_JOB_NONE)
    return g_strdup ("libvirt has forgotten how it ended");
  if (state == VCKC_JOB_STATE_LOST)
    return g_strdup ("the domain ended before the backup did");
  if (state != VCKC_JOB_STATE_FAILED)
    return NULL;
  return g_strdup (job->error != NULL ? job->error : "libvirt gives no reason");
}

VckcJobInfo *
vckc_libvirt_backup_info_new_ended (const VckcLibvirtBackup *backup, const VckcLibvirtJob *job)
{
  const VckcJobState state = libvirt_backup_info_find_end (job);
  g_autoptr (VckcLibvirtBackup) other = NULL;
  VckcJobInfo *info;

  if (backup == NULL)
    {
      other = vckc_libvirt_backup_new ();
      other->mode = job->is_pull ? VCKC_BACKUP_MODE_PULL : VCKC_BACKUP_MODE_PUSH;
      g_clear_pointer (&other->id, g_free);
      backup = other;
    }
  info = libvirt_backup_info_new (state, backup, job);
  info->error = libvirt_backup_info_find_error (state, job);
  return info;
}

static VckcJobInfo *
libvirt_backup_info_set_none (VckcDomain *domain, const char *what, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "domain '%s' has no backup that %s", domain->name,
                  what);
  return NULL;
}

/* Of a backup that this connection does not follow. A job without figures and without a description
 * is none: libvirt begins or ends it, or has lost it. */
static VckcJobInfo *
libvirt_backup_info_get_other (VckcDomain *domain, const VckcLibvirtJob *job, VckcError **err)
{
  g_autoptr (VckcLibvirtBackup) backup = vckc_libvirt_backup_new ();
  g_autoptr (VckcError) error = NULL;

  g_clear_pointer (&backup->id, g_free);
  backup->mode = job->is_pull ? VCKC_BACKUP_MODE_PULL : VCKC_BACKUP_MODE_PUSH;
  if (vckc_libvirt_backup_info_describe (domain, backup, &error))
    vckc_libvirt_backup_starts_find (domain, backup, job->time_elapsed);
  else if (job->time_elapsed < 0 && vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    return libvirt_backup_info_set_none (domain, "is under way", err);
  return vckc_libvirt_backup_info_new_running (domain, backup, job);
}

static VckcJobInfo *
libvirt_backup_info_get_running (VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcJobInfo) result = NULL;
  g_autoptr (VckcLibvirtBackup) backup = vckc_libvirt_backups_find (domain, &result);
  g_auto (VckcLibvirtJob) job = { 0 };

  if (!vckc_libvirt_job_query (domain, 0, &job, err))
    return NULL;
  if (backup != NULL && result == NULL)
    return vckc_libvirt_backup_info_new_running (domain, backup, &job);
  if (!job.is_backup)
    return libvirt_backup_info_set_none (domain, "is under way", err);
  return libvirt_backup_info_get_other (domain, &job, err);
}

/* libvirt forgets a result that is read, unless it is asked to keep it. */
static void
libvirt_backup_info_forget (VckcDomain *domain)
{
  g_auto (VckcLibvirtJob) job = { 0 };

  vckc_libvirt_job_query (domain, VIR_DOMAIN_JOB_STATS_COMPLETED, &job, NULL);
}

/* Asked so that the results of other jobs are kept for those that they concern. */
static VckcJobInfo *
libvirt_backup_info_get_ended (VckcDomain *domain, bool keep, VckcError **err)
{
  g_autoptr (VckcJobInfo) result = NULL;
  g_autoptr (VckcLibvirtBackup) backup = vckc_libvirt_backups_find (domain, &result);
  g_auto (VckcLibvirtJob) job = { 0 };

  if (backup != NULL && result == NULL)
    return libvirt_backup_info_set_none (domain, "has ended", err);
  if (backup == NULL)
    {
      if (!vckc_libvirt_job_query (
              domain, VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED, &job,
              err))
        return NULL;
      if (!job.is_backup)
        return libvirt_backup_info_set_none (domain, "has ended and left a result", err);
      result = vckc_libvirt_backup_info_new_ended (NULL, &job);
    }
  if (!keep && backup != NULL)
    vckc_libvirt_backups_remove (domain, backup);
  if (!keep)
    libvirt_backup_info_forget (domain);
  return g_steal_pointer (&result);
}

VckcJobInfo *
vckc_libvirt_domain_get_job_info (VckcDomain *domain, unsigned int flags, VckcError **err)
{
  if (!vckc_libvirt_get_connection (domain->connect)->has_bitmaps)
    {
      vckc_set_error (err, VCKC_ERROR_NO_SUPPORT, "libvirt's driver for '%s' has no backups",
                      domain->connect->uri);
      return NULL;
    }
  if (!vckc_libvirt_cache_check_domain (domain, err))
    return NULL;
  return (flags & VCKC_JOB_INFO_COMPLETED) == 0
             ? libvirt_backup_info_get_running (domain, err)
             : libvirt_backup_info_get_ended (domain, (flags & VCKC_JOB_INFO_KEEP_COMPLETED) != 0,
                                              err);
}
