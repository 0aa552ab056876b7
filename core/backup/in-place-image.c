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
                  "cannot restore disk '%s' in place: the new image takes up to %" G_GUINT64_FORMAT
                  " bytes beside the old one, '%s', and there are less; make room, or restore it "
                  "elsewhere",
                  image->disk->target, room, image->disk->path);
  return false;
}

/* Where the file system cannot reserve anything, there has to be as much free. */
static bool
in_place_image_reserve (const VckcInPlaceImage *image, guint64 room, VckcError **err)
{
  struct statvfs info;

  if (!image->raw && room > 0 && fallocate (image->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) room) == 0)
    return true;
  if (!image->raw && errno != EOPNOTSUPP && errno != ENOSPC && room > 0)
    {
      vckc_set_error_errno (err, errno, "cannot reserve room for '%s'", image->temporary);
      return false;
    }
  if (fstatvfs (image->fd, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot find out how much room there is for '%s'",
                            image->temporary);
      return false;
    }
  return (guint64) info.f_bavail * info.f_frsize >= room
         || in_place_image_set_no_space (image, room, err);
}

static bool
in_place_image_make (VckcInPlaceImage *image, VckcError **err)
{
  const VckcQcow2Options options = { .virtual_size = image->virtual_size,
                                     .cluster_size = (guint32) image->cluster_size };

  image->fd = open (image->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (image->fd < 0 || (image->raw && ftruncate (image->fd, (off_t) image->virtual_size) < 0))
    {
      vckc_set_error_errno (err, errno, "cannot make the image '%s'", image->temporary);
      return false;
    }
  return image->raw || vckc_qcow2_write_empty (image->fd, image->temporary, &options, err);
}

bool
vckc_in_place_image_create (VckcInPlaceImage *image,
                            const VckcInPlaceJournal *journal,
                            const VckcManifestDisk *backup,
                            guint64 room,
                            VckcError **err)
{
  image->temporary = vckc_in_place_make_temporary (journal, image->disk);
  image->virtual_size = backup->virtual_size;
  return in_place_image_make (image, err) && in_place_image_reserve (image, room, err);
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

bool
vckc_in_place_image_complete (VckcInPlaceImage *image,
                              const VckcInPlaceJournal *journal,
                              VckcError **err)
{
  if (!in_place_image_trim (image, err))
    return false;
  image->new_lock = vckc_image_lock_new (image->temporary, image->disk->target, err);
  return image->new_lock != NULL
         && (!image->disk->tracked || in_place_image_add_bitmap (image, journal->checkpoint, err))
         && in_place_image_take_over_owner (image, err) && in_place_image_note (image, err);
}
