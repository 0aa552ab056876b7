/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* fallocate() */

#include "backup/in-place-image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "qemu/qcow2-bitmap-change.h"
#include "qemu/qcow2-header.h"
#include "qemu/qcow2-writer.h"

#define MODE_BITS 07777

void
vckc_in_place_image_free (VckcInPlaceImage *image)
{
  if (image == NULL)
    return;
  vckc_image_lock_free (image->new_lock);
  vckc_image_lock_free (image->old_lock);
  if (image->fd >= 0)
    close (image->fd);
  g_free (image->temporary);
  g_free (image);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcInPlaceImage, vckc_in_place_image_free)

static bool
in_place_image_refuse (const VckcInPlaceImage *image, const char *why, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_CONFIG_UNSUPPORTED,
                  "cannot restore disk '%s' in place: its image '%s' %s; restore it to a new image "
                  "instead",
                  image->disk->target, image->disk->path, why);
  return false;
}

/* Why the image cannot be replaced by a new one with the same content; NULL if it can. */
static const char *
in_place_image_explain_header (const VckcQcow2Header *header)
{
  if (header->has_backing_file)
    return "has a backing file, which the new one would not have";
  if (header->has_data_file)
    return "has its data in another file";
  if (header->encrypted)
    return "is encrypted, which the new one would not be";
  if (header->has_snapshots)
    return "has internal snapshots, which the new one would not have";
  return NULL;
}

static bool
in_place_image_examine (VckcInPlaceImage *image, VckcError **err)
{
  VckcQcow2Header header;
  const char *why;

  if (image->raw)
    return true;
  if (!vckc_qcow2_header_read_fd (vckc_image_lock_get_fd (image->old_lock), image->disk->path,
                                  &header, err))
    return false;
  image->cluster_size = header.cluster_size;
  why = in_place_image_explain_header (&header);
  return why == NULL || in_place_image_refuse (image, why, err);
}

static bool
in_place_image_examine_file (VckcInPlaceImage *image, VckcError **err)
{
  VckcInPlaceDisk *disk = image->disk;

  if (fstat (vckc_image_lock_get_fd (image->old_lock), &image->old) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the image '%s'", disk->path);
      return false;
    }
  if (!S_ISREG (image->old.st_mode))
    return in_place_image_refuse (image, "is not a file", err);
  if (image->old.st_nlink > 1)
    return in_place_image_refuse (image, "has another name, under which the old one would remain",
                                  err);
  disk->old_inode = vckc_in_place_get_inode (&image->old);
  disk->old_size = (guint64) image->old.st_size;
  disk->old_changed = vckc_in_place_get_changed (&image->old);
  return true;
}

VckcInPlaceImage *
vckc_in_place_image_open (VckcInPlaceDisk *disk, const VckcDomainDiskDef *def, VckcError **err)
{
  g_autoptr (VckcInPlaceImage) image = g_new0 (VckcInPlaceImage, 1);
  char *path = realpath (def->source, NULL);

  image->disk = disk;
  image->fd = -1;
  image->raw = g_str_equal (def->format, "raw");
  if (path == NULL)
    {
      vckc_set_error_errno (err, errno, "cannot find the image '%s' of disk '%s'", def->source,
                            def->target);
      return NULL;
    }
  disk->path = g_strdup (path);
  free (path);
  image->old_lock = vckc_image_lock_new (disk->path, disk->target, err);
  if (image->old_lock == NULL || !in_place_image_examine_file (image, err)
      || !in_place_image_examine (image, err))
    return NULL;
  return g_steal_pointer (&image);
}

static bool
in_place_image_set_no_space (const VckcInPlaceImage *image, guint64 room, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_SPACE,
                  "cannot restore disk '%s' in place: beside its image '%s' there is no room for "
                  "what is restored, up to %" G_GUINT64_FORMAT " bytes; make room, or restore it "
                  "elsewhere",
                  image->disk->target, image->disk->path, room);
  return false;
}

/* Reserves room, if the file system can, and it can be known which part of the file will have it:
 * that of a raw image cannot. */
static bool
in_place_image_allocate (VckcInPlaceImage *image, guint64 room, VckcError **err)
{
  image->unreserved = room;
  if (image->raw)
    return true;
  if (fallocate (image->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) room) == 0)
    image->unreserved = 0;
  else if (errno == ENOSPC || errno == EDQUOT)
    return in_place_image_set_no_space (image, room, err);
  else if (errno != EOPNOTSUPP && errno != ENOSYS)
    {
      vckc_set_error_errno (err, errno, "cannot reserve room for '%s'", image->temporary);
      return false;
    }
  return true;
}

/* What was not reserved for the images on the file system of this one. */
static guint64
in_place_image_sum_unreserved (const VckcInPlaceImage *image, const GPtrArray *images)
{
  guint64 sum = 0;

  for (guint i = 0; i < images->len; i++)
    {
      const VckcInPlaceImage *other = g_ptr_array_index (images, i);

      if (other->fd >= 0 && other->device == image->device)
        sum += MIN (other->unreserved, G_MAXUINT64 - sum);
    }
  return sum;
}

bool
vckc_in_place_image_reserve (VckcInPlaceImage *image,
                             const GPtrArray *images,
                             guint64 room,
                             VckcError **err)
{
  struct statvfs info;
  guint64 sum;

  if (!in_place_image_allocate (image, room, err))
    return false;
  if (fstatvfs (image->fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot find out how much room there is for '%s'",
                            image->temporary);
      return false;
    }
  sum = in_place_image_sum_unreserved (image, images);
  return (guint64) info.f_bavail * info.f_frsize >= sum
         || in_place_image_set_no_space (image, sum, err);
}

static bool
in_place_image_make (VckcInPlaceImage *image, VckcError **err)
{
  const VckcQcow2Options options = { .virtual_size = image->virtual_size,
                                     .cluster_size = (guint32) image->cluster_size };
  struct stat info;

  image->fd = open (image->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (image->fd < 0 || fstat (image->fd, &info) < 0
      || (image->raw && ftruncate (image->fd, (off_t) image->virtual_size) < 0))
    {
      vckc_set_error_errno (err, errno, "cannot make the image '%s'", image->temporary);
      return false;
    }
  image->device = info.st_dev;
  return image->raw || vckc_qcow2_write_empty (image->fd, image->temporary, &options, err);
}

bool
vckc_in_place_image_create (VckcInPlaceImage *image,
                            const VckcInPlaceJournal *journal,
                            const VckcManifestDisk *backup,
                            VckcError **err)
{
  image->temporary = vckc_in_place_make_temporary (journal, image->disk);
  image->virtual_size = backup->virtual_size;
  if (in_place_image_make (image, err))
    return true;
  vckc_error_note_no_space (err);
  return false;
}

/* What was reserved and is not needed is given back. */
static bool
in_place_image_trim (const VckcInPlaceImage *image, VckcError **err)
{
  struct stat info;

  if (fstat (image->fd, &info) == 0 && ftruncate (image->fd, info.st_size) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot store '%s'", image->temporary);
  return false;
}

static bool
in_place_image_add_bitmap (const VckcInPlaceImage *image, const char *name, VckcError **err)
{
  g_autoptr (GPtrArray) add = g_ptr_array_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  g_ptr_array_add (add, (gpointer) name);
  return vckc_qcow2_bitmaps_change (vckc_image_lock_get_fd (image->new_lock), image->temporary, add,
                                    none, err);
}

static bool
in_place_image_take_over_owner (const VckcInPlaceImage *image, VckcError **err)
{
  int fd = vckc_image_lock_get_fd (image->new_lock);
  struct stat info;

  if (fstat (fd, &info) == 0
      && ((info.st_uid == image->old.st_uid && info.st_gid == image->old.st_gid)
          || fchown (fd, image->old.st_uid, image->old.st_gid) == 0)
      && fchmod (fd, image->old.st_mode & MODE_BITS) == 0)
    return true;
  vckc_set_error_errno (err, errno, "cannot give the new image '%s' the owner of the old one",
                        image->temporary);
  return false;
}

/* Which file it is in the end. */
static bool
in_place_image_note (VckcInPlaceImage *image, VckcError **err)
{
  struct stat info;

  if (fsync (vckc_image_lock_get_fd (image->new_lock)) < 0
      || fstat (vckc_image_lock_get_fd (image->new_lock), &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot store '%s'", image->temporary);
      return false;
    }
  image->disk->new_inode = vckc_in_place_get_inode (&info);
  return true;
}

static bool
in_place_image_fill (VckcInPlaceImage *image, const VckcInPlaceJournal *journal, VckcError **err)
{
  if (!in_place_image_trim (image, err))
    return false;
  image->new_lock = vckc_image_lock_new (image->temporary, image->disk->target, err);
  return image->new_lock != NULL
         && (!image->disk->tracked || in_place_image_add_bitmap (image, journal->checkpoint, err))
         && in_place_image_take_over_owner (image, err) && in_place_image_note (image, err);
}

bool
vckc_in_place_image_complete (VckcInPlaceImage *image,
                              const VckcInPlaceJournal *journal,
                              VckcError **err)
{
  if (in_place_image_fill (image, journal, err))
    return true;
  vckc_error_note_no_space (err);
  return false;
}
