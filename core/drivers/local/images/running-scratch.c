/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/running-scratch.h"

bool
vckc_running_scratch_make (VckcRunningBackup *self, VckcError **err)
{
  VckcLocalBackup *local = &self->local;

  self->scratches = g_new0 (VckcPushScratch *, local->jobs.n_disks);
  for (guint i = 0; i < local->jobs.n_disks; i++)
    {
      int *fd = &g_array_index (local->fds, int, i);
      const VckcPushTarget target = { *fd, local->jobs.disks[i].file, local->jobs.disks[i].path,
                                      local->jobs.disks[i].block_device };
      VckcPushScratch *scratch;

      if (!vckc_push_scratch_new (&target, &self->scratches[i], err))
        return false;
      scratch = self->scratches[i];
      if (scratch == NULL)
        continue;
      local->backup.outlives = false;
      if (!vckc_local_backup_replace_file (local, i, vckc_push_scratch_get_fd (scratch), err))
        return false;
    }
  if (local->backup.outlives)
    g_clear_pointer (&self->scratches, g_free);
  return true;
}

VckcPushScratch *
vckc_running_scratch_get (const VckcRunningBackup *self, guint disk)
{
  return self->scratches != NULL ? self->scratches[disk] : NULL;
}

const char *
vckc_running_scratch_get_note (VckcBlockBackup *backup, guint disk)
{
  const VckcPushScratch *scratch = vckc_running_scratch_get ((VckcRunningBackup *) backup, disk);

  return scratch != NULL ? vckc_push_scratch_get_reason (scratch) : NULL;
}

/* Goes on with copying the scratch file of a disk to its backup file. */
static void
running_scratch_copy (VckcRunningBackup *self,
                      VckcPushScratch *scratch,
                      guint milliseconds,
                      VckcBlockBackupProgress *progress)
{
  g_autoptr (VckcError) error = NULL;

  if (progress->state == VCKC_BLOCK_BACKUP_FAILED || vckc_push_scratch_is_copied (scratch))
    return;
  if (!self->cancelled && vckc_push_scratch_copy (scratch, milliseconds, &error))
    return;
  progress->state = VCKC_BLOCK_BACKUP_FAILED;
  progress->cancelled = self->cancelled;
  if (error == NULL)
    vckc_set_error (&error, VCKC_ERROR_CANCELLED, "cancelled");
  vckc_block_backup_progress_set_error (progress, error);
}

/* What is written to a scratch file is half of what there is to do. */
static void
running_scratch_report_one (VckcRunningBackup *self, guint disk, VckcBlockBackupProgress *progress)
{
  const VckcPushScratch *scratch = self->scratches[disk];
  double share = vckc_push_scratch_get_share (scratch);

  vckc_running_backup_note_temp (self, disk, progress);
  if (progress->state == VCKC_BLOCK_BACKUP_COPYING)
    progress->done = progress->done / 2;
  else if (progress->state == VCKC_BLOCK_BACKUP_COPIED)
    progress->done = (guint64) ((double) progress->total * (1 + share) / 2);
  if (progress->state == VCKC_BLOCK_BACKUP_COPIED && !vckc_push_scratch_is_copied (scratch))
    progress->state = VCKC_BLOCK_BACKUP_COPYING;
}

void
vckc_running_scratch_wait (VckcRunningBackup *self,
                           guint milliseconds,
                           VckcBlockBackupProgress *progress)
{
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    {
      VckcPushScratch *scratch = vckc_running_scratch_get (self, i);

      if (scratch == NULL)
        continue;
      if (progress[i].state == VCKC_BLOCK_BACKUP_COPYING)
        progress[i].state = VCKC_BLOCK_BACKUP_COPIED;
      running_scratch_copy (self, scratch, milliseconds, &progress[i]);
      running_scratch_report_one (self, i, &progress[i]);
    }
}

void
vckc_running_scratch_report (VckcRunningBackup *self, VckcBlockBackupProgress *progress)
{
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    if (self->scratches[i] != NULL)
      running_scratch_report_one (self, i, &progress[i]);
}

bool
vckc_running_scratch_store (VckcRunningBackup *self, VckcError **err)
{
  for (guint i = 0; i < self->local.jobs.n_disks; i++)
    {
      VckcPushScratch *scratch = self->scratches[i];

      if (scratch != NULL ? !vckc_push_scratch_sync (scratch, err)
                          : !vckc_local_backup_sync_one (&self->local, i, err))
        return false;
    }
  return true;
}
