/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/local-backend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "drivers/local/images/image-lock.h"
#include "drivers/local/images/image-stat.h"
#include "drivers/local/images/storage-daemon.h"
#include "drivers/local/machine/machine-disks.h"
#include "drivers/local/machine/machine-qmp.h"
#include "drivers/local/machine/state-monitor.h"
#include "drivers/local/machine/unix-socket.h"
#include "drivers/local/store/local-store.h"
#include "qemu/qcow2-backing.h"
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-header.h"
#include "qemu/qmp-block.h"

/* How often a session is tried to be opened while the machine starts and stops. */
#define N_ATTEMPTS 3

typedef struct
{
  VckcBlockBackend backend;
  VckcStore *store;          /* (nullable), borrowed, immutable */
  VckcStateMonitor *monitor; /* owned, immutable */
  guint machine_timeout;     /* milliseconds */
  guint agent_timeout;
} VckcLocalBackend;

typedef struct
{
  VckcBlockSession session;
  char *paused;              /* (nullable), owned: the QMP socket that is ours as long */
  VckcCancelFd *cancel;      /* (nullable), owned: of the call that the session is for */
  VckcQmpClient *machine;    /* owned; NULL if the machine is off */
  VckcStorageDaemon *daemon; /* owned; NULL if it runs */
  VckcQmpDisk *disks;        /* owned; node names too, the rest is borrowed */
  guint64 *capacities;       /* owned: of each disk, in bytes */
  guint64 *cluster_sizes;    /* owned: of each image, in bytes */
  guint n_disks;
  GPtrArray *locks;   /* owned: of each disk, if it is written */
  GPtrArray *bitmaps; /* (nullable), owned: of each disk, if they are known */
} VckcLocalSession;

/* Lets go of whoever does the work. */
static void
local_session_hang_up (VckcLocalSession *self)
{
  g_clear_pointer (&self->machine, vckc_qmp_client_free);
  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  g_ptr_array_set_size (self->locks, 0);
  for (guint i = 0; i < self->n_disks; i++)
    g_clear_pointer ((char **) &self->disks[i].node, g_free);
}

static void
local_session_free (VckcLocalSession *self)
{
  if (self == NULL)
    return;
  local_session_hang_up (self);
  if (self->paused != NULL)
    vckc_state_monitor_resume (((VckcLocalBackend *) self->session.backend)->monitor, self->paused);
  g_free (self->paused);
  vckc_cancel_fd_close (self->cancel);
  g_ptr_array_unref (self->locks);
  g_clear_pointer (&self->bitmaps, g_ptr_array_unref);
  g_free (self->disks);
  g_free (self->capacities);
  g_free (self->cluster_sizes);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcLocalSession, local_session_free)

/* Is this something that the definition of the disk allows to work on at all? */
static bool
local_backend_check_definition (const VckcBlockDisk *disk, VckcError **err)
{
  if (disk->path == NULL)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the disk is empty, or is neither a file nor a block device of this host");
  else if (!g_path_is_absolute (disk->path))
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "the path of the image, '%s', does not start with '/'", disk->path);
  else if (!g_utf8_validate (disk->path, -1, NULL))
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED, "the path of the image is not UTF-8");
  else if (g_strcmp0 (disk->format, "qcow2") != 0)
    vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                    "bitmaps can only be kept in the format 'qcow2', and the disk is '%s'",
                    disk->format != NULL ? disk->format : "raw");
  else
    return true;
  return false;
}

/* Is there a machine that runs? It is not talked to. */
static bool
local_backend_is_running (const char *qmp_socket)
{
  bool full;
  int fd;

  if (qmp_socket == NULL
      || !vckc_unix_socket_connect (qmp_socket, g_get_monotonic_time (), -1, &fd, &full, NULL))
    return false;
  if (fd >= 0)
    close (fd);
  return fd >= 0 || full;
}

/* A running QEMU may have the key of an image, the right to read it, or a file that does not begin
 * with the image. */
/* Can bitmaps be kept in the image? A machine that runs has the key of an encrypted one. */
static bool
local_backend_check_image (const VckcQcow2Header *header,
                           const char *path,
                           const char *qmp_socket,
                           VckcError **err)
{
  return ((header->encrypted && local_backend_is_running (qmp_socket))
          || vckc_qcow2_header_check_bitmaps (header, path, err))
         && vckc_qcow2_bitmap_check_disk (header->virtual_size, header->cluster_size, path, err);
}

static bool
local_backend_check_disk (VckcBlockBackend *backend,
                          const char *qmp_socket,
                          const VckcBlockDisk *disk,
                          char **ret_reason,
                          VckcError **err)
{
  g_autoptr (VckcError) reason = NULL;
  VckcQcow2Header header;

  *ret_reason = NULL;
  if (!local_backend_check_definition (disk, &reason))
    *ret_reason = g_strdup (vckc_error_get_message (reason));
  else if (vckc_qcow2_header_read (disk->path, &header, &reason)
               ? !local_backend_check_image (&header, disk->path, qmp_socket, &reason)
               : vckc_error_is_exhaustion (reason) || !local_backend_is_running (qmp_socket))
    *ret_reason = g_strdup (vckc_error_get_message (reason));
  if (*ret_reason != NULL && vckc_error_is_exhaustion (reason))
    {
      g_clear_pointer (ret_reason, g_free);
      vckc_propagate_error (err, g_steal_pointer (&reason));
      return false;
    }
  return true;
}

static bool
local_backend_identify (VckcBlockBackend *backend, const char *path, VckcBlockImage *ret_image)
{
  return vckc_image_stat (path, ret_image);
}

/* Takes the disks of a session, as far as their definitions tell. */
static bool
local_session_prepare (VckcLocalSession *self,
                       const VckcBlockDisk *disks,
                       guint n_disks,
                       VckcError **err)
{
  self->disks = g_new0 (VckcQmpDisk, n_disks);
  self->capacities = g_new0 (guint64, n_disks);
  self->cluster_sizes = g_new0 (guint64, n_disks);
  for (guint i = 0; i < n_disks; i++)
    {
      VckcQmpDisk *disk = &self->disks[self->n_disks++];

      disk->target = disks[i].target;
      disk->path = disks[i].path;
      if (!local_backend_check_definition (&disks[i], err))
        {
          vckc_prefix_error (err, "cannot work on disk '%s'", disk->target);
          return false;
        }
    }
  return true;
}

/* What the images of a machine that is off tell. One that runs knows better: it may have their keys,
 * and the rights to read them. */
static bool
local_session_read_headers (VckcLocalSession *self, bool write, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    {
      VckcQmpDisk *disk = &self->disks[i];
      VckcQcow2Header header;

      if (!vckc_qcow2_header_read (disk->path, &header, err)
          || (write && !vckc_qcow2_header_check_bitmaps (&header, disk->path, err)))
        {
          vckc_prefix_error (err, "cannot work on disk '%s'", disk->target);
          vckc_error_set_of_disk (err);
          return false;
        }
      disk->block_device = header.block_device;
      disk->dirty = header.dirty;
      self->capacities[i] = header.virtual_size;
      self->cluster_sizes[i] = header.cluster_size;
    }
  return true;
}

static VckcQmpClient *
local_session_get_qmp (VckcLocalSession *self)
{
  return self->machine != NULL ? self->machine : vckc_storage_daemon_get_qmp (self->daemon);
}

/* For what cannot be given up half-way. */
static void
local_session_begin_change (VckcLocalSession *self)
{
  vckc_qmp_client_begin_change (self->machine,
                                ((VckcLocalBackend *) self->session.backend)->machine_timeout);
}

/* Passes on the result of a QMP call; if the peer is lost, says what became of it. */
static bool
local_session_check (VckcLocalSession *self, bool ok, VckcError **err)
{
  if (ok || !vckc_qmp_client_is_broken (local_session_get_qmp (self)))
    return ok;
  if (self->daemon != NULL)
    vckc_storage_daemon_explain (self->daemon, err);
  else if (err == NULL || vckc_error_get_code (*err) != VCKC_ERROR_CANCELLED)
    vckc_prefix_error (err, "the connection to the running machine was lost");
  return false;
}

/* Holds the images, so that the daemon need not. */
static bool
local_session_hold (VckcLocalSession *self, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    {
      VckcQmpDisk *disk = &self->disks[i];
      VckcImageLock *lock = vckc_image_lock_new (disk->path, disk->target, err);

      if (lock == NULL)
        {
          vckc_error_set_of_disk (err);
          return false;
        }
      disk->locked = vckc_image_lock_is_held (lock);
      g_ptr_array_add (self->locks, lock);
    }
  return true;
}

/* Starts a daemon that inherits all locks. */
static bool
local_session_start (VckcLocalSession *self, const char *domain, VckcError **err)
{
  VckcStore *store = ((VckcLocalBackend *) self->session.backend)->store;
  int lock_fd = store != NULL ? vckc_local_store_get_lock_fd (store, domain) : -1;
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));

  if (lock_fd >= 0)
    g_array_append_val (fds, lock_fd);
  for (guint i = 0; i < self->locks->len; i++)
    {
      int fd = vckc_image_lock_get_fd (g_ptr_array_index (self->locks, i));

      g_array_append_val (fds, fd);
    }
  self->daemon = vckc_storage_daemon_start (NULL, (const int *) (void *) fds->data, fds->len, err);
  return self->daemon != NULL;
}

/* QEMU repairs images that were not closed well when it opens them for writing. */
static bool
local_session_repair_dirty (VckcLocalSession *self, VckcError **err)
{
  VckcQmpClient *qmp = vckc_storage_daemon_get_qmp (self->daemon);

  for (guint i = 0; i < self->n_disks; i++)
    if (self->disks[i].dirty
        && (!vckc_qmp_block_open (qmp, &self->disks[i], 1, false, err)
            || !vckc_qmp_block_close (qmp, &self->disks[i], err)))
      return false;
  return true;
}

/* Has QEMU open the images. */
static bool
local_session_open_nodes (VckcLocalSession *self,
                          const char *domain,
                          VckcBlockSessionMode mode,
                          VckcError **err)
{
  bool opened;

  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  if (!local_session_start (self, domain, err))
    return false;
  opened = (mode == VCKC_BLOCK_SESSION_READ || local_session_repair_dirty (self, err))
           && vckc_qmp_block_open (vckc_storage_daemon_get_qmp (self->daemon), self->disks,
                                   self->n_disks, true, err);
  return local_session_check (self, opened, err);
}

/* The bitmaps of an image as we read them; NULL if they cannot be read. */
static VckcQcow2Bitmaps *
local_session_read_bitmaps (const VckcQmpDisk *disk, VckcError **err)
{
  int fd = open (disk->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  VckcQcow2Bitmaps *bitmaps;

  if (fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s'", disk->path);
      return NULL;
    }
  bitmaps = vckc_qcow2_bitmaps_read (fd, disk->path, err);
  close (fd);
  return bitmaps;
}

static bool
local_session_is_damaged (const VckcQmpDisk *disk)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQcow2Bitmaps) bitmaps = local_session_read_bitmaps (disk, &error);

  return bitmaps == NULL && vckc_error_get_code (error) == VCKC_ERROR_OPERATION_FAILED;
}

/* Does without the bitmaps of an image whose list is damaged. */
static bool
local_session_give_up_bitmaps (VckcLocalSession *self,
                               guint disk,
                               VckcBlockSessionMode mode,
                               VckcError **err)
{
  VckcQmpDisk *info = &self->disks[disk];

  if (mode == VCKC_BLOCK_SESSION_MEND)
    return vckc_qcow2_bitmaps_give_up (
        vckc_image_lock_get_fd (g_ptr_array_index (self->locks, disk)), info->path, err);
  if (mode == VCKC_BLOCK_SESSION_WRITE)
    vckc_set_error (
        err, VCKC_ERROR_OPERATION_FAILED,
        "the list of bitmaps in the image '%s' of disk '%s' is damaged, and QEMU does not "
        "open the image because of that: repair the checkpoints, which gives the "
        "bitmaps up",
        info->path, info->target);
  info->hidden = mode == VCKC_BLOCK_SESSION_READ;
  return info->hidden;
}

/* When QEMU has refused an image, which `error` is about: is it for its list of bitmaps, so that it can
 * be tried again without? */
static bool
local_session_settle_refusal (VckcLocalSession *self,
                              VckcBlockSessionMode mode,
                              VckcError *error /* (transfer full) */,
                              VckcError **err)
{
  bool any = false;

  for (guint i = 0; vckc_block_error_is_of_disk (error) && i < self->n_disks; i++)
    if (local_session_is_damaged (&self->disks[i]))
      {
        any = true;
        if (local_session_give_up_bitmaps (self, i, mode, err))
          continue;
        vckc_error_free (error);
        return false;
      }
  if (any)
    vckc_error_free (error);
  else
    vckc_propagate_error (err, error);
  return any;
}

/* Works on the images without the machine. The daemon tells what QEMU sees in them; what it would
 * do to them is not done by it (see qcow2-bitmap-change.h). */
static bool
local_session_open_images (VckcLocalSession *self,
                           const char *domain,
                           VckcBlockSessionMode mode,
                           VckcError **err)
{
  bool write = mode != VCKC_BLOCK_SESSION_READ;
  VckcError *error = NULL;

  if (!local_session_read_headers (self, write, err) || (write && !local_session_hold (self, err)))
    return false;
  for (guint i = 0; i < self->n_disks; i++)
    self->disks[i].node = g_strdup_printf ("vck%u", i);
  return local_session_open_nodes (self, domain, mode, &error)
         || (local_session_settle_refusal (self, mode, error, err)
             && local_session_open_nodes (self, domain, mode, err));
}

static bool
local_session_find_nodes (VckcLocalSession *self, bool write, VckcError **err)
{
  bool found = vckc_machine_check_images (self->machine, err)
               && (!write || vckc_machine_check_no_migration (self->machine, err))
               && vckc_machine_disks_find (self->machine, self->disks, self->capacities,
                                           self->n_disks, write, &self->bitmaps, err);

  return local_session_check (self, found, err);
}

/* Opens the session with the machine if it runs, else without. *ret_again: it may have stopped
 * or started just now, so that it is worth trying again. */
static bool
local_session_try_open (VckcLocalSession *self,
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
               ? local_session_find_nodes (self, mode != VCKC_BLOCK_SESSION_READ, &error)
               : local_session_open_images (self, machine->uuid, mode, &error);
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
  if (!local_session_prepare (self, disks, n_disks, err))
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
      if (local_session_try_open (self, machine, &options, mode, &again, &error))
        {
          g_debug ("domain %s: session on %u images of a machine that is %s", machine->uuid,
                   n_disks, self->machine != NULL ? "running" : "off");
          return &g_steal_pointer (&self)->session;
        }
      again = again && g_get_monotonic_time () < options.deadline;
      local_session_hang_up (self);
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
  VckcLocalSession *self = (VckcLocalSession *) session;

  if (self->bitmaps == NULL)
    self->bitmaps =
        vckc_qmp_block_list (local_session_get_qmp (self), self->disks, self->n_disks, err);
  if (!local_session_check (self, self->bitmaps != NULL, err))
    return false;
  *ret_bitmaps = g_ptr_array_ref (g_ptr_array_index (self->bitmaps, disk));
  return true;
}

static VckcBlockLoss
local_backend_session_get_loss (VckcBlockSession *session, guint disk)
{
  VckcLocalSession *self = (VckcLocalSession *) session;
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;

  if (self->machine != NULL)
    return VCKC_BLOCK_LOSS_NONE;
  if (self->disks[disk].hidden)
    return VCKC_BLOCK_LOSS_DAMAGED;
  bitmaps = local_session_read_bitmaps (&self->disks[disk], NULL);
  return bitmaps != NULL && bitmaps->is_void ? VCKC_BLOCK_LOSS_VOID : VCKC_BLOCK_LOSS_NONE;
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

/* The names of those bitmaps that are on this disk. */
static GPtrArray *
local_session_pick (const VckcBlockBitmapRef *bitmaps, guint n_bitmaps, guint disk)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < n_bitmaps; i++)
    if (bitmaps[i].disk == disk)
      g_ptr_array_add (names, (gpointer) bitmaps[i].name);
  return names;
}

/* Adds or removes bitmaps on one disk that is not in use. */
static bool
local_session_change_image (VckcLocalSession *self,
                            guint disk,
                            const GPtrArray *names,
                            bool add,
                            VckcError **err)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  const VckcQmpDisk *info = &self->disks[disk];
  int fd = vckc_image_lock_get_fd (g_ptr_array_index (self->locks, disk));

  if (names->len == 0)
    return true;
  if (vckc_qcow2_bitmaps_change (fd, info->path, add ? names : none, add ? none : names, err))
    return true;
  vckc_prefix_error (err, "cannot change the bitmaps of disk '%s'", info->target);
  return false;
}

/* What the session lists of a disk after a change, which the daemon has not seen. */
static void
local_session_note_change (VckcLocalSession *self, guint disk, GPtrArray *names, bool add)
{
  GPtrArray *known = g_ptr_array_index (self->bitmaps, disk);
  GPtrArray *now = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_block_bitmap_free);
  guint64 granularity = vckc_qcow2_bitmap_granularity (self->cluster_sizes[disk]);

  for (guint i = 0; i < known->len; i++)
    {
      const VckcBlockBitmap *bitmap = g_ptr_array_index (known, i);

      if (!g_ptr_array_find_with_equal_func (names, bitmap->name, g_str_equal, NULL))
        g_ptr_array_add (now, vckc_block_bitmap_copy (bitmap));
    }
  for (guint i = 0; add && i < names->len; i++)
    g_ptr_array_add (now, vckc_block_bitmap_new (g_ptr_array_index (names, i), granularity));
  g_ptr_array_unref (known);
  g_ptr_array_index (self->bitmaps, disk) = now;
}

/* Adds or removes bitmaps of a machine that is off, one disk after the other. What was added before a
 * failure is removed again. */
static bool
local_session_change_images (VckcLocalSession *self,
                             const VckcBlockBitmapRef *bitmaps,
                             guint n_bitmaps,
                             bool add,
                             VckcError **err)
{
  g_autoptr (GPtrArray) list = NULL;
  guint n_done = 0;

  if (n_bitmaps == 0)
    return true;
  if (!local_backend_session_list_bitmaps (&self->session, 0, &list, err)
      || !vckc_qmp_block_check (self->disks, self->bitmaps, bitmaps, n_bitmaps, add, err))
    return false;
  for (; n_done < self->n_disks; n_done++)
    {
      g_autoptr (GPtrArray) names = local_session_pick (bitmaps, n_bitmaps, n_done);

      if (!local_session_change_image (self, n_done, names, add, err))
        break;
      local_session_note_change (self, n_done, names, add);
    }
  for (guint i = 0; add && n_done < self->n_disks && i < n_done; i++)
    {
      g_autoptr (GPtrArray) names = local_session_pick (bitmaps, n_bitmaps, i);

      if (local_session_change_image (self, i, names, false, NULL))
        local_session_note_change (self, i, names, false);
    }
  return n_done == self->n_disks;
}

static bool
local_backend_session_add_bitmaps (VckcBlockSession *session,
                                   const VckcBlockBitmapRef *bitmaps,
                                   guint n_bitmaps,
                                   VckcError **err)
{
  VckcLocalSession *self = (VckcLocalSession *) session;

  if (self->machine == NULL)
    return local_session_change_images (self, bitmaps, n_bitmaps, true, err);
  local_session_begin_change (self);
  g_clear_pointer (&self->bitmaps, g_ptr_array_unref);
  /* A machine that has given its images away meanwhile would not store them. */
  return local_session_check (
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
    return local_session_change_images (self, bitmaps, n_bitmaps, false, err);
  local_session_begin_change (self);
  g_clear_pointer (&self->bitmaps, g_ptr_array_unref);
  return local_session_check (
      self,
      vckc_qmp_block_remove (self->machine, self->disks, self->n_disks, bitmaps, n_bitmaps, err),
      err);
}

static bool
local_backend_list_backing_bitmaps (VckcBlockBackend *backend,
                                    const VckcBlockDisk *disk,
                                    GHashTable *files,
                                    VckcError **err)
{
  return vckc_qcow2_backing_list_bitmaps (disk->path, files, err);
}

/* All is stored or known already, so it does not matter how the daemon ends, nor what it says. */

static bool
local_backend_session_close (VckcBlockSession *session, VckcError **err)
{
  local_session_free ((VckcLocalSession *) session);
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

static bool
local_backend_freeze (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  g_autoptr (VckcCancelFd) cancel = vckc_cancel_fd_open ();

  return vckc_guest_agent_freeze (machine->agent_socket, machine->since,
                                  ((VckcLocalBackend *) backend)->agent_timeout,
                                  vckc_cancel_fd_get (cancel), err);
}

static bool
local_backend_thaw (VckcBlockBackend *backend, const VckcBlockMachine *machine, VckcError **err)
{
  return vckc_guest_agent_thaw (machine->agent_socket,
                                ((VckcLocalBackend *) backend)->agent_timeout, err);
}

static void
local_backend_free (VckcBlockBackend *backend)
{
  vckc_state_monitor_free (((VckcLocalBackend *) backend)->monitor);
  g_free (backend);
}

static const VckcBlockBackendClass local_backend_class = {
  .check_disk = local_backend_check_disk,
  .identify = local_backend_identify,
  .session_open = local_backend_session_open,
  .session_list_bitmaps = local_backend_session_list_bitmaps,
  .session_get_loss = local_backend_session_get_loss,
  .session_get_capacity = local_backend_session_get_capacity,
  .session_add_bitmaps = local_backend_session_add_bitmaps,
  .session_remove_bitmaps = local_backend_session_remove_bitmaps,
  .session_close = local_backend_session_close,
  .list_backing_bitmaps = local_backend_list_backing_bitmaps,
  .freeze = local_backend_freeze,
  .thaw = local_backend_thaw,
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
