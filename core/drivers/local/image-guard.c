/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* open file description locks */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image-guard.h"
#include "../../qemu/qcow2-bitmaps.h"

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
  VckcQcow2Bitmaps *before; /* NULL if they cannot be told */
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
  USE_BASE + USE_CONSISTENT_READ, USE_BASE + USE_WRITE,       USE_BASE + USE_RESIZE,
  EXCLUSION_BASE + USE_WRITE,     EXCLUSION_BASE + USE_RESIZE,
};

/* Nobody else must have excluded what we use, or use what we exclude. */
static const off_t bytes_to_test[] = {
  EXCLUSION_BASE + USE_CONSISTENT_READ, EXCLUSION_BASE + USE_WRITE, EXCLUSION_BASE + USE_RESIZE,
  USE_BASE + USE_WRITE,                 USE_BASE + USE_RESIZE,
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
  guard->locked
      = image_lock_byte (guard->fd, F_OFD_GETLK, F_WRLCK, USE_BASE + USE_CONSISTENT_READ) >= 0;
  if (!guard->locked || !image_is_taken (guard->fd))
    return true;
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "the image '%s' of disk '%s' is held by another program, such as a running "
                  "machine: end that first",
                  guard->path, target);
  return false;
}

static VckcImageGuard *
image_guard_open (const char *path, const char *target, VckcError **err)
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

/* An image whose bitmaps cannot be told is for QEMU to judge. */
VckcImageGuard *
vckc_image_guard_new (const char *path, const char *target, VckcError **err)
{
  g_autoptr (VckcImageGuard) guard = image_guard_open (path, target, err);
  g_autoptr (VckcError) error = NULL;

  if (guard == NULL)
    return NULL;
  guard->before = vckc_qcow2_bitmaps_read (guard->fd, path, &error);
  if (guard->before == NULL)
    g_debug ("%s", vckc_error_get_message (error));
  return g_steal_pointer (&guard);
}

void
vckc_image_guard_free (VckcImageGuard *guard)
{
  if (guard == NULL)
    return;
  if (guard->fd >= 0)
    close (guard->fd);
  vckc_qcow2_bitmaps_free (guard->before);
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

void
vckc_image_guard_heal (VckcImageGuard *guard)
{
  g_autoptr (VckcError) error = NULL;
  guint n_healed;

  if (!guard->locked || guard->before == NULL)
    return;
  if (!vckc_qcow2_bitmaps_heal (guard->fd, guard->path, guard->before, &n_healed, &error))
    g_info ("bitmaps in the image '%s' cannot be put right: %s", guard->path,
            vckc_error_get_message (error));
  else if (n_healed > 0)
    g_info ("%u bitmaps in the image '%s' were put right after QEMU had died", n_healed,
            guard->path);
}

/* When the file was last changed, and its size; NULL if it cannot be told. */
static char *
image_get_state (int fd)
{
  struct stat info;

  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode))
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%09ld %" G_GINT64_FORMAT,
                          (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                          (gint64) info.st_size);
}

/* The state of the file, and the names of the good bitmaps, each on a line, escaped as in a URI. */
char *
vckc_image_guard_seal (const VckcImageGuard *guard)
{
  g_autofree char *state = guard->before != NULL ? image_get_state (guard->fd) : NULL;
  GString *seal;

  if (state == NULL || !guard->before->valid)
    return NULL;
  seal = g_string_new (state);
  for (guint i = 0; i < guard->before->bitmaps->len; i++)
    {
      const VckcQcow2Bitmap *bitmap = g_ptr_array_index (guard->before->bitmaps, i);
      g_autofree char *name = g_uri_escape_string (bitmap->name, NULL, FALSE);

      if (!bitmap->in_use)
        g_string_append_printf (seal, "\n%s", name);
    }
  return g_string_free (seal, FALSE);
}

/* Makes what is read now what was there when the image was sealed: the rest has not changed. */
static void
image_guard_unmark_sealed (VckcImageGuard *guard, char **names)
{
  g_autoptr (GHashTable) good = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (; *names != NULL; names++)
    {
      char *name = g_uri_unescape_string (*names, NULL);

      if (name != NULL)
        g_hash_table_add (good, name);
    }
  for (guint i = 0; i < guard->before->bitmaps->len; i++)
    {
      VckcQcow2Bitmap *bitmap = g_ptr_array_index (guard->before->bitmaps, i);

      if (g_hash_table_contains (good, bitmap->name))
        bitmap->in_use = false;
    }
}

bool
vckc_image_guard_heal_sealed (const char *path,
                              const char *target,
                              const char *seal,
                              VckcError **err)
{
  g_autoptr (VckcImageGuard) guard = vckc_image_guard_new (path, target, err);
  g_auto (GStrv) lines = g_strsplit (seal, "\n", -1);
  g_autofree char *state = guard != NULL ? image_get_state (guard->fd) : NULL;

  if (guard == NULL)
    return false;
  if (guard->before == NULL || g_strcmp0 (state, lines[0]) != 0)
    return true;
  image_guard_unmark_sealed (guard, lines + 1);
  vckc_image_guard_heal (guard);
  return true;
}
