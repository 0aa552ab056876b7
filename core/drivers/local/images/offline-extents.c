/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/images/offline-extents.h"

#include <errno.h>
#include <sys/stat.h>

#include "qemu/image-lock.h"
#include "qemu/qcow2-bitmap-content.h"
#include "qemu/qcow2-bitmap-describe.h"
#include "qemu/qcow2-map.h"

typedef struct
{
  VckcExtentReader reader;
  const VckcQmpDisk *disk;         /* of the session */
  int fd;                          /* of the session */
  char *name;                      /* of the bitmap */
  struct stat start;               /* the image when reading began */
  VckcQcow2BitmapContent *content; /* owned */
  VckcQcow2Map *map;               /* (nullable), owned */
  GArray *dirty;                   /* owned: of a chunk, if there is a map */
} OfflineExtents;

/* The directory of bitmaps of the image, and in it that bitmap; NULL if it is not there. */
static bool
offline_extents_read_directory (int fd,
                                const char *path,
                                const char *name,
                                VckcQcow2Bitmaps **ret_bitmaps,
                                const VckcQcow2Bitmap **ret_bitmap,
                                VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcQcow2Bitmaps) bitmaps = vckc_qcow2_bitmaps_read (fd, path, &error);

  *ret_bitmap = NULL;
  if (bitmaps == NULL && vckc_error_get_code (error) == VCKC_ERROR_OPERATION_FAILED)
    vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT, "%s", vckc_error_get_message (error));
  else if (bitmaps == NULL)
    vckc_propagate_error (err, g_steal_pointer (&error));
  if (bitmaps == NULL)
    return false;
  for (guint i = 0; i < bitmaps->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (bitmaps->bitmaps, i);

      if (g_str_equal (bitmap->name, name))
        *ret_bitmap = bitmap;
    }
  *ret_bitmaps = g_steal_pointer (&bitmaps);
  return true;
}

static int
offline_extents_get_fd (VckcLocalSession *self, guint disk)
{
  return vckc_image_lock_get_fd (g_ptr_array_index (self->locks, disk));
}

bool
vckc_offline_extents_find (VckcLocalSession *self,
                           const VckcBlockBitmapRef *ref,
                           VckcBlockBitmap **ret_bitmap,
                           VckcError **err)
{
  const char *path = self->disks[ref->disk].path;
  int fd = offline_extents_get_fd (self, ref->disk);
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;
  g_autoptr (VckcQcow2BitmapContent) content = NULL;
  const VckcQcow2Bitmap *found;
  guint64 dirty = 0;

  if (!offline_extents_read_directory (fd, path, ref->name, &bitmaps, &found, err))
    return false;
  if (found != NULL && !found->in_use)
    {
      content = vckc_qcow2_bitmap_content_new (fd, path, bitmaps, found, err);
      if (content == NULL || !vckc_qcow2_bitmap_content_count (content, &dirty, err))
        return false;
    }
  if (found != NULL)
    {
      *ret_bitmap = vckc_qcow2_bitmap_describe (found);
      (*ret_bitmap)->dirty = dirty;
      (*ret_bitmap)->is_counted = !found->in_use;
    }
  return true;
}

/* Has the image still the bitmap that was read, unused meanwhile? */
static bool
offline_extents_check_end (OfflineExtents *self, VckcError **err)
{
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;
  const VckcQcow2Bitmap *bitmap;
  struct stat now;

  if (fstat (self->fd, &now) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", self->disk->path);
      return false;
    }
  if (!offline_extents_read_directory (self->fd, self->disk->path, self->name, &bitmaps, &bitmap,
                                       err))
    return false;
  if (bitmap != NULL && !bitmap->in_use && now.st_size == self->start.st_size
      && now.st_mtim.tv_sec == self->start.st_mtim.tv_sec
      && now.st_mtim.tv_nsec == self->start.st_mtim.tv_nsec)
    return true;
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "the image '%s' of disk '%s' was opened or changed by another program while its "
                  "changed blocks were read; try again",
                  self->disk->path, self->disk->target);
  return false;
}

/* Adds the dirty extents with what the map says of them. */
static bool
offline_extents_add (OfflineExtents *self, GArray *extents, VckcError **err)
{
  for (guint i = 0; i < self->dirty->len; i++)
    {
      const VckcExtent *extent = &g_array_index (self->dirty, VckcExtent, i);

      if (!vckc_qcow2_map_add (self->map, extent->offset, extent->length, extent->flags, extents,
                               err))
        return false;
    }
  return true;
}

static bool
offline_extents_next (VckcExtentReader *reader, GArray *extents, bool *ret_end, VckcError **err)
{
  OfflineExtents *self = (OfflineExtents *) reader;
  bool end = false;

  g_array_set_size (self->dirty, 0);
  if (!vckc_qcow2_bitmap_content_next (self->content, self->map != NULL ? self->dirty : extents,
                                       &end, err)
      || (self->map != NULL && !offline_extents_add (self, extents, err))
      || (end && !offline_extents_check_end (self, err)))
    return false;
  *ret_end = end;
  return true;
}

static void
offline_extents_free (VckcExtentReader *reader)
{
  OfflineExtents *self = (OfflineExtents *) reader;

  vckc_qcow2_bitmap_content_free (self->content);
  vckc_qcow2_map_free (self->map);
  g_array_unref (self->dirty);
  g_free (self->name);
  g_free (self);
}

static const VckcExtentReaderClass offline_extents_class = {
  .next = offline_extents_next,
  .free = offline_extents_free,
};

/* Looks at the image; an error if the bitmap cannot be used after all. */
static bool
offline_extents_start (OfflineExtents *self, bool with_zero, VckcError **err)
{
  const char *path = self->disk->path;
  g_autoptr (VckcQcow2Bitmaps) bitmaps = NULL;
  const VckcQcow2Bitmap *bitmap;

  if (fstat (self->fd, &self->start) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", path);
      return false;
    }
  if (!offline_extents_read_directory (self->fd, path, self->name, &bitmaps, &bitmap, err))
    return false;
  if (bitmap == NULL || bitmap->in_use)
    {
      vckc_set_error (err, VCKC_ERROR_CHECKPOINT_INCONSISTENT,
                      "the bitmap '%s' in the image '%s' cannot be used any more; make a full "
                      "backup",
                      self->name, path);
      return false;
    }
  self->content = vckc_qcow2_bitmap_content_new (self->fd, path, bitmaps, bitmap, err);
  if (self->content != NULL && with_zero)
    self->map = vckc_qcow2_map_new (self->fd, path, bitmaps->header);
  return self->content != NULL;
}

VckcExtentReader *
vckc_offline_extents_open (VckcLocalSession *session,
                           const VckcBlockBitmapRef *ref,
                           bool with_zero,
                           VckcError **err)
{
  OfflineExtents *self = g_new0 (OfflineExtents, 1);

  self->reader.klass = &offline_extents_class;
  self->disk = &session->disks[ref->disk];
  self->fd = offline_extents_get_fd (session, ref->disk);
  self->name = g_strdup (ref->name);
  self->dirty = vckc_extents_new ();
  if (offline_extents_start (self, with_zero, err))
    return &self->reader;
  offline_extents_free (&self->reader);
  return NULL;
}
