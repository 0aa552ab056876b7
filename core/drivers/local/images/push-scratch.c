/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* O_TMPFILE, SEEK_DATA */

#include "drivers/local/images/push-scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file-copy.h"
#include "drivers/local/images/remote-file-system.h"

/* Of st_blocks. */
#define STAT_BLOCK 512
/* A backup file has no more in it before the backup. */
#define MOST_BEFORE ((off_t) 64 * 1024 * 1024)
#define CHUNK ((gsize) 1024 * 1024)

struct _VckcPushScratch
{
  int fd;     /* owned */
  int target; /* owned: the backup file */
  char *file;
  char *reason;
  char *buffer; /* of CHUNK bytes; NULL until something is copied */
  off_t size;   /* of the scratch; -1 until something is copied */
  off_t at;     /* so far it is copied */
};

void
vckc_push_scratch_free (VckcPushScratch *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->target >= 0)
    close (self->target);
  g_free (self->file);
  g_free (self->reason);
  g_free (self->buffer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VckcPushScratch, vckc_push_scratch_free)

/* Refuses what cannot be written in that way. */
static bool
push_scratch_refuse (const VckcPushTarget *target,
                     const char *file_system,
                     const char *why,
                     VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                  "'%s' is on a file system that depends on a network or on another program (%s), "
                  "for which the running guest must not wait, and %s; name a file on a file system "
                  "of this host, use mode='pull', or stop the domain first",
                  target->file, file_system, why);
  return false;
}

/* The folder that the image itself is in, which a link to it may not be. */
static char *
push_scratch_find_folder (const VckcPushTarget *target, VckcError **err)
{
  char *resolved = realpath (target->image, NULL);
  char *folder = resolved != NULL ? g_path_get_dirname (resolved) : NULL;

  if (folder == NULL)
    vckc_set_error_errno (err, errno, "cannot find the image '%s'", target->image);
  free (resolved);
  return folder;
}

/* Refuses a scratch that is no better than the backup file. */
static bool
push_scratch_check_file (const VckcPushTarget *target,
                         const char *folder,
                         int fd,
                         const char *file_system,
                         VckcError **err)
{
  g_autofree char *why = NULL;
  const char *own = NULL;

  if (!vckc_remote_file_system_find (fd, folder, target->image, &own, err))
    return false;
  if (own == NULL)
    return true;
  why = g_strdup_printf ("so is '%s', where a file would be made meanwhile (%s)", folder, own);
  return push_scratch_refuse (target, file_system, why, err);
}

static int
push_scratch_make_file (const VckcPushTarget *target, const char *file_system, VckcError **err)
{
  g_autofree char *folder = NULL;
  g_autofree char *why = NULL;
  int fd;

  if (target->image_is_device)
    {
      push_scratch_refuse (target, file_system,
                           "the disk is a block device, beside which no file can be made meanwhile",
                           err);
      return -1;
    }
  folder = push_scratch_find_folder (target, err);
  if (folder == NULL)
    return -1;
  fd = open (folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (fd >= 0 && push_scratch_check_file (target, folder, fd, file_system, err))
    return fd;
  if (fd >= 0)
    {
      close (fd);
      return -1;
    }
  why = g_strdup_printf ("no file can be made in '%s' meanwhile: %s", folder, g_strerror (errno));
  push_scratch_refuse (target, file_system, why, err);
  return -1;
}

static bool
push_scratch_fill (VckcPushScratch *self, VckcError **err)
{
  struct stat info;

  if (fstat (self->target, &info) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot examine the backup file '%s'", self->file);
      return false;
    }
  if ((off_t) info.st_blocks * STAT_BLOCK > MOST_BEFORE)
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                      "the backup file '%s' is not empty; make it anew", self->file);
      return false;
    }
  return vckc_file_copy (self->target, self->file, self->fd, "a file for the time being", err);
}

bool
vckc_push_scratch_new (const VckcPushTarget *target, VckcPushScratch **ret_scratch, VckcError **err)
{
  g_autoptr (VckcPushScratch) self = NULL;
  const char *file_system;

  *ret_scratch = NULL;
  if (!vckc_remote_file_system_find (target->fd, target->file, target->image, &file_system, err))
    return false;
  if (file_system == NULL)
    return true;
  self = g_new0 (VckcPushScratch, 1);
  self->size = -1;
  self->target = -1;
  self->file = g_strdup (target->file);
  self->reason = g_strdup_printf ("written beside the image first, and copied from there: '%s' is "
                                  "on a file system that depends on a network or on another "
                                  "program (%s)",
                                  target->file, file_system);
  self->fd = push_scratch_make_file (target, file_system, err);
  if (self->fd < 0)
    return false;
  self->target = fcntl (target->fd, F_DUPFD_CLOEXEC, 0);
  if (self->target < 0)
    {
      vckc_set_error_errno (err, errno, "cannot use the backup file '%s'", target->file);
      return false;
    }
  if (!push_scratch_fill (self, err))
    return false;
  *ret_scratch = g_steal_pointer (&self);
  return true;
}

int
vckc_push_scratch_get_fd (const VckcPushScratch *self)
{
  return self->fd;
}

const char *
vckc_push_scratch_get_reason (const VckcPushScratch *self)
{
  return self->reason;
}

static bool
push_scratch_fail (VckcPushScratch *self, VckcError **err)
{
  if (vckc_errno_is_no_space (errno))
    vckc_set_error (err, VCKC_ERROR_NO_SPACE, "cannot write the backup file '%s': %s", self->file,
                    g_strerror (errno));
  else
    vckc_set_error_errno (err, errno, "cannot write the backup file '%s'", self->file);
  return false;
}

/* What was in the file before is in the scratch. */
static bool
push_scratch_begin_copy (VckcPushScratch *self)
{
  struct stat info;

  if (self->size >= 0)
    return true;
  if (fstat (self->fd, &info) < 0 || ftruncate (self->target, 0) < 0
      || ftruncate (self->target, info.st_size) < 0)
    return false;
  self->size = info.st_size;
  self->buffer = g_malloc (CHUNK);
  return true;
}

/* Goes on to where there is data. */
static void
push_scratch_skip_hole (VckcPushScratch *self)
{
  off_t data = lseek (self->fd, self->at, SEEK_DATA);

  if (data >= 0)
    self->at = MIN (data, self->size);
  else if (errno == ENXIO)
    self->at = self->size;
}

static bool
push_scratch_write (VckcPushScratch *self, gsize length)
{
  gsize written = 0;

  while (written < length)
    {
      ssize_t n = pwrite (self->target, self->buffer + written, length - written,
                          self->at + (off_t) written);

      if (n < 0 && errno != EINTR)
        return false;
      written += n > 0 ? (gsize) n : 0;
    }
  self->at += (off_t) length;
  return true;
}

static bool
push_scratch_copy_chunk (VckcPushScratch *self)
{
  ssize_t n;

  push_scratch_skip_hole (self);
  if (self->at >= self->size)
    return true;
  do
    n = pread (self->fd, self->buffer, MIN (CHUNK, (gsize) (self->size - self->at)), self->at);
  while (n < 0 && errno == EINTR);
  if (n == 0)
    errno = EIO;
  return n > 0 && push_scratch_write (self, (gsize) n);
}

bool
vckc_push_scratch_copy (VckcPushScratch *self, guint milliseconds, VckcError **err)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  if (!push_scratch_begin_copy (self))
    return push_scratch_fail (self, err);
  while (!vckc_push_scratch_is_copied (self) && g_get_monotonic_time () < deadline)
    if (!push_scratch_copy_chunk (self))
      return push_scratch_fail (self, err);
  return true;
}

double
vckc_push_scratch_get_share (const VckcPushScratch *self)
{
  return self->size > 0 ? (double) self->at / (double) self->size : self->size == 0 ? 1 : 0;
}

bool
vckc_push_scratch_is_copied (const VckcPushScratch *self)
{
  return self->size >= 0 && self->at >= self->size;
}

bool
vckc_push_scratch_sync (VckcPushScratch *self, VckcError **err)
{
  if (fsync (self->target) == 0)
    return true;
  return push_scratch_fail (self, err);
}
