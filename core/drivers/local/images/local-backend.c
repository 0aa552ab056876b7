/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/local-backend.h"

#include "base/log.h"
#include "drivers/local/images/backup-file.h"
#include "drivers/local/images/disk-check.h"
#include "drivers/local/images/local-backup.h"
#include "drivers/local/images/local-freeze.h"
#include "drivers/local/images/local-session.h"
#include "drivers/local/images/offline-extents.h"
#include "drivers/local/images/offline-images.h"
#include "drivers/local/machine/guest-agent.h"
#include "drivers/local/machine/machine-disks.h"
#include "drivers/local/machine/machine-extents.h"
#include "drivers/local/machine/machine-qmp.h"
#include "drivers/local/machine/thaw-guard.h"
#include "managed/backends/export-socket.h"
#include "managed/backends/image-stat.h"
#include "managed/backends/made-file.h"
#include "qemu/image-lock.h"
#include "qemu/qcow2-backing.h"

/* How often opening a session is tried while QEMU starts and stops. */
#define N_ATTEMPTS 3

static bool
local_backend_check_disk (VckcBlockBackend *backend,
                          const char *qmp_socket,
                          const VckcBlockDisk *disk,
                          VckcError **err)
{
  return vckc_disk_check (qmp_socket, disk, err);
}

static bool
local_backend_identify (VckcBlockBackend *backend, const char *path, VckcBlockImage *ret_image)
{
  return vckc_image_stat (path, ret_image);
}

/* A change gets a time limit of its own: it cannot be given up half-way. */
static void
local_backend_begin_change (VckcLocalSession *self)
{
  vckc_qmp_client_begin_change (self->machine,
                                ((VckcLocalBackend *) self->session.backend)->machine_timeout);
}

static bool
local_backend_find_nodes (VckcLocalSession *self, bool write, VckcError **err)
{
  bool found = vckc_machine_check_images (self->machine, err)
               && (!write || vckc_machine_check_no_migration (self->machine, err))
               && vckc_machine_disks_find (self->machine, self->disks, self->capacities,
                                           self->n_disks, write, &self->bitmaps, err);

  return vckc_local_session_check_peer (self, found, err);
}

/* Opens the session with QEMU if it runs, else without. *ret_again: QEMU may have stopped or
 * started just now, so that it is worth trying again. */
static bool
local_backend_try_open (VckcLocalSession *self,
                        const VckcBlockMachine *machine,
                        const VckcMachineOptions *options,
                        VckcBlockSessionMode mode,
                        bool *ret_again,
                        VckcError **err)
{
  VckcError *error = NULL;
  bool opened;

  if (machine->qmp_socket != NULL
      && !vckc_machine_connect (machine->qmp_socket, options, &self->machine, &error))
    {
      *ret_again = vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR;
      vckc_propagate_error (err, error);
      return false;
    }
  opened = self->machine != NULL
               ? local_backend_find_nodes (self, vckc_block_session_mode_changes (mode), &error)
               : vckc_offline_images_open (self, machine->uuid, mode, &error);
  if (opened)
    return true;
  *ret_again = self->machine != NULL
                   ? vckc_error_get_code (error) == VCKC_ERROR_SYSTEM_ERROR
                   : machine->qmp_socket != NULL && vckc_error_get_code (error) == VCKC_ERROR_BUSY;
  vckc_propagate_error (err, error);
  return false;
}

static VckcBlockSession *
local_backend_session_open (VckcBlockBackend *backend,
                            const VckcBlockMachine *machine,
                            const VckcBlockDisk *disks,
                            guint n_disks,
                            VckcBlockSessionMode mode,
                            VckcError **err)
{
  g_autoptr (VckcLocalSession) self = g_new0 (VckcLocalSession, 1);
  VckcMachineOptions options;
  g_autoptr (VckcError) error = NULL;
  bool again = true;

  self->session.backend = backend;
  self->cancel = vckc_cancel_fd_open ();
  self->locks = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_image_lock_free);
  if (!vckc_local_session_set_disks (self, disks, n_disks, err))
    return NULL;
  if (machine->qmp_socket != NULL)
    {
      self->paused = g_strdup (machine->qmp_socket);
      vckc_state_monitor_pause (((VckcLocalBackend *) backend)->monitor, self->paused);
    }
  options = vckc_machine_options (machine->since, ((VckcLocalBackend *) backend)->machine_timeout,
                                  vckc_cancel_fd_get (self->cancel));
  for (guint i = 0; again && i < N_ATTEMPTS; i++)
    {
      again = false;
      g_clear_pointer (&error, vckc_error_free);
      if (local_backend_try_open (self, machine, &options, mode, &again, &error))
        {
          vckc_log_debug (VCKC_ABOUT (.domain = machine->uuid),
                          "domain %s: session on %u images, QEMU is %s", machine->uuid, n_disks,
                          self->machine != NULL ? "running" : "off");
          /* It may last long, and has no connection to QEMU. */
          if (mode == VCKC_BLOCK_SESSION_EXTENTS && self->machine == NULL)
            vckc_local_session_resume_monitor (self);
          self->session.can_find = mode == VCKC_BLOCK_SESSION_EXTENTS && self->machine == NULL;
          return &g_steal_pointer (&self)->session;
        }
      again = again && g_get_monotonic_time () < options.deadline;
      vckc_local_session_disconnect (self);
    }
  vckc_propagate_error (err, g_steal_pointer (&error));
  return NULL;
}

static bool
local_backend_session_list_bitmaps (VckcBlockSession *session,
                                    guint disk,
                                    GPtrArray **ret_bitmaps,
                                    VckcError **err)
{
  GPtrArray *bitmaps = vckc_local_session_list_bitmaps ((VckcLocalSession *) session, disk, err);

  if (bitmaps != NULL)
    *ret_bitmaps = g_ptr_array_ref (bitmaps);
  return bitmaps != NULL;
}

/* The bitmap as it was found; borrowed. */
static const VckcBlockBitmap *
local_backend_find_bitmap (VckcLocalSession *self,
                           const VckcBlockBitmapRef *bitmap,
                           VckcError **err)
{
  GPtrArray *bitmaps = vckc_local_session_list_bitmaps (self, bitmap->disk, err);

  for (guint i = 0; bitmaps != NULL && i < bitmaps->len; i++)
    {
      const VckcBlockBitmap *found = g_ptr_array_index (bitmaps, i);

      if (g_str_equal (found->name, bitmap->name))
        return found;
    }
  if (bitmaps != NULL)
    vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                    "the image '%s' of disk '%s' has no bitmap '%s'",
                    self->disks[bitmap->disk].path, self->disks[bitmap->disk].target, bitmap->name);
  return NULL;
}

static bool
local_backend_session_find_bitmap (VckcBlockSession *session,
                                   const VckcBlockBitmapRef *bitmap,
                                   VckcBlockBitmap **ret_bitmap,
                                   VckcError **err)
{
  return vckc_offline_extents_find ((VckcLocalSession *) session, bitmap, ret_bitmap, err);
}

/* A program may take its time with a reader: all of it is read now, and QEMU let go. */
static VckcExtentReader *
local_backend_session_open_extents (VckcBlockSession *session,
                                    const VckcBlockBitmapRef *bitmap,
                                    bool with_zero,
                                    VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;
  VckcMachineExtents source = {
    .disk = &self->disks[bitmap->disk],
    .capacity = self->capacities[bitmap->disk],
    .with_zero = with_zero,
    .timeout = ((VckcLocalBackend *) session->backend)->machine_timeout,
  };
  VckcExtentReader *reader = NULL;

  if (self->machine == NULL)
    return vckc_offline_extents_open (self, bitmap, with_zero, err);
  source.bitmap = local_backend_find_bitmap (self, bitmap, err);
  if (source.bitmap != NULL)
    reader = vckc_machine_extents_read (self->machine, &source, err);
  if (vckc_local_session_check_peer (self, reader != NULL, err))
    vckc_local_session_release (self);
  return reader;
}

static VckcBlockLoss
local_backend_session_get_loss (VckcBlockSession *session, guint disk)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  return self->machine != NULL ? VCKC_BLOCK_LOSS_NONE : vckc_offline_images_get_loss (self, disk);
}

static bool
local_backend_session_get_capacity (VckcBlockSession *session,
                                    guint disk,
                                    guint64 *ret_capacity,
                                    VckcError **err)
{
  *ret_capacity = ((VckcLocalSession *) session)->capacities[disk];
  return true;
}

static bool
local_backend_session_add_bitmaps (VckcBlockSession *session,
                                   const VckcBlockBitmapRef *bitmaps,
                                   guint n_bitmaps,
                                   VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  if (self->machine == NULL)
    return vckc_offline_images_change (self, bitmaps, n_bitmaps, true, err);
  local_backend_begin_change (self);
  g_clear_pointer (&self->bitmaps, g_ptr_array_unref);
  /* A QEMU that has given its images away meanwhile would not store the bitmaps. */
  return vckc_local_session_check_peer (
      self,
      vckc_qmp_block_add (self->machine, self->disks, self->n_disks, bitmaps, n_bitmaps, err)
          && vckc_machine_check_images (self->machine, err),
      err);
}

static bool
local_backend_session_remove_bitmaps (VckcBlockSession *session,
                                      const VckcBlockBitmapRef *bitmaps,
                                      guint n_bitmaps,
                                      VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  if (self->machine == NULL)
    return vckc_offline_images_change (self, bitmaps, n_bitmaps, false, err);
  local_backend_begin_change (self);
  g_clear_pointer (&self->bitmaps, g_ptr_array_unref);
  return vckc_local_session_check_peer (
      self,
      vckc_qmp_block_remove (self->machine, self->disks, self->n_disks, bitmaps, n_bitmaps, err),
      err);
}

static bool
local_backend_make_backup_file (VckcBlockBackend *backend,
                                const VckcBlockBackupFile *file,
                                int *ret_fd,
                                VckcBlockImage *ret_made_as,
                                VckcError **err)
{
  *ret_fd = vckc_backup_file_make (file, ret_made_as, err);
  return *ret_fd >= 0;
}

static bool
local_backend_name_backup_file (VckcBlockBackend *backend,
                                const VckcBlockBackupFile *file,
                                int fd,
                                VckcError **err)
{
  return vckc_backup_file_name (file, fd, err);
}

static bool
local_backend_open_backup_file (VckcBlockBackend *backend,
                                const char *path,
                                const VckcBlockImage *made_as,
                                int *ret_fd,
                                VckcError **err)
{
  *ret_fd = vckc_backup_file_open (path, made_as, err);
  return *ret_fd >= 0;
}

static bool
local_backend_remove_backup_file (VckcBlockBackend *backend,
                                  const char *path,
                                  const VckcBlockImage *made_as,
                                  VckcError **err)
{
  return vckc_made_file_remove (path, made_as, err);
}

static bool
local_backend_make_backup_socket (VckcBlockBackend *backend,
                                  const char *path,
                                  int *ret_fd,
                                  VckcError **err)
{
  *ret_fd = vckc_export_socket_make (path, err);
  return *ret_fd >= 0;
}

/* Without QEMU nothing writes to the images while they are held. */
static bool
local_backend_session_needs_scratch (VckcBlockSession *session)
{
  return ((VckcLocalSession *) session)->machine != NULL;
}

static bool
local_backend_session_drop_backup (VckcBlockSession *session, const char *id, VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  if (self->machine == NULL)
    return true;
  local_backend_begin_change (self);
  return vckc_local_session_check_peer (self, vckc_qmp_backup_drop_earlier (self->machine, id, err),
                                        err);
}

static VckcBlockBackup *
local_backend_session_open_backup (VckcBlockSession *session,
                                   const VckcBlockBackupPlan *plan,
                                   VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  if (plan->server != NULL)
    return self->machine != NULL ? vckc_running_pull_open (self, plan, err)
                                 : vckc_offline_pull_open (self, plan, err);
  return self->machine != NULL ? vckc_running_push_open (self, plan, err)
                               : vckc_offline_backup_open (self, plan, err);
}

/* A backup of a domain that is off goes with its program. */
static bool
local_backend_session_attach_backup (VckcBlockSession *session,
                                     const VckcBlockBackupPlan *plan,
                                     VckcBlockBackup **ret_backup,
                                     VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  *ret_backup = NULL;
  if (self->machine == NULL)
    return true;
  return plan->n_disks > 0 && plan->disks[0].export_name != NULL
             ? vckc_running_pull_attach (self, plan, ret_backup, err)
             : vckc_running_push_attach (self, plan, ret_backup, err);
}

static bool
local_backend_list_backing_bitmaps (VckcBlockBackend *backend,
                                    const VckcBlockDisk *disk,
                                    GPtrArray *bitmaps,
                                    VckcError **err)
{
  return vckc_qcow2_backing_list_bitmaps (disk->path, bitmaps, err);
}

/* All is stored or known already, so it does not matter how the daemon ends. */
static bool
local_backend_session_close (VckcBlockSession *session, VckcError **err)
{
  vckc_local_session_free ((VckcLocalSession *) session);
  return true;
}

static bool
local_backend_machine_get_state (VckcBlockBackend *backend,
                                 const VckcBlockMachine *machine,
                                 VckcDomainState *ret_state,
                                 VckcError **err)
{
  VckcLocalBackend *self = (VckcLocalBackend *) backend;
  g_autoptr (VckcCancelFd) cancel = vckc_cancel_fd_open ();
  const VckcMachineOptions options =
      vckc_machine_options (machine->since, self->machine_timeout, vckc_cancel_fd_get (cancel));
  bool known;

  vckc_state_monitor_pause (self->monitor, machine->qmp_socket);
  known = vckc_machine_get_state (machine->qmp_socket, &options, ret_state, err);
  vckc_state_monitor_resume (self->monitor, machine->qmp_socket);
  return known;
}

static void
local_backend_machine_follow (VckcBlockBackend *backend,
                              const VckcBlockMachine *machine,
                              int stop_fd,
                              VckcBlockStateFunc callback,
                              gpointer opaque)
{
  vckc_state_monitor_run (((VckcLocalBackend *) backend)->monitor, machine->qmp_socket, stop_fd,
                          callback, opaque);
}

static void
local_backend_free (VckcBlockBackend *backend)
{
  VckcLocalBackend *self = (VckcLocalBackend *) backend;

  vckc_state_monitor_free (self->monitor);
  g_hash_table_unref (self->guards);
  vckc_mutex_clear (&self->mutex);
  g_free (backend);
}

static const VckcBlockBackendClass local_backend_class = {
  .check_disk = local_backend_check_disk,
  .identify = local_backend_identify,
  .session_open = local_backend_session_open,
  .session_list_bitmaps = local_backend_session_list_bitmaps,
  .session_find_bitmap = local_backend_session_find_bitmap,
  .session_open_extents = local_backend_session_open_extents,
  .session_get_loss = local_backend_session_get_loss,
  .session_get_capacity = local_backend_session_get_capacity,
  .session_add_bitmaps = local_backend_session_add_bitmaps,
  .session_remove_bitmaps = local_backend_session_remove_bitmaps,
  .make_backup_file = local_backend_make_backup_file,
  .name_backup_file = local_backend_name_backup_file,
  .open_backup_file = local_backend_open_backup_file,
  .remove_backup_file = local_backend_remove_backup_file,
  .make_backup_socket = local_backend_make_backup_socket,
  .session_needs_scratch = local_backend_session_needs_scratch,
  .session_drop_backup = local_backend_session_drop_backup,
  .session_open_backup = local_backend_session_open_backup,
  .session_attach_backup = local_backend_session_attach_backup,
  .session_close = local_backend_session_close,
  .list_backing_bitmaps = local_backend_list_backing_bitmaps,
  .freeze = vckc_local_freeze,
  .thaw = vckc_local_thaw,
  .needs_agent_socket = true,
  .machine_get_state = local_backend_machine_get_state,
  .machine_follow = local_backend_machine_follow,
  .free = local_backend_free,
};

VckcBlockBackend *
vckc_local_backend_new (VckcStore *store)
{
  VckcLocalBackend *self = g_new0 (VckcLocalBackend, 1);

  self->backend.klass = &local_backend_class;
  self->store = store;
  self->monitor = vckc_state_monitor_new ();
  self->guards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) vckc_thaw_guard_release);
  vckc_mutex_init (&self->mutex);
  self->machine_timeout = VCKC_MACHINE_TIMEOUT;
  self->agent_timeout = VCKC_AGENT_TIMEOUT;
  return &self->backend;
}

void
vckc_local_backend_set_timeouts (VckcBlockBackend *backend, guint machine, guint agent)
{
  VckcLocalBackend *self = (VckcLocalBackend *) backend;

  self->machine_timeout = machine;
  self->agent_timeout = agent;
}
