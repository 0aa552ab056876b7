/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/local-backup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qemu/qcow2-header.h"

static char *
local_backup_keep (VckcLocalBackup *self, const char *text)
{
  return text != NULL ? g_string_chunk_insert (self->strings, text) : NULL;
}

/* Can the disk be written to that image? What its header names is never opened. */
static bool
local_backup_check_header (const VckcQcow2Header *header,
                           const char *file,
                           guint64 capacity,
                           VckcError **err)
{
  if (header->encrypted || header->has_data_file)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the backup file '%s' %s, which is not supported; make it without", file,
                    header->encrypted ? "is encrypted" : "keeps its data in another file");
  else if (header->corrupt || header->dirty || header->cut)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the backup file '%s' is damaged, or was not closed in order; make it anew",
                    file);
  else if (header->virtual_size != capacity)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the backup file '%s' is for a disk of %" G_GUINT64_FORMAT
                    " bytes, and the disk has %" G_GUINT64_FORMAT "; make it anew",
                    file, header->virtual_size, capacity);
  else
    return true;
  return false;
}

static bool
local_backup_check_file (VckcQmpBackupDisk *disk, int fd, guint64 capacity, VckcError **err)
{
  VckcQcow2Header header = { 0 };

  if (g_str_equal (disk->format, "qcow2")
      && (!vckc_qcow2_header_read_fd (fd, disk->file, &header, err)
          || !local_backup_check_header (&header, disk->file, capacity, err)))
    return false;
  disk->cluster_size = header.cluster_size;
  return true;
}

/* Of a backup that is to be ended the images need not be open. */
static const VckcQmpDisk *
local_backup_get_source (const VckcLocalBackup *self, const VckcBlockBackupDisk *disk)
{
  static const VckcQmpDisk none = { .target = "", .path = "", .node = "" };

  return disk->disk != VCKC_BLOCK_BACKUP_NO_DISK ? &self->session->disks[disk->disk] : &none;
}

static bool
local_backup_add_disk (VckcLocalBackup *self,
                       VckcQmpBackupDisk *disk,
                       const VckcBlockBackupDisk *from,
                       VckcError **err)
{
  const VckcQmpDisk *source = local_backup_get_source (self, from);
  struct stat info;
  int fd;

  disk->target = local_backup_keep (self, source->target);
  disk->path = local_backup_keep (self, source->path);
  disk->node = local_backup_keep (self, source->node);
  disk->raw = source->raw;
  disk->block_device = source->block_device;
  disk->locked = source->locked;
  disk->file = local_backup_keep (self, from->file);
  disk->format = local_backup_keep (self, from->format);
  disk->base = local_backup_keep (self, from->base);
  disk->base_granularity = from->base_granularity;
  fd = from->fd >= 0 ? fcntl (from->fd, F_DUPFD_CLOEXEC, 0) : -1;
  g_array_append_val (self->fds, fd);
  if (from->fd < 0)
    return true;
  if (fd < 0 || fstat (fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot use the backup file '%s'", from->file);
      return false;
    }
  disk->file_is_device = S_ISBLK (info.st_mode);
  return true;
}

static void
local_backup_add_bitmaps (VckcLocalBackup *self, const VckcBlockBackupPlan *plan)
{
  VckcQmpBackupBitmap *bitmaps = g_new0 (VckcQmpBackupBitmap, plan->n_bitmaps);

  self->refs = g_new0 (VckcBlockBitmapRef, plan->n_bitmaps);
  self->n_refs = plan->n_bitmaps;
  for (guint i = 0; i < plan->n_bitmaps; i++)
    {
      bitmaps[i].name = local_backup_keep (self, plan->bitmaps[i].name);
      bitmaps[i].node = local_backup_keep (self, self->session->disks[plan->bitmaps[i].disk].node);
      self->refs[i] = (VckcBlockBitmapRef){ plan->bitmaps[i].disk, bitmaps[i].name };
    }
  self->jobs.bitmaps = bitmaps;
  self->jobs.n_bitmaps = plan->n_bitmaps;
}

void
vckc_local_backup_note_version (VckcLocalBackup *self, const VckcQmpClient *client)
{
  const char *version = vckc_qmp_client_get_version (client);

  g_strlcpy (self->backup.qemu, version != NULL ? version : "", sizeof self->backup.qemu);
}

bool
vckc_local_backup_init (VckcLocalBackup *self,
                        VckcLocalSession *session,
                        const VckcBlockBackupPlan *plan,
                        bool fresh,
                        VckcError **err)
{
  VckcQmpBackupDisk *disks = g_new0 (VckcQmpBackupDisk, plan->n_disks);

  self->session = session;
  self->strings = g_string_chunk_new (1024);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  self->jobs.id = local_backup_keep (self, plan->id);
  self->jobs.disks = disks;
  self->jobs.n_disks = plan->n_disks;
  self->all_workers = plan->all_workers;
  local_backup_add_bitmaps (self, plan);
  for (guint i = 0; i < plan->n_disks; i++)
    if (!local_backup_add_disk (self, &disks[i], &plan->disks[i], err)
        || (fresh
            && !local_backup_check_file (&disks[i], g_array_index (self->fds, int, i),
                                         session->capacities[plan->disks[i].disk], err)))
      return false;
  return true;
}

void
vckc_local_backup_clear (VckcLocalBackup *self)
{
  for (guint i = 0; self->fds != NULL && i < self->fds->len; i++)
    if (g_array_index (self->fds, int, i) >= 0)
      close (g_array_index (self->fds, int, i));
  g_clear_pointer (&self->fds, g_array_unref);
  g_clear_pointer (&self->strings, g_string_chunk_free);
  g_free ((gpointer) self->jobs.disks);
  g_free ((gpointer) self->jobs.bitmaps);
  g_free (self->refs);
}

VckcQmpBackupDisk *
vckc_local_backup_get_disk (VckcLocalBackup *self, guint disk)
{
  return (VckcQmpBackupDisk *) &self->jobs.disks[disk];
}

static VckcBlockBackupState
local_backup_state_of (VckcQmpBackupState state)
{
  switch (state)
    {
    case VCKC_QMP_BACKUP_RUNNING:
      return VCKC_BLOCK_BACKUP_COPYING;
    case VCKC_QMP_BACKUP_DONE:
      return VCKC_BLOCK_BACKUP_COPIED;
    case VCKC_QMP_BACKUP_FAILED:
      return VCKC_BLOCK_BACKUP_FAILED;
    case VCKC_QMP_BACKUP_MISSING:
    default:
      return VCKC_BLOCK_BACKUP_LOST;
    }
}

bool
vckc_local_backup_query (VckcLocalBackup *self,
                         VckcQmpClient *client,
                         VckcBlockBackupProgress *progress,
                         VckcError **err)
{
  g_autofree VckcQmpBackupProgress *jobs = g_new0 (VckcQmpBackupProgress, self->jobs.n_disks);
  bool known = vckc_qmp_backup_query (client, &self->jobs, jobs, err);

  for (guint i = 0; i < self->jobs.n_disks; i++)
    {
      if (known)
        {
          vckc_block_backup_progress_clear (&progress[i]);
          progress[i].state = local_backup_state_of (jobs[i].state);
          progress[i].done = jobs[i].done;
          progress[i].total = jobs[i].total;
          progress[i].cancelled = jobs[i].cancelled;
          progress[i].error = g_steal_pointer (&jobs[i].error);
        }
      vckc_qmp_backup_progress_clear (&jobs[i]);
    }
  return known;
}

bool
vckc_local_backup_has_ended (const VckcLocalBackup *self, const VckcBlockBackupProgress *progress)
{
  for (guint i = 0; i < self->jobs.n_disks; i++)
    if (progress[i].state == VCKC_BLOCK_BACKUP_COPYING)
      return false;
  return true;
}

bool
vckc_local_backup_replace_file (VckcLocalBackup *self, guint disk, int fd, VckcError **err)
{
  int *own = &g_array_index (self->fds, int, disk);
  int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);

  if (copy < 0)
    {
      vckc_set_error_errno (err, errno, "cannot have a file written instead of '%s'",
                            self->jobs.disks[disk].file);
      return false;
    }
  close (*own);
  *own = copy;
  return true;
}

bool
vckc_local_backup_check_is_open (const VckcLocalBackup *self, guint disk, VckcError **err)
{
  if (g_array_index (self->fds, int, disk) >= 0)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED, "the file '%s' can no longer be opened",
                  self->jobs.disks[disk].file);
  return false;
}

bool
vckc_local_backup_sync_one (VckcLocalBackup *self, guint disk, VckcError **err)
{
  if (!vckc_local_backup_check_is_open (self, disk, err))
    return false;
  if (fsync (g_array_index (self->fds, int, disk)) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot store the backup file '%s'",
                        self->jobs.disks[disk].file);
  return false;
}

bool
vckc_local_backup_sync (VckcLocalBackup *self, VckcError **err)
{
  for (guint i = 0; i < self->fds->len; i++)
    if (!vckc_local_backup_sync_one (self, i, err))
      return false;
  return true;
}
