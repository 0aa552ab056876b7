/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/memory/memory-backend.h"

#include "drivers/memory/memory-extents.h"
#include "drivers/memory/memory-pull.h"

typedef struct
{
  VckcBlockBackend backend;
  VckcMemoryFault fault;
  VckcMemoryImages *images; /* owned */
  VckcMutex mutex;          /* covers what follows */
  guint n_freezes;
  guint n_frozen;
  VckcMemoryBackups *backups; /* owned, immutable */
} MemoryBackend;

typedef struct
{
  VckcBlockSession session;
  const VckcBlockDisk *disks; /* borrowed from the caller */
} MemorySession;

static bool
memory_check_disk (VckcBlockBackend *backend,
                   const char *qmp_socket,
                   const VckcBlockDisk *disk,
                   VckcError **err)
{
  if (disk->path == NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED, "it is not a file");
  else if (!g_str_equal (disk->format, "qcow2"))
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "its format is '%s', and only 'qcow2' can keep bitmaps", disk->format);
  else
    return true;
  return false;
}

/* An image is what its path names, for good. */
static bool
memory_identify (VckcBlockBackend *backend, const char *path, VckcBlockImage *ret_image)
{
  *ret_image = (VckcBlockImage){ .device = 1, .number = 1 + g_str_hash (path), .lasting = true };
  return true;
}

static VckcBlockSession *
memory_session_open (VckcBlockBackend *backend,
                     const VckcBlockMachine *machine,
                     const VckcBlockDisk *disks,
                     guint n_disks,
                     VckcBlockSessionMode mode,
                     VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  MemorySession *session;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return NULL;

  session = g_new0 (MemorySession, 1);
  session->session.backend = backend;
  session->session.can_find = true;
  session->disks = disks;
  return &session->session;
}

static bool
memory_session_get_capacity (VckcBlockSession *session,
                             guint disk,
                             guint64 *ret_capacity,
                             VckcError **err)
{
  *ret_capacity = VCKC_MEMORY_CAPACITY;
  return true;
}

static bool
memory_session_list_bitmaps (VckcBlockSession *session,
                             guint disk,
                             GPtrArray **ret_bitmaps,
                             VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disks = ((MemorySession *) session)->disks;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;
  *ret_bitmaps = vckc_memory_images_list_bitmaps (self->images, disks[disk].path);
  return true;
}

static bool
memory_session_find_bitmap (VckcBlockSession *session,
                            const VckcBlockBitmapRef *ref,
                            VckcBlockBitmap **ret_bitmap,
                            VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disks = ((MemorySession *) session)->disks;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;
  *ret_bitmap = vckc_memory_images_find_bitmap (self->images, disks[ref->disk].path, ref->name);
  return true;
}

static VckcExtentReader *
memory_session_open_extents (VckcBlockSession *session,
                             const VckcBlockBitmapRef *ref,
                             bool with_zero,
                             VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;
  const VckcBlockDisk *disk = &((MemorySession *) session)->disks[ref->disk];
  GArray *granules;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return NULL;

  granules = vckc_memory_images_copy_granules (self->images, disk->path, ref->name);
  if (granules != NULL)
    return vckc_memory_extents_new (&self->fault, granules, VCKC_MEMORY_GRANULARITY,
                                    VCKC_MEMORY_CAPACITY, with_zero);
  vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "disk '%s' has no bitmap '%s'",
                  disk->target, ref->name);
  return NULL;
}

static bool
memory_session_add_bitmaps (VckcBlockSession *session,
                            const VckcBlockBitmapRef *bitmaps,
                            guint n_bitmaps,
                            VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;

  return vckc_memory_fault_pass (&self->fault, G_STRFUNC, err)
         && vckc_memory_images_take_point (self->images, ((MemorySession *) session)->disks,
                                           bitmaps, n_bitmaps, NULL, 0, err);
}

static bool
memory_session_remove_bitmaps (VckcBlockSession *session,
                               const VckcBlockBitmapRef *bitmaps,
                               guint n_bitmaps,
                               VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;

  return vckc_memory_fault_pass (&self->fault, G_STRFUNC, err)
         && vckc_memory_images_remove_bitmaps (self->images, ((MemorySession *) session)->disks,
                                               bitmaps, n_bitmaps, err);
}

static bool
memory_session_close (VckcBlockSession *session, VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;

  g_free (session);
  return vckc_memory_fault_pass (&self->fault, G_STRFUNC, err);
}

static bool
memory_make_backup_file (VckcBlockBackend *backend,
                         const VckcBlockBackupFile *file,
                         int *ret_fd,
                         VckcBlockImage *ret_made_as,
                         VckcError **err)
{
  *ret_fd = -1;
  memory_identify (backend, file->path, ret_made_as);
  return vckc_memory_backups_make_file (((MemoryBackend *) backend)->backups, file, err);
}

/* It has it already. */
static bool
memory_name_backup_file (VckcBlockBackend *backend,
                         const VckcBlockBackupFile *file,
                         int fd,
                         VckcError **err)
{
  return true;
}

static bool
memory_open_backup_file (VckcBlockBackend *backend,
                         const char *path,
                         const VckcBlockImage *made_as,
                         int *ret_fd,
                         VckcError **err)
{
  *ret_fd = -1;
  return vckc_memory_backups_open_file (((MemoryBackend *) backend)->backups, path, err);
}

static bool
memory_remove_backup_file (VckcBlockBackend *backend,
                           const char *path,
                           const VckcBlockImage *made_as,
                           VckcError **err)
{
  return vckc_memory_backups_remove_file (((MemoryBackend *) backend)->backups, path, err);
}

static bool
memory_make_backup_socket (VckcBlockBackend *backend,
                           const char *path,
                           int *ret_fd,
                           VckcError **err)
{
  return vckc_memory_backups_make_socket (((MemoryBackend *) backend)->backups, path, ret_fd, err);
}

/* What is offered is a copy. */
static bool
memory_session_needs_scratch (VckcBlockSession *session)
{
  return false;
}

static VckcBlockBackup *
memory_session_open_backup (VckcBlockSession *session,
                            const VckcBlockBackupPlan *plan,
                            VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) session->backend;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return NULL;
  return plan->server != NULL ? vckc_memory_pull_open (
             &self->fault, self->images, session, ((MemorySession *) session)->disks, plan, err)
                              : vckc_memory_backup_open (self->backups, session, plan, err);
}

/* No backup goes on without its process. */
static bool
memory_session_attach_backup (VckcBlockSession *session,
                              const VckcBlockBackupPlan *plan,
                              VckcBlockBackup **ret_backup,
                              VckcError **err)
{
  *ret_backup = NULL;
  return true;
}

static bool
memory_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  if (!vckc_memory_fault_pass (&self->fault, G_STRFUNC, err))
    return false;

  vckc_mutex_lock (&self->mutex);
  self->n_freezes++;
  self->n_frozen++;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static bool
memory_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  vckc_mutex_lock (&self->mutex);
  self->n_frozen--;
  vckc_mutex_unlock (&self->mutex);
  return true;
}

static void
memory_free (VckcBlockBackend *backend)
{
  MemoryBackend *self = (MemoryBackend *) backend;

  vckc_memory_backups_free (self->backups);
  vckc_memory_images_free (self->images);
  vckc_mutex_clear (&self->mutex);
  vckc_memory_fault_clear (&self->fault);
  g_free (self);
}

static const VckcBlockBackendClass memory_backend_class = {
  .check_disk = memory_check_disk,
  .identify = memory_identify,
  .session_open = memory_session_open,
  .session_list_bitmaps = memory_session_list_bitmaps,
  .session_find_bitmap = memory_session_find_bitmap,
  .session_open_extents = memory_session_open_extents,
  .session_get_capacity = memory_session_get_capacity,
  .session_add_bitmaps = memory_session_add_bitmaps,
  .session_remove_bitmaps = memory_session_remove_bitmaps,
  .make_backup_file = memory_make_backup_file,
  .name_backup_file = memory_name_backup_file,
  .open_backup_file = memory_open_backup_file,
  .remove_backup_file = memory_remove_backup_file,
  .make_backup_socket = memory_make_backup_socket,
  .session_needs_scratch = memory_session_needs_scratch,
  .session_open_backup = memory_session_open_backup,
  .session_attach_backup = memory_session_attach_backup,
  .session_close = memory_session_close,
  .freeze = memory_freeze,
  .thaw = memory_thaw,
  .free = memory_free,
};

VckcBlockBackend *
vckc_memory_backend_new (void)
{
  MemoryBackend *self = g_new0 (MemoryBackend, 1);

  self->backend.klass = &memory_backend_class;
  vckc_memory_fault_init (&self->fault);
  self->backups = vckc_memory_backups_new (&self->fault);
  vckc_mutex_init (&self->mutex);
  self->images = vckc_memory_images_new ();
  return &self->backend;
}

VckcMemoryBackups *
vckc_memory_backend_get_backups (VckcBlockBackend *backend)
{
  return ((MemoryBackend *) backend)->backups;
}

VckcMemoryFault *
vckc_memory_backend_get_fault (VckcBlockBackend *backend)
{
  return &((MemoryBackend *) backend)->fault;
}

VckcMemoryImages *
vckc_memory_backend_get_images (VckcBlockBackend *backend)
{
  return ((MemoryBackend *) backend)->images;
}

guint
vckc_memory_backend_count_freezes (VckcBlockBackend *backend)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  guint count;

  vckc_mutex_lock (&self->mutex);
  count = self->n_freezes;
  vckc_mutex_unlock (&self->mutex);
  return count;
}

guint
vckc_memory_backend_count_frozen (VckcBlockBackend *backend)
{
  MemoryBackend *self = (MemoryBackend *) backend;
  guint count;

  vckc_mutex_lock (&self->mutex);
  count = self->n_frozen;
  vckc_mutex_unlock (&self->mutex);
  return count;
}
