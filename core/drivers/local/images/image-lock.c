/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* open file description locks */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "drivers/local/images/image-lock.h"

/* QEMU's locks are single bytes. Who uses an image in one way has a read lock on the byte of that
 * use, and one who lets nobody else use it so has one on the byte of that exclusion. */
#define USE_BASE 100
#define EXCLUSION_BASE 200

enum
{
  USE_CONSISTENT_READ = 0,
  USE_WRITE = 1,
  USE_RESIZE = 3,
};

struct _VckcImageGuard
{
  char *path;
  int fd;
  bool locked;
};

static int
image_lock_byte (int fd, int command, short type, off_t byte)
{
  struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };
  int result = fcntl (fd, command, &lock);

  return result == 0 && command == F_OFD_GETLK && lock.l_type != F_UNLCK ? 1 : result;
}

/* What we use and exclude is what QEMU does for an image that it writes. */
static const off_t bytes_to_take[] = {
  USE_BASE + USE_CONSISTENT_READ, USE_BASE + USE_WRITE,        USE_BASE + USE_RESIZE,
  EXCLUSION_BASE + USE_WRITE,     EXCLUSION_BASE + USE_RESIZE,
};

/* Nobody else must have excluded what we use, or use what we exclude. */
static const off_t bytes_to_test[] = {
  EXCLUSION_BASE + USE_CONSISTENT_READ,
  EXCLUSION_BASE + USE_WRITE,
  EXCLUSION_BASE + USE_RESIZE,
  USE_BASE + USE_WRITE,
  USE_BASE + USE_RESIZE,
};

static bool
image_is_taken (int fd)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bytes_to_take); i++)
    if (image_lock_byte (fd, F_OFD_SETLK, F_RDLCK, bytes_to_take[i]) < 0
        && (errno == EAGAIN || errno == EACCES))
      return true;
  for (gsize i = 0; i < G_N_ELEMENTS (bytes_to_test); i++)
    if (image_lock_byte (fd, F_OFD_GETLK, F_WRLCK, bytes_to_test[i]) > 0)
      return true;
  return false;
}

/* A file system without such locks has them for nobody. */
static bool
image_guard_lock (VckcImageGuard *guard, const char *target, VckcError **err)
{
  guard->locked =
      image_lock_byte (guard->fd, F_OFD_GETLK, F_WRLCK, USE_BASE + USE_CONSISTENT_READ) >= 0;
  if (!guard->locked || !image_is_taken (guard->fd))
    return true;
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "the image '%s' of disk '%s' is held by another program, such as a running "
                  "machine: end that first",
                  guard->path, target);
  return false;
}

VckcImageGuard *
vckc_image_guard_new (const char *path, const char *target, VckcError **err)
{
  g_autoptr (VckcImageGuard) guard = g_new0 (VckcImageGuard, 1);

  guard->path = g_strdup (path);
  guard->fd = open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (guard->fd < 0)
    {
      vckc_set_error_errno (err, errno, "cannot open the image '%s' of disk '%s' for writing", path,
                            target);
      return NULL;
    }
  return image_guard_lock (guard, target, err) ? g_steal_pointer (&guard) : NULL;
}

void
vckc_image_guard_free (VckcImageGuard *guard)
{
  if (guard == NULL)
    return;
  /* Closing would do, unless the program forked meanwhile. */
  for (gsize i = 0; guard->fd >= 0 && i < G_N_ELEMENTS (bytes_to_take); i++)
    image_lock_byte (guard->fd, F_OFD_SETLK, F_UNLCK, bytes_to_take[i]);
  if (guard->fd >= 0)
    close (guard->fd);
  g_free (guard->path);
  g_free (guard);
}

int
vckc_image_guard_get_fd (const VckcImageGuard *guard)
{
  return guard->fd;
}

bool
vckc_image_guard_is_locked (const VckcImageGuard *guard)
{
  return guard->locked;
}
