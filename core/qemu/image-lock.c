/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* open file description locks */

#include "qemu/image-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "qemu/qmp-block.h"

/* QEMU's locks are single bytes: a read lock on USE_BASE + n says that the image is used in way
 * n, one on EXCLUSION_BASE + n that no other program may use it so. */
#define USE_BASE 100
#define EXCLUSION_BASE 200

enum
{
  USE_CONSISTENT_READ = 0,
  USE_WRITE = 1,
  USE_RESIZE = 3,
};

struct _VckcImageLock
{
  char *path;
  int fd;
  bool held;
};

static int
image_lock_byte (int fd, int command, short type, off_t byte)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
  int result = fcntl (fd, command, &lock);

  return result == 0 && command == F_OFD_GETLK && lock.l_type != F_UNLCK ? 1 : result;
}

/* What QEMU uses and excludes for an image that it writes; the first ones for one it reads. */
static const off_t image_lock_bytes_to_take[] = {
  USE_BASE + USE_CONSISTENT_READ, EXCLUSION_BASE + USE_WRITE, EXCLUSION_BASE + USE_RESIZE,
  USE_BASE + USE_WRITE,           USE_BASE + USE_RESIZE,
};
#define N_TO_TAKE_SHARED 3

/* No other program must have excluded what we use, or use what we exclude. */
static const off_t image_lock_bytes_to_test[] = {
  EXCLUSION_BASE + USE_CONSISTENT_READ, USE_BASE + USE_WRITE,        USE_BASE + USE_RESIZE,
  EXCLUSION_BASE + USE_WRITE,           EXCLUSION_BASE + USE_RESIZE,
};
#define N_TO_TEST_SHARED 3

static bool
image_lock_conflicts (int fd, bool shared)
{
  const gsize n_to_take = shared ? N_TO_TAKE_SHARED : G_N_ELEMENTS (image_lock_bytes_to_take);
  const gsize n_to_test = shared ? N_TO_TEST_SHARED : G_N_ELEMENTS (image_lock_bytes_to_test);

  for (gsize i = 0; i < n_to_take; i++)
    if (image_lock_byte (fd, F_OFD_SETLK, F_RDLCK, image_lock_bytes_to_take[i]) < 0
        && (errno == EAGAIN || errno == EACCES))
      return true;
  for (gsize i = 0; i < n_to_test; i++)
    if (image_lock_byte (fd, F_OFD_GETLK, F_WRLCK, image_lock_bytes_to_test[i]) > 0)
      return true;
  return false;
}

/* File systems without OFD locks: nothing to conflict with. */
static bool
image_lock_acquire (VckcImageLock *self, const char *target, bool shared, VckcError **err)
{
  self->held =
      image_lock_byte (self->fd, F_OFD_GETLK, F_WRLCK, USE_BASE + USE_CONSISTENT_READ) >= 0;
  if (!self->held || !image_lock_conflicts (self->fd, shared))
    return true;
  vckc_qmp_block_set_image_held (self->path, target, err);
  return false;
}

static VckcImageLock *
image_lock_new (const char *path, const char *target, bool shared, VckcError **err)
{
  g_autoptr (VckcImageLock) self = g_new0 (VckcImageLock, 1);

  self->path = g_strdup (path);
  self->fd = open (path, (shared ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (self->fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s' of disk '%s' for %s", path,
                            target, shared ? "reading" : "writing");
      return NULL;
    }
  return image_lock_acquire (self, target, shared, err) ? g_steal_pointer (&self) : NULL;
}

VckcImageLock *
vckc_image_lock_new (const char *path, const char *target, VckcError **err)
{
  return image_lock_new (path, target, false, err);
}

VckcImageLock *
vckc_image_lock_new_shared (const char *path, const char *target, VckcError **err)
{
  return image_lock_new (path, target, true, err);
}

void
vckc_image_lock_free (VckcImageLock *self)
{
  if (self == NULL)
    return;
  /* Closing would suffice, unless the program has forked meanwhile. */
  for (gsize i = 0; self->fd >= 0 && i < G_N_ELEMENTS (image_lock_bytes_to_take); i++)
    image_lock_byte (self->fd, F_OFD_SETLK, F_UNLCK, image_lock_bytes_to_take[i]);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

/* What is excluded stays excluded, so that no program can write in between. */
void
vckc_image_lock_allow_reading (VckcImageLock *self)
{
  image_lock_byte (self->fd, F_OFD_SETLK, F_UNLCK, USE_BASE + USE_WRITE);
  image_lock_byte (self->fd, F_OFD_SETLK, F_UNLCK, USE_BASE + USE_RESIZE);
}

int
vckc_image_lock_get_fd (const VckcImageLock *self)
{
  return self->fd;
}

bool
vckc_image_lock_is_held (const VckcImageLock *self)
{
  return self->held;
}
