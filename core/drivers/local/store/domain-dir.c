/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* open file description locks */

#include "drivers/local/store/domain-dir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/dir-file.h"
#include "drivers/local/store/checkpoint-filename.h"

#define CHECKPOINTS_DIR "checkpoints"
/* Microseconds between two attempts to lock: doubled each time, up to the latter. */
#define FIRST_PAUSE 500
#define LAST_PAUSE 50000
/* Of the 64-bit FNV-1a hash. */
#define FNV1A_BASIS G_GUINT64_CONSTANT (14695981039346656037)
#define FNV1A_PRIME G_GUINT64_CONSTANT (1099511628211)

void
vckc_domain_dir_free (VckcDomainDir *self)
{
  int *fds[] = { &self->dir_fd, &self->checkpoints_fd, &self->tmp_fd, &self->lock_fd };

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    if (*fds[i] >= 0)
      close (*fds[i]);
  g_free (self->where);
  g_free (self->checkpoints);
  g_free (self);
}

VckcDomainDir *
vckc_domain_dir_new (const char *root, const char *uuid)
{
  VckcDomainDir *self = g_new0 (VckcDomainDir, 1);

  self->where = g_build_filename (root, uuid, NULL);
  self->checkpoints = g_build_filename (self->where, CHECKPOINTS_DIR, NULL);
  self->dir_fd = self->checkpoints_fd = self->tmp_fd = self->lock_fd = -1;
  return self;
}

bool
vckc_domain_dir_open (VckcDomainDir *self, VckcError **err)
{
  VckcDirFound found;

  self->dir_fd = vckc_dir_open (AT_FDCWD, self->where, self->where, false, &found, err);
  return self->dir_fd >= 0;
}

bool
vckc_domain_dir_open_checkpoints (VckcDomainDir *self, VckcError **err)
{
  VckcDirFound found;

  self->checkpoints_fd =
      vckc_dir_open (self->dir_fd, self->checkpoints, CHECKPOINTS_DIR, false, &found, err);
  return self->checkpoints_fd >= 0 || found == VCKC_DIR_MISSING;
}

bool
vckc_domain_dir_open_lock (VckcDomainDir *self, VckcError **err)
{
  VckcDirFound found;

  self->dir_fd = vckc_dir_open (AT_FDCWD, self->where, self->where, true, &found, err);
  if (self->dir_fd < 0)
    return false;
  self->lock_fd = vckc_dir_open_file (self->dir_fd, VCKC_STORE_LOCK_FILE, O_RDWR | O_CREAT, &found);
  if (self->lock_fd < 0 && found != VCKC_DIR_MISSING)
    vckc_set_error_errno (err, errno, "cannot open the lock file '%s/%s'", self->where,
                          VCKC_STORE_LOCK_FILE);
  return self->lock_fd >= 0;
}

void
vckc_domain_dir_open_lock_shared (VckcDomainDir *self)
{
  VckcDirFound found;

  self->shared = true;
  self->lock_fd = vckc_dir_open_file (self->dir_fd, VCKC_STORE_LOCK_FILE, O_RDONLY, &found);
}

/* Makes a folder inside, if it is missing; -1 on failure, without an error if the domain was
 * removed. */
static int
domain_dir_make (VckcDomainDir *self, const char *name, VckcError **err)
{
  g_autofree char *where = g_build_filename (self->where, name, NULL);
  VckcDirFound found;

  return vckc_dir_open (self->dir_fd, where, name, true, &found, err);
}

bool
vckc_domain_dir_open_all (VckcDomainDir *self, VckcError **err)
{
  self->checkpoints_fd = domain_dir_make (self, CHECKPOINTS_DIR, err);
  if (self->checkpoints_fd >= 0)
    self->tmp_fd = domain_dir_make (self, VCKC_STORE_TMP_DIR, err);
  return self->tmp_fd >= 0;
}

bool
vckc_domain_dir_is_temporary (const char *name)
{
  return g_uuid_string_is_valid (name) || strcmp (name, VCKC_STORE_JOURNAL_FILE) == 0;
}

/* Removes the files of a folder for which is_ours() holds. What cannot be removed stays. */
static void
domain_dir_empty (int dir_fd, const char *where, bool (*is_ours) (const char *name))
{
  g_autoptr (GPtrArray) names = vckc_dir_list (dir_fd, where, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (is_ours (g_ptr_array_index (names, i)))
      vckc_dir_remove (dir_fd, where, g_ptr_array_index (names, i), NULL);
}

void
vckc_domain_dir_clean_up (VckcDomainDir *self)
{
  domain_dir_empty (self->tmp_fd, self->where, vckc_domain_dir_is_temporary);
  if (vckc_dir_has (self->dir_fd, VCKC_STORE_DOMAIN_FILE)
      || !vckc_dir_has (self->dir_fd, VCKC_STORE_REMOVED_FILE))
    return;
  domain_dir_empty (self->checkpoints_fd, self->checkpoints, vckc_store_is_checkpoint_file);
  vckc_dir_remove (self->dir_fd, self->where, VCKC_STORE_CURRENT_FILE, NULL);
  vckc_dir_remove (self->dir_fd, self->where, VCKC_STORE_NOTES_FILE, NULL);
  vckc_dir_remove (self->dir_fd, self->where, VCKC_STORE_BACKUP_FILE, NULL);
  vckc_dir_remove (self->dir_fd, self->where, VCKC_STORE_JOURNAL_FILE, NULL);
  vckc_dir_remove (self->dir_fd, self->where, VCKC_STORE_REMOVED_FILE, NULL);
}

void
vckc_domain_dir_remove_if_unused (VckcDomainDir *self)
{
  if (self->shared || vckc_dir_has (self->dir_fd, VCKC_STORE_DOMAIN_FILE))
    return;
  if (unlinkat (self->dir_fd, CHECKPOINTS_DIR, AT_REMOVEDIR) < 0)
    return;
  unlinkat (self->dir_fd, VCKC_STORE_TMP_DIR, AT_REMOVEDIR);
  unlinkat (self->dir_fd, VCKC_STORE_GENERATION_FILE, 0);
  unlinkat (self->dir_fd, VCKC_STORE_LOCK_FILE, 0);
  unlinkat (AT_FDCWD, self->where, AT_REMOVEDIR);
}

void
vckc_domain_dir_bump_generation (VckcDomainDir *self)
{
  VckcDirFound found;
  guint64 number = (guint64) g_random_int () << 32 | g_random_int ();
  g_autofree char *text = g_strdup_printf ("%016" G_GINT64_MODIFIER "x\n", number);
  int fd =
      vckc_dir_open_file (self->dir_fd, VCKC_STORE_GENERATION_FILE, O_WRONLY | O_CREAT, &found);

  if (fd < 0 || pwrite (fd, text, strlen (text), 0) < 0)
    g_debug ("cannot write '%s/%s': %s", self->where, VCKC_STORE_GENERATION_FILE,
             g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* The process that holds the lock, as far as is known. */
static char *
domain_dir_describe_holder (VckcDomainDir *self)
{
  char text[16] = { 0 };
  g_autofree char *file = NULL;
  g_autofree char *name = NULL;
  int pid = pread (self->lock_fd, text, sizeof text - 1, 0) > 0 ? atoi (text) : 0;

  if (pid <= 0)
    return g_strdup ("another process");
  file = g_strdup_printf ("/proc/%d/comm", pid);
  if (!g_file_get_contents (file, &name, NULL, NULL))
    return g_strdup_printf ("process %d", pid);
  g_strchomp (name);
  return g_strdup_printf ("process %d (%s)", pid, name);
}

/* Leaves the process id, for the messages of processes that wait in vain. */
static void
domain_dir_write_owner (VckcDomainDir *self)
{
  g_autofree char *text = g_strdup_printf ("%-10d\n", (int) getpid ());

  if (pwrite (self->lock_fd, text, strlen (text), 0) < 0)
    g_debug ("cannot write '%s/%s': %s", self->where, VCKC_STORE_LOCK_FILE, g_strerror (errno));
}

bool
vckc_domain_dir_lock (VckcDomainDir *self, gint64 deadline, VckcError **err)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *holder = NULL;
  gulong pause = FIRST_PAUSE;

  if (self->shared)
    lock.l_type = F_RDLCK;
  while (self->lock_fd >= 0 && fcntl (self->lock_fd, F_OFD_SETLK, &lock) < 0)
    {
      gint64 left = deadline - g_get_monotonic_time ();

      if (errno != EAGAIN && errno != EACCES && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot lock '%s/%s'", self->where,
                                VCKC_STORE_LOCK_FILE);
          return false;
        }
      if (vckc_cancel_check ("another program that changes the domain", err))
        return false;
      if (left <= 0)
        {
          holder = domain_dir_describe_holder (self);
          vckc_set_error (err, VCKC_ERROR_BUSY, "it is being changed by %s; try again later",
                          holder);
          return false;
        }
      g_usleep (MIN (pause, (gulong) left));
      pause = MIN (pause * 2, LAST_PAUSE);
    }
  if (!self->shared)
    domain_dir_write_owner (self);
  return true;
}

void
vckc_domain_dir_unlock (VckcDomainDir *self)
{
  struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

  /* Closing would suffice, unless the program has forked meanwhile. */
  if (self->lock_fd >= 0)
    fcntl (self->lock_fd, F_OFD_SETLK, &lock);
}

bool
vckc_domain_dir_is_current (VckcDomainDir *self)
{
  g_autofree char *path = g_build_filename (self->where, VCKC_STORE_LOCK_FILE, NULL);
  struct stat ours;
  struct stat theirs;

  return fstat (self->lock_fd, &ours) == 0 && lstat (path, &theirs) == 0
         && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static guint64
fnv1a_update (guint64 hash, const void *data, gsize size)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * FNV1A_PRIME;
  return hash;
}

static guint64
fnv1a_update_stat (guint64 hash, const struct stat *info)
{
  hash = fnv1a_update (hash, &info->st_ino, sizeof info->st_ino);
  hash = fnv1a_update (hash, &info->st_mtim.tv_sec, sizeof info->st_mtim.tv_sec);
  return fnv1a_update (hash, &info->st_mtim.tv_nsec, sizeof info->st_mtim.tv_nsec);
}

/* A hash of the number that each change renews, and of the times of the description, the journal
 * and the two folders, which also show changes that were interrupted or made by hand. */
static guint64
domain_dir_hash (VckcDomainDir *self, const struct stat *description)
{
  static const char *const others[] = { ".", CHECKPOINTS_DIR, VCKC_STORE_JOURNAL_FILE };
  guint64 hash = fnv1a_update_stat (FNV1A_BASIS, description);
  VckcDirFound found;
  char text[32];
  int fd = vckc_dir_open_file (self->dir_fd, VCKC_STORE_GENERATION_FILE, O_RDONLY, &found);
  gssize n = fd >= 0 ? read (fd, text, sizeof text) : 0;

  if (fd >= 0)
    close (fd);
  hash = fnv1a_update (hash, text, (gsize) MAX (n, 0));
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      struct stat info;

      if (fstatat (self->dir_fd, others[i], &info, AT_SYMLINK_NOFOLLOW) == 0)
        hash = fnv1a_update_stat (hash, &info);
    }
  return MAX (hash, 1);
}

bool
vckc_domain_dir_get_generation (VckcDomainDir *self, guint64 *ret_generation, VckcError **err)
{
  struct stat info;

  if (fstatat (self->dir_fd, VCKC_STORE_DOMAIN_FILE, &info, AT_SYMLINK_NOFOLLOW) == 0)
    *ret_generation = domain_dir_hash (self, &info);
  else if (errno == ENOENT)
    *ret_generation = 0;
  else
    {
      vckc_set_error_errno (err, errno, "cannot look for '%s/%s'", self->where,
                            VCKC_STORE_DOMAIN_FILE);
      return false;
    }
  return true;
}
