/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/running-backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include "drivers/local/images/reserved-file.h"
#include "drivers/local/machine/machine-qmp.h"
#include "qemu/image-lock.h"
#include "qemu/qmp-backup-size.h"

/* How long a QEMU that does not listen any more may take to end, in milliseconds. */
#define END_TIMEOUT 200
/* If a file that is being written comes so close to what is reserved, in bytes, more is. */
#define MARGIN ((guint64) 64 * 1024 * 1024)

void
vckc_running_backup_clear (VckcRunningBackup *self)
{
  for (guint i = 0; self->scratches != NULL && i < self->local.jobs.n_disks; i++)
    vckc_push_scratch_free (self->scratches[i]);
  g_free (self->scratches);
  vckc_local_backup_clear (&self->local);
  vckc_machine_process_clear (&self->process);
  g_free (self->socket);
  g_free (self->capacities);
  g_free (self->reserved);
  g_clear_pointer (&self->no_room, vckc_error_free);
}

/* QEMU locks its images. Where nothing can be locked, nothing is known. */
static bool
running_backup_are_images_free (const VckcRunningBackup *self)
{
  const VckcQmpBackup *jobs = &self->local.jobs;
  bool free = jobs->n_disks > 0;

  for (guint i = 0; free && i < jobs->n_disks; i++)
    {
      g_autoptr (VckcImageLock) lock =
          vckc_image_lock_new (jobs->disks[i].path, jobs->disks[i].target, NULL);

      free = lock != NULL && vckc_image_lock_is_held (lock);
    }
  return free;
}

/* No program listens at the socket, or another one than at first: has QEMU ended, for certain? */
static bool
running_backup_has_ended (const VckcRunningBackup *self, guint milliseconds)
{
  return self->process.pid > 0 ? vckc_machine_process_has_ended (&self->process, milliseconds)
                               : running_backup_are_images_free (self);
}

static void
running_backup_set_unreachable (const VckcRunningBackup *self, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "QEMU cannot be reached at '%s' any more, but has not ended for certain; the "
                  "backup is left as it is until QEMU can be reached again, or ends",
                  self->socket);
}

/* Is the one that answers the one that has the backup? If that one has ended, *ret_gone is set:
 * nothing of what another one has is ours. */
static bool
running_backup_check_peer (const VckcRunningBackup *self,
                           const VckcQmpClient *client,
                           bool *ret_gone,
                           VckcError **err)
{
  if (!vckc_machine_process_is_other (&self->process, client))
    return true;
  *ret_gone = running_backup_has_ended (self, END_TIMEOUT);
  if (!*ret_gone)
    running_backup_set_unreachable (self, err);
  return false;
}

/* Connects for a moment; NULL without an error if no program listens. To be ended by
 * running_backup_disconnect(). */
static VckcQmpClient *
running_backup_connect (VckcRunningBackup *self, VckcError **err)
{
  const VckcMachineOptions options = vckc_machine_options (0, self->backend->machine_timeout, -1);
  VckcQmpClient *client = NULL;

  vckc_state_monitor_pause (self->backend->monitor, self->socket);
  if (vckc_machine_connect (self->socket, &options, &client, err))
    return client;
  return NULL;
}

static void
running_backup_disconnect (VckcRunningBackup *self, VckcQmpClient *client)
{
  vckc_qmp_client_free (client);
  vckc_state_monitor_resume (self->backend->monitor, self->socket);
}

bool
vckc_running_backup_call (VckcRunningBackup *self,
                          VckcRunningBackupFunc function,
                          gpointer data,
                          bool *ret_gone,
                          VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcQmpClient *client = running_backup_connect (self, &error);
  bool gone = client == NULL && error == NULL && running_backup_has_ended (self, END_TIMEOUT);
  bool ok = client != NULL && running_backup_check_peer (self, client, &gone, &error)
            && function (self, client, data, &error);

  *ret_gone = gone;
  if (client == NULL && error == NULL && !gone)
    running_backup_set_unreachable (self, &error);
  running_backup_disconnect (self, client);
  if (error != NULL)
    vckc_propagate_error (err, g_steal_pointer (&error));
  return ok;
}

/* Passes QEMU one file; *ret_set is what it calls it. */
static bool
running_backup_pass_file (VckcRunningBackup *self,
                          VckcQmpClient *client,
                          guint disk,
                          guint64 *ret_set,
                          VckcError **err)
{
  VckcLocalBackup *local = &self->local;
  g_autoptr (VckcQmpReply) reply =
      vckc_qmp_client_add_fd (client, g_array_index (local->fds, int, disk), err);
  g_autofree char *name = NULL;

  if (reply == NULL)
    return false;
  if (vckc_qmp_reply_get_refusal (reply) != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "QEMU does not take the open backup file '%s': %s",
                      local->jobs.disks[disk].file, vckc_qmp_reply_get_refusal (reply));
      return false;
    }
  if (!vckc_qmp_value_get_uint (vckc_qmp_reply_get_value (reply), "fdset-id", ret_set, err))
    return false;
  name = g_strdup_printf ("/dev/fdset/%" G_GUINT64_FORMAT, *ret_set);
  vckc_local_backup_get_disk (local, disk)->name = g_string_chunk_insert (local->strings, name);
  return true;
}

/* A node has a descriptor of its own. While any program is connected to QEMU, that would keep the
 * one that was passed, and with it the room that the file takes after it was removed. */
static bool
running_backup_drop_files (VckcQmpClient *client, const GArray *sets, VckcError **err)
{
  for (guint i = 0; i < sets->len; i++)
    {
      VckcQmpArgs *args = vckc_qmp_args_new ();
      g_autoptr (VckcQmpReply) reply = NULL;

      vckc_qmp_args_add_uint (args, "fdset-id", g_array_index (sets, guint64, i));
      reply = vckc_qmp_client_execute (client, "remove-fd", args, err);
      if (reply == NULL)
        return false;
      if (vckc_qmp_reply_get_refusal (reply) != NULL)
        g_info ("QEMU keeps a backup file open: %s", vckc_qmp_reply_get_refusal (reply));
    }
  return true;
}

bool
vckc_running_backup_open_files (VckcRunningBackup *self, VckcQmpClient *client, VckcError **err)
{
  g_autoptr (GArray) sets = g_array_new (FALSE, FALSE, sizeof (guint64));
  bool opened = true;

  for (guint i = 0; opened && i < self->local.fds->len; i++)
    {
      guint64 set;

      opened = running_backup_pass_file (self, client, i, &set, err);
      if (opened)
        g_array_append_val (sets, set);
    }
  opened = opened && vckc_qmp_backup_open_targets (client, &self->local.jobs, err);
  return running_backup_drop_files (client, sets, opened ? err : NULL) && opened;
}

/* Reserves room for what QEMU writes of a disk. */
static bool
running_backup_reserve_file (VckcRunningBackup *self,
                             guint disk,
                             guint64 bytes,
                             bool *ret_reserved,
                             VckcError **err)
{
  const VckcQmpBackupDisk *of = &self->local.jobs.disks[disk];

  if (vckc_reserved_file_extend (g_array_index (self->local.fds, int, disk), of->file, bytes,
                                 ret_reserved, err))
    return true;
  if (self->scratches != NULL && self->scratches[disk] != NULL)
    vckc_prefix_error (err, "beside '%s', where the backup of disk '%s' is written first", of->path,
                       of->target);
  return false;
}

bool
vckc_running_backup_reserve (VckcRunningBackup *self,
                             VckcQmpClient *client,
                             bool started,
                             bool *ret_all,
                             VckcError **err)
{
  const VckcQmpBackup *jobs = &self->local.jobs;
  g_autofree guint64 *bytes = g_new0 (guint64, jobs->n_disks);

  *ret_all = true;
  if (!vckc_qmp_backup_measure (client, jobs, started, bytes, err))
    return false;
  for (guint i = 0; i < jobs->n_disks; i++)
    {
      guint64 need = vckc_qmp_backup_get_file_size (&jobs->disks[i], self->capacities[i], bytes[i]);
      bool reserved = true;

      if (need > self->reserved[i] && !running_backup_reserve_file (self, i, need, &reserved, err))
        return false;
      if (reserved)
        self->reserved[i] = MAX (need, self->reserved[i]);
      *ret_all = *ret_all && reserved;
    }
  return true;
}

/* Is all there is to copy marked in a bitmap, which is not changed any more? */
static bool
running_backup_is_exact (const VckcRunningBackup *self, guint disk)
{
  const VckcQmpBackup *jobs = &self->local.jobs;

  return jobs->disks[disk].base != NULL && jobs->exports == NULL;
}

bool
vckc_running_backup_extend (VckcRunningBackup *self, VckcError **err)
{
  for (guint i = 0; !self->protected && i < self->local.fds->len; i++)
    {
      int fd = g_array_index (self->local.fds, int, i);
      guint64 wanted;
      struct stat info;
      bool unused;

      if (!vckc_local_backup_check_is_open (&self->local, i, err))
        return false;
      if (running_backup_is_exact (self, i) || self->reserved[i] == 0 || fstat (fd, &info) < 0
          || !S_ISREG (info.st_mode) || (guint64) info.st_size + MARGIN / 2 <= self->reserved[i])
        continue;
      wanted = MIN ((guint64) info.st_size + MARGIN,
                    vckc_qmp_backup_get_file_size (&self->local.jobs.disks[i], self->capacities[i],
                                                   self->capacities[i]));
      if (wanted <= self->reserved[i])
        continue;
      if (!running_backup_reserve_file (self, i, wanted, &unused, err))
        return false;
      self->reserved[i] = wanted;
    }
  return true;
}

static bool
running_backup_flush_files (VckcRunningBackup *self,
                            VckcQmpClient *client,
                            gpointer data,
                            VckcError **err)
{
  return vckc_qmp_backup_flush_targets (client, &self->local.jobs, data, err);
}

bool
vckc_running_backup_flush_files (VckcRunningBackup *self,
                                 bool *ret_gone,
                                 bool *ret_refused,
                                 VckcError **err)
{
  *ret_refused = false;
  return vckc_running_backup_call (self, running_backup_flush_files, ret_refused, ret_gone, err);
}

bool
vckc_running_backup_init (VckcRunningBackup *self,
                          VckcLocalSession *session,
                          const VckcBlockBackupPlan *plan,
                          bool fresh,
                          VckcError **err)
{
  self->local.backup.outlives = true;
  vckc_machine_process_init (&self->process, session->machine);
  self->backend = (VckcLocalBackend *) session->session.backend;
  self->socket = g_strdup (session->paused);
  self->capacities = g_new0 (guint64, plan->n_disks);
  self->reserved = g_new0 (guint64, plan->n_disks);
  self->pause = VCKC_RUNNING_BACKUP_FIRST_PAUSE;
  for (guint i = 0; i < plan->n_disks; i++)
    if (plan->disks[i].disk != VCKC_BLOCK_BACKUP_NO_DISK)
      self->capacities[i] = session->capacities[plan->disks[i].disk];
  vckc_local_backup_note_version (&self->local, vckc_local_session_get_qmp (session));
  return vckc_local_backup_init (&self->local, session, plan, fresh, err);
}

void
vckc_running_backup_find_reserved (VckcRunningBackup *self)
{
  self->local.session = NULL;
  for (guint i = 0; i < self->local.fds->len; i++)
    {
      struct stat info;

      if (fstat (g_array_index (self->local.fds, int, i), &info) == 0)
        self->reserved[i] = (guint64) info.st_blocks * 512;
    }
}

void
vckc_running_backup_note_temp (VckcRunningBackup *self,
                               guint disk,
                               VckcBlockBackupProgress *progress)
{
  struct stat info;

  progress->has_temp = fstat (g_array_index (self->local.fds, int, disk), &info) == 0;
  progress->temp_used = progress->has_temp ? (guint64) info.st_size : 0;
  progress->temp_total = self->capacities[disk];
}
