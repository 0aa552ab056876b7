/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/offline-images.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "drivers/local/images/offline-bitmaps.h"
#include "drivers/local/store/local-store.h"
#include "qemu/image-lock.h"
#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-bitmaps.h"
#include "qemu/qcow2-header.h"
#include "qemu/raw-image.h"

/* Opens an image that need not be held; -1 on failure. */
static int
offline_images_open_one (const VckcQmpDisk *disk, VckcError **err)
{
  int fd = open (disk->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    vckc_set_error_errno (err, errno, "cannot open the image '%s'", disk->path);
  return fd;
}

static bool
offline_images_examine_raw (VckcLocalSession *self, guint disk, VckcError **err)
{
  VckcQmpDisk *info = &self->disks[disk];
  int fd = offline_images_open_one (info, err);
  bool ok;

  if (fd < 0)
    return false;
  ok = vckc_raw_image_examine (fd, info->path, &self->capacities[disk], &info->block_device, err);
  close (fd);
  return ok;
}

/* An image that is only copied need not be one that can have bitmaps. */
static bool
offline_images_read_header (VckcLocalSession *self, guint disk, bool write, VckcError **err)
{
  VckcQmpDisk *info = &self->disks[disk];
  VckcQcow2Header header;

  if (!vckc_qcow2_header_read (info->path, &header, err)
      || (write && !info->is_copied && !vckc_qcow2_header_check_bitmaps (&header, info->path, err)))
    return false;
  info->block_device = header.block_device;
  info->dirty = header.dirty;
  self->capacities[disk] = header.virtual_size;
  self->cluster_sizes[disk] = header.cluster_size;
  return true;
}

/* Reads what the headers say. Not for a running QEMU, which knows better: it may have keys of
 * the images, and the right to read them. */
static bool
offline_images_read_headers (VckcLocalSession *self, bool write, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    if (self->disks[i].raw ? !offline_images_examine_raw (self, i, err)
                           : !offline_images_read_header (self, i, write, err))
      {
        vckc_prefix_error (err, "cannot work on disk '%s'", self->disks[i].target);
        vckc_error_set_of_disk (err);
        return false;
      }
  return true;
}

/* Locks the images, so that the daemon, if there is one, need not. */
static bool
offline_images_lock (VckcLocalSession *self, bool shared, VckcError **err)
{
  for (guint i = 0; i < self->n_disks; i++)
    {
      VckcQmpDisk *disk = &self->disks[i];
      VckcImageLock *lock = shared ? vckc_image_lock_new_shared (disk->path, disk->target, err)
                                   : vckc_image_lock_new (disk->path, disk->target, err);

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

/* Are the images left alone, so that they need not be held? */
static bool
is_unheld (VckcBlockSessionMode mode)
{
  return mode == VCKC_BLOCK_SESSION_READ || mode == VCKC_BLOCK_SESSION_PLAN
         || mode == VCKC_BLOCK_SESSION_PLAN_DIRECT;
}

/* Are bitmaps listed without QEMU where that can be done? */
static bool
is_direct (VckcBlockSessionMode mode)
{
  return mode == VCKC_BLOCK_SESSION_DIRECT || mode == VCKC_BLOCK_SESSION_PLAN_DIRECT;
}

/* Starts a daemon that inherits all locks. */
static bool
offline_images_start_daemon (VckcLocalSession *self, const char *domain, VckcError **err)
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
offline_images_repair_dirty (VckcLocalSession *self, VckcError **err)
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
offline_images_open_nodes (VckcLocalSession *self,
                           const char *domain,
                           VckcBlockSessionMode mode,
                           VckcError **err)
{
  bool opened;

  g_clear_pointer (&self->daemon, vckc_storage_daemon_free);
  if (!offline_images_start_daemon (self, domain, err))
    return false;
  opened = (is_unheld (mode) || offline_images_repair_dirty (self, err))
           && vckc_qmp_block_open (vckc_storage_daemon_get_qmp (self->daemon), self->disks,
                                   self->n_disks, true, err);
  return vckc_local_session_check_peer (self, opened, err);
}

/* The bitmaps of an image, read without QEMU; NULL if they cannot be read. */
static VckcQcow2Bitmaps *
offline_images_read_bitmaps (const VckcQmpDisk *disk, VckcError **err)
{
  int fd = offline_images_open_one (disk, err);
  VckcQcow2Bitmaps *bitmaps;

  if (fd < 0)
    return NULL;
  bitmaps = vckc_qcow2_bitmaps_read (fd, disk->path, err);
  close (fd);
  return bitmaps;
}

static bool
offline_images_is_damaged (const VckcQmpDisk *disk)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQcow2Bitmaps) bitmaps =
      disk->raw ? NULL : offline_images_read_bitmaps (disk, &error);

  return bitmaps == NULL && error != NULL
         && vckc_error_get_code (error) == VCKC_ERROR_OPERATION_FAILED;
}

/* Does without the bitmaps of an image whose list is damaged. */
static bool
offline_images_give_up_bitmaps (VckcLocalSession *self,
                                guint disk,
                                VckcBlockSessionMode mode,
                                VckcError **err)
{
  VckcQmpDisk *info = &self->disks[disk];

  if (mode == VCKC_BLOCK_SESSION_MEND)
    return vckc_qcow2_bitmaps_give_up (
        vckc_image_lock_get_fd (g_ptr_array_index (self->locks, disk)), info->path, err);
  if (vckc_block_session_mode_changes (mode))
    vckc_set_error (
        err, VCKC_ERROR_OPERATION_FAILED,
        "the list of bitmaps in the image '%s' of disk '%s' is damaged, and QEMU does not "
        "open the image because of that; repair the checkpoints, which gives the "
        "bitmaps up",
        info->path, info->target);
  info->hidden = mode == VCKC_BLOCK_SESSION_READ;
  return info->hidden;
}

/* After QEMU has refused an image, with `error`: true if that was for damaged lists of bitmaps,
 * without which opening can be tried again. */
static bool
offline_images_handle_refusal (VckcLocalSession *self,
                               VckcBlockSessionMode mode,
                               VckcError *error /* (transfer full) */,
                               VckcError **err)
{
  bool any = false;

  for (guint i = 0; vckc_block_error_is_of_disk (error) && i < self->n_disks; i++)
    if (offline_images_is_damaged (&self->disks[i]))
      {
        any = true;
        if (offline_images_give_up_bitmaps (self, i, mode, err))
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

/* The bitmaps of an image, which is held or not; NULL if they cannot be listed. */
static GPtrArray *
offline_images_list_one (VckcLocalSession *self, guint disk)
{
  const VckcQmpDisk *info = &self->disks[disk];
  const bool is_held = disk < self->locks->len;
  const int fd = is_held ? vckc_image_lock_get_fd (g_ptr_array_index (self->locks, disk))
                         : offline_images_open_one (info, NULL);
  GPtrArray *bitmaps = fd >= 0 ? vckc_offline_bitmaps_list (fd, info->path, NULL) : NULL;

  if (fd >= 0 && !is_held)
    close (fd);
  return bitmaps;
}

/* Lists the bitmaps of all images without QEMU. False if that takes QEMU, which repairs an image
 * that was not closed well, and says what is wrong with one that cannot be read. */
static bool
offline_images_list_directly (VckcLocalSession *self)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < self->n_disks; i++)
    {
      GPtrArray *bitmaps = NULL;

      if (self->disks[i].raw)
        bitmaps = g_ptr_array_new ();
      else if (!self->disks[i].dirty)
        bitmaps = offline_images_list_one (self, i);
      if (bitmaps == NULL)
        return false;
      g_ptr_array_add (all, bitmaps);
    }
  self->bitmaps = g_steal_pointer (&all);
  return true;
}

bool
vckc_offline_images_open (VckcLocalSession *self,
                          const char *domain,
                          VckcBlockSessionMode mode,
                          VckcError **err)
{
  const bool write = vckc_block_session_mode_writes (mode);
  const bool change = vckc_block_session_mode_changes (mode);
  VckcError *error = NULL;

  if (!offline_images_read_headers (self, change, err)
      || (!is_unheld (mode) && !offline_images_lock (self, !write, err)))
    return false;
  if (mode == VCKC_BLOCK_SESSION_EXTENTS
      || (is_direct (mode) && offline_images_list_directly (self)))
    return true;
  for (guint i = 0; i < self->n_disks; i++)
    self->disks[i].node = g_strdup_printf ("vck%u", i);
  return offline_images_open_nodes (self, domain, mode, &error)
         || (offline_images_handle_refusal (self, mode, error, err)
             && offline_images_open_nodes (self, domain, mode, err));
}

VckcBlockLoss
vckc_offline_images_get_loss (VckcLocalSession *self, guint disk)
{
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;

  if (self->disks[disk].hidden)
    return VCKC_BLOCK_LOSS_DAMAGED;
  bitmaps = offline_images_read_bitmaps (&self->disks[disk], NULL);
  return bitmaps != NULL && bitmaps->is_void ? VCKC_BLOCK_LOSS_VOID : VCKC_BLOCK_LOSS_NONE;
}

/* The names of those bitmaps that are on this disk. */
static GPtrArray *
offline_images_pick_names (const VckcBlockBitmapRef *bitmaps, guint n_bitmaps, guint disk)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < n_bitmaps; i++)
    if (bitmaps[i].disk == disk)
      g_ptr_array_add (names, (gpointer) bitmaps[i].name);
  return names;
}

/* Adds or removes bitmaps on one disk that is not in use. */
static bool
offline_images_change_one (VckcLocalSession *self,
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

/* Updates the list of a disk after a change, which the daemon has not seen. */
static void
offline_images_update_list (VckcLocalSession *self, guint disk, GPtrArray *names, bool add)
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

bool
vckc_offline_images_change (VckcLocalSession *self,
                            const VckcBlockBitmapRef *bitmaps,
                            guint n_bitmaps,
                            bool add,
                            VckcError **err)
{
  guint n_done = 0;

  if (n_bitmaps == 0)
    return true;
  if (vckc_local_session_list_bitmaps (self, 0, err) == NULL
      || !vckc_qmp_block_check (self->disks, self->bitmaps, bitmaps, n_bitmaps, add, err))
    return false;
  for (; n_done < self->n_disks; n_done++)
    {
      g_autoptr (GPtrArray) names = offline_images_pick_names (bitmaps, n_bitmaps, n_done);

      if (!offline_images_change_one (self, n_done, names, add, err))
        break;
      offline_images_update_list (self, n_done, names, add);
    }
  for (guint i = 0; add && n_done < self->n_disks && i < n_done; i++)
    {
      g_autoptr (GPtrArray) names = offline_images_pick_names (bitmaps, n_bitmaps, i);

      if (offline_images_change_one (self, i, names, false, NULL))
        offline_images_update_list (self, i, names, false);
    }
  return n_done == self->n_disks;
}
