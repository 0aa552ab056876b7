/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/backends/block-backend.h"

bool
vckc_block_error_is_of_disk (const VckcError *error)
{
  return vckc_error_is_of_disk (error)
         || vckc_error_get_code (error) == VCKC_ERROR_CONFIG_UNSUPPORTED;
}

bool
vckc_block_list_backing_bitmaps (VckcBlockBackend *backend,
                                 const VckcBlockDisk *disk,
                                 GPtrArray **ret_bitmaps,
                                 char **ret_problem,
                                 VckcError **err)
{
  g_autoptr (GPtrArray) bitmaps = vckc_backing_bitmaps_new ();
  g_autoptr (VckcError) error = NULL;

  *ret_problem = NULL;
  if (backend->klass->list_backing_bitmaps != NULL
      && !backend->klass->list_backing_bitmaps (backend, disk, bitmaps, &error))
    {
      if (vckc_error_is_exhaustion (error))
        {
          vckc_propagate_error (err, g_steal_pointer (&error));
          return false;
        }
      *ret_problem = g_strdup (vckc_error_get_message (error));
    }
  *ret_bitmaps = g_steal_pointer (&bitmaps);
  return true;
}

VckcBlockImage
vckc_block_image_at (VckcBlockBackend *backend, const char *path)
{
  VckcBlockImage image = { 0 };

  if (path == NULL || backend->klass->identify == NULL
      || !backend->klass->identify (backend, path, &image))
    return (VckcBlockImage){ 0 };
  return image;
}

bool
vckc_block_check_disk (VckcBlockBackend *backend,
                       const char *qmp_socket,
                       const VckcBlockDisk *disk,
                       VckcError **ret_problem,
                       VckcError **err)
{
  g_autoptr (VckcError) error = NULL;

  *ret_problem = NULL;
  if (backend->klass->check_disk (backend, qmp_socket, disk, &error))
    return true;
  if (vckc_error_is_exhaustion (error))
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  *ret_problem = g_steal_pointer (&error);
  return true;
}

bool
vckc_block_session_list_bitmaps (VckcBlockSession *session,
                                 guint disk,
                                 GPtrArray **ret_bitmaps,
                                 VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_list_bitmaps (session, disk, ret_bitmaps, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_session_find_bitmap (VckcBlockSession *session,
                                const VckcBlockBitmapRef *bitmap,
                                VckcBlockBitmap **ret_bitmap,
                                VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_find_bitmap (session, bitmap, ret_bitmap, &error);

  return vckc_pass_result (ok, error, err);
}

VckcExtentReader *
vckc_block_session_open_extents (VckcBlockSession *session,
                                 const VckcBlockBitmapRef *bitmap,
                                 bool with_zero,
                                 VckcError **err)
{
  VckcError *error = NULL;
  VckcExtentReader *reader =
      session->backend->klass->session_open_extents (session, bitmap, with_zero, &error);

  vckc_pass_result (reader != NULL, error, err);
  return reader;
}

bool
vckc_block_session_get_capacity (VckcBlockSession *session,
                                 guint disk,
                                 guint64 *ret_capacity,
                                 VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_get_capacity (session, disk, ret_capacity, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_session_add_bitmaps (VckcBlockSession *session,
                                const VckcBlockBitmapRef *bitmaps,
                                guint n_bitmaps,
                                VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_add_bitmaps (session, bitmaps, n_bitmaps, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_session_remove_bitmaps (VckcBlockSession *session,
                                   const VckcBlockBitmapRef *bitmaps,
                                   guint n_bitmaps,
                                   VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_remove_bitmaps (session, bitmaps, n_bitmaps, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_session_close (VckcBlockSession *session, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = session->backend->klass->session_close (session, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_get_state (VckcBlockBackend *backend,
                      const VckcBlockMachine *machine,
                      VckcDomainState *ret_state,
                      VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->machine_get_state (backend, machine, ret_state, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->freeze (backend, machine, &error);

  return vckc_pass_result (ok, error, err);
}

bool
vckc_block_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  VckcError *error = NULL;
  bool ok = backend->klass->thaw (backend, machine, &error);

  return vckc_pass_result (ok, error, err);
}

VckcBlockSession *
vckc_block_session_open (VckcBlockBackend *backend,
                         const VckcBlockMachine *machine,
                         const VckcBlockDisk *disks,
                         guint n_disks,
                         VckcBlockSessionMode mode,
                         VckcError **err)
{
  VckcError *error = NULL;
  VckcBlockSession *session =
      backend->klass->session_open (backend, machine, disks, n_disks, mode, &error);

  vckc_pass_result (session != NULL, error, err);
  return session;
}

bool
vckc_block_session_mode_changes (VckcBlockSessionMode mode)
{
  return mode == VCKC_BLOCK_SESSION_PLAN || mode == VCKC_BLOCK_SESSION_PLAN_DIRECT
         || vckc_block_session_mode_writes (mode);
}

bool
vckc_block_session_mode_writes (VckcBlockSessionMode mode)
{
  return mode == VCKC_BLOCK_SESSION_WRITE || mode == VCKC_BLOCK_SESSION_DIRECT
         || mode == VCKC_BLOCK_SESSION_MEND;
}

bool
vckc_block_session_can_find (const VckcBlockSession *session)
{
  return session->can_find;
}

VckcBlockLoss
vckc_block_session_get_loss (VckcBlockSession *session, guint disk)
{
  const VckcBlockBackendClass *klass = session->backend->klass;

  return klass->session_get_loss != NULL ? klass->session_get_loss (session, disk)
                                         : VCKC_BLOCK_LOSS_NONE;
}

bool
vckc_block_has_states (const VckcBlockBackend *backend)
{
  return backend->klass->machine_get_state != NULL;
}

void
vckc_block_follow (VckcBlockBackend *backend,
                   const VckcBlockMachine *machine,
                   int stop_fd,
                   VckcBlockStateFunc changed,
                   gpointer opaque)
{
  backend->klass->machine_follow (backend, machine, stop_fd, changed, opaque);
}

bool
vckc_block_can_freeze (const VckcBlockBackend *backend)
{
  return backend->klass->freeze != NULL;
}

bool
vckc_block_needs_agent_socket (const VckcBlockBackend *backend)
{
  return backend->klass->needs_agent_socket;
}

void
vckc_block_backend_free (VckcBlockBackend *backend)
{
  backend->klass->free (backend);
}
