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
#include "drivers/local/store/checkpoint-filename.h"
#include "drivers/local/store/dir-file.h"
#include "drivers/local/store/journal-file.h"

#define CHECKPOINTS_DIR "checkpoints"
#define CHECKPOINT_SUFFIX ".xml"
#define CURRENT_FILE "current"
#define NOTES_FILE "notes"
#define TMP_DIR "tmp"
/* The largest name in a file, in bytes. */
#define MAX_SMALL ((gsize) 4096)
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

/* Makes a folder inside, if it is missing; -1 on failure, without an error if the domain was removed. */
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
    self->tmp_fd = domain_dir_make (self, TMP_DIR, err);
  return self->tmp_fd >= 0;
}

/* Is that the name of a file that is written before it is renamed to what it replaces? */
static bool
domain_dir_is_temporary (const char *name)
{
  return g_uuid_string_is_valid (name) || strcmp (name, VCKC_STORE_JOURNAL_FILE) == 0;
}

static bool
domain_dir_is_checkpoint (const char *name)
{
  return g_str_has_suffix (name, CHECKPOINT_SUFFIX);
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
  domain_dir_empty (self->tmp_fd, self->where, domain_dir_is_temporary);
  if (vckc_dir_has (self->dir_fd, VCKC_STORE_DOMAIN_FILE)
      || !vckc_dir_has (self->dir_fd, VCKC_STORE_REMOVED_FILE))
    return;
  domain_dir_empty (self->checkpoints_fd, self->checkpoints, domain_dir_is_checkpoint);
  vckc_dir_remove (self->dir_fd, self->where, CURRENT_FILE, NULL);
  vckc_dir_remove (self->dir_fd, self->where, NOTES_FILE, NULL);
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
  unlinkat (self->dir_fd, TMP_DIR, AT_REMOVEDIR);
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
vckc_domain_dir_lock (VckcDomainDir *self, const char *uuid, gint64 deadline, VckcError **err)
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
          vckc_set_error (err, VCKC_ERROR_BUSY,
                          "the domain '%s' is being changed by %s: try again later", uuid, holder);
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

/* A hash of the number that each change renews, and of the times of the description, the journal and the
 * two folders, which also show changes that were interrupted or made by hand. */
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

/* Adds a file that cannot be used to the unreadable ones. False, with the error, if that is not certain. */
static bool
domain_dir_add_unreadable (VckcStoredDomain *stored,
                           const char *name,
                           VckcDirFound found,
                           VckcError *error /* (transfer full) */,
                           VckcError **err)
{
  g_autoptr (VckcError) owned = error;

  if (found == VCKC_DIR_FAILED)
    {
      vckc_propagate_error (err, g_steal_pointer (&owned));
      return false;
    }
  g_debug ("%s", vckc_error_get_message (error));
  g_ptr_array_add (stored->unreadable, g_strdup (name));
  return true;
}

static bool
domain_dir_load_checkpoint (VckcDomainDir *self,
                            const char *file,
                            VckcStoredDomain *stored,
                            VckcError **err)
{
  g_autofree char *name = g_strndup (file, strlen (file) - strlen (CHECKPOINT_SUFFIX));
  VckcDirFound found = VCKC_DIR_REFUSED;
  VckcError *error = NULL;
  char *text = NULL;

  if (!vckc_store_name_is_valid (name))
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR, "'%s/%s' is not named like a checkpoint",
                    self->checkpoints, file);
  else
    text = vckc_dir_read (self->checkpoints_fd, self->checkpoints, file, VCKC_STORE_MAX_TEXT,
                          &found, &error);
  if (error != NULL)
    return domain_dir_add_unreadable (stored, name, found, error, err);
  if (text != NULL)
    {
      g_ptr_array_add (stored->checkpoint_names, g_steal_pointer (&name));
      g_ptr_array_add (stored->checkpoint_xml, text);
    }
  return true;
}

static bool
domain_dir_load_checkpoints (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  g_autoptr (GPtrArray) files = NULL;

  if (self->checkpoints_fd < 0)
    return true;
  files = vckc_dir_list (self->checkpoints_fd, self->checkpoints, err);
  for (guint i = 0; files != NULL && i < files->len; i++)
    if (domain_dir_is_checkpoint (g_ptr_array_index (files, i))
        && !domain_dir_load_checkpoint (self, g_ptr_array_index (files, i), stored, err))
      return false;
  return files != NULL;
}

static bool
domain_dir_load_current (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  VckcDirFound found = VCKC_DIR_REFUSED;
  VckcError *error = NULL;
  g_autofree char *text =
      vckc_dir_read (self->dir_fd, self->where, CURRENT_FILE, MAX_SMALL, &found, &error);

  if (text != NULL)
    g_strchomp (text);
  if (text != NULL && vckc_store_name_is_valid (text))
    stored->current = g_steal_pointer (&text);
  else if (text != NULL)
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR,
                    "'%s/%s' does not hold the name of a checkpoint", self->where, CURRENT_FILE);
  return error == NULL || domain_dir_add_unreadable (stored, CURRENT_FILE, found, error, err);
}

static bool
domain_dir_load_notes (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  VckcError *error = NULL;
  VckcDirFound found;

  stored->notes =
      vckc_dir_read (self->dir_fd, self->where, NOTES_FILE, VCKC_STORE_MAX_TEXT, &found, &error);
  return error == NULL || domain_dir_add_unreadable (stored, NOTES_FILE, found, error, err);
}

static bool
domain_dir_load_journal (VckcDomainDir *self, VckcStoredDomain *stored, VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcDirFound found;
  g_autofree char *text = vckc_dir_read (self->dir_fd, self->where, VCKC_STORE_JOURNAL_FILE,
                                         VCKC_STORE_MAX_JOURNAL, &found, &error);

  if (found == VCKC_DIR_FAILED)
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  if (text != NULL)
    stored->journal = vckc_journal_parse (text, &error);
  if (error != NULL)
    stored->journal_problem = g_strdup (vckc_error_get_message (error));
  return true;
}

/* Has an interrupted write left files? */
static bool
domain_dir_is_untidy (VckcDomainDir *self)
{
  VckcDirFound found;
  int fd = vckc_dir_open (self->dir_fd, self->where, TMP_DIR, false, &found, NULL);
  g_autoptr (GPtrArray) names = fd >= 0 ? vckc_dir_list (fd, self->where, NULL) : NULL;
  bool untidy = false;

  for (guint i = 0; names != NULL && !untidy && i < names->len; i++)
    untidy = domain_dir_is_temporary (g_ptr_array_index (names, i));
  if (fd >= 0)
    close (fd);
  return untidy;
}

VckcStoredDomain *
vckc_domain_dir_load (VckcDomainDir *self, const char *uuid, VckcError **err)
{
  g_autoptr (VckcStoredDomain) stored = vckc_stored_domain_new ();
  VckcDirFound found;

  stored->domain_xml = vckc_dir_read (self->dir_fd, self->where, VCKC_STORE_DOMAIN_FILE,
                                      VCKC_STORE_MAX_TEXT, &found, err);
  if (found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
  /* The journal last, so that a change that began before all was read is seen in the generation. */
  if (stored->domain_xml == NULL || !domain_dir_load_checkpoints (self, stored, err)
      || !domain_dir_load_current (self, stored, err) || !domain_dir_load_notes (self, stored, err)
      || !domain_dir_load_journal (self, stored, err))
    return NULL;
  stored->untidy = domain_dir_is_untidy (self);
  return g_steal_pointer (&stored);
}

static bool
domain_dir_write_texts (VckcDomainDir *self, const VckcJournal *change, VckcError **err)
{
  g_autoptr (VckcDirBatch) batch = vckc_dir_batch_new (self->tmp_fd);
  GHashTableIter iter;
  gpointer name;
  gpointer text;

  g_hash_table_iter_init (&iter, change->write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    {
      g_autofree char *file = g_strconcat (name, CHECKPOINT_SUFFIX, NULL);

      if (!vckc_dir_batch_add (batch, self->checkpoints_fd, self->checkpoints, file, text, err))
        return false;
    }
  if (change->set_current && change->current != NULL)
    {
      g_autofree char *line = g_strconcat (change->current, "\n", NULL);

      if (!vckc_dir_batch_add (batch, self->dir_fd, self->where, CURRENT_FILE, line, err))
        return false;
    }
  return (!change->set_notes || change->notes == NULL
          || vckc_dir_batch_add (batch, self->dir_fd, self->where, NOTES_FILE, change->notes, err))
         && vckc_dir_batch_commit (batch, err);
}

static bool
domain_dir_remove_texts (VckcDomainDir *self, const VckcJournal *change, VckcError **err)
{
  for (guint i = 0; i < change->remove->len; i++)
    {
      const char *name = g_ptr_array_index (change->remove, i);
      g_autofree char *file = g_strconcat (name, CHECKPOINT_SUFFIX, NULL);

      if (!vckc_dir_remove (self->checkpoints_fd, self->checkpoints, file, err))
        return false;
    }
  return (!change->set_current || change->current != NULL
          || vckc_dir_remove (self->dir_fd, self->where, CURRENT_FILE, err))
         && (!change->set_notes || change->notes != NULL
             || vckc_dir_remove (self->dir_fd, self->where, NOTES_FILE, err));
}

/* The folder itself is stored when the journal is removed from it: no file system of Linux keeps that
 * removal and loses an earlier change of the same folder. */
bool
vckc_domain_dir_apply (VckcDomainDir *self, const VckcJournal *change, VckcError **err)
{
  return domain_dir_write_texts (self, change, err) && domain_dir_remove_texts (self, change, err)
         && vckc_dir_sync (self->checkpoints_fd, self->checkpoints, err);
}

/* The journal is moved away first, so that it can be put back. If not even that succeeds, the change
 * stands: it can no longer be undone. */
bool
vckc_domain_dir_clear_journal (VckcDomainDir *self, VckcError **err)
{
  VckcError *error = NULL;

  if (renameat (self->dir_fd, VCKC_STORE_JOURNAL_FILE, self->tmp_fd, VCKC_STORE_JOURNAL_FILE) < 0)
    {
      if (errno == ENOENT)
        return true;
      vckc_set_error_errno (err, errno, "cannot remove '%s/%s'", self->where,
                            VCKC_STORE_JOURNAL_FILE);
      return false;
    }
  if (!vckc_dir_sync (self->dir_fd, self->where, &error)
      && renameat (self->tmp_fd, VCKC_STORE_JOURNAL_FILE, self->dir_fd, VCKC_STORE_JOURNAL_FILE)
             == 0)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  if (error != NULL)
    g_info ("%s", vckc_error_get_message (error));
  vckc_error_free (error);
  unlinkat (self->tmp_fd, VCKC_STORE_JOURNAL_FILE, 0);
  return true;
}
