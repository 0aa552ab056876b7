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

void
vckc_store_place_free (VckcStorePlace *place)
{
  int *fds[] = { &place->dir_fd, &place->checkpoints_fd, &place->tmp_fd, &place->lock_fd };

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    if (*fds[i] >= 0)
      close (*fds[i]);
  g_free (place->where);
  g_free (place->checkpoints);
  g_free (place);
}

VckcStorePlace *
vckc_store_place_new (const char *root, const char *uuid)
{
  VckcStorePlace *place = g_new0 (VckcStorePlace, 1);

  place->where = g_build_filename (root, uuid, NULL);
  place->checkpoints = g_build_filename (place->where, CHECKPOINTS_DIR, NULL);
  place->dir_fd = place->checkpoints_fd = place->tmp_fd = place->lock_fd = -1;
  return place;
}

bool
vckc_store_place_open (VckcStorePlace *place, VckcError **err)
{
  VckcDirFound found;

  place->dir_fd = vckc_dir_open (AT_FDCWD, place->where, place->where, false, &found, err);
  return place->dir_fd >= 0;
}

bool
vckc_store_place_open_checkpoints (VckcStorePlace *place, VckcError **err)
{
  VckcDirFound found;

  place->checkpoints_fd =
      vckc_dir_open (place->dir_fd, place->checkpoints, CHECKPOINTS_DIR, false, &found, err);
  return place->checkpoints_fd >= 0 || found == VCKC_DIR_MISSING;
}

bool
vckc_store_place_open_lock (VckcStorePlace *place, VckcError **err)
{
  VckcDirFound found;

  place->dir_fd = vckc_dir_open (AT_FDCWD, place->where, place->where, true, &found, err);
  if (place->dir_fd < 0)
    return false;
  place->lock_fd =
      vckc_dir_open_file (place->dir_fd, VCKC_STORE_LOCK_FILE, O_RDWR | O_CREAT, &found);
  if (place->lock_fd < 0 && found != VCKC_DIR_MISSING)
    vckc_set_error_errno (err, errno, "cannot open the lock file '%s/%s'", place->where,
                          VCKC_STORE_LOCK_FILE);
  return place->lock_fd >= 0;
}

void
vckc_store_place_open_lock_shared (VckcStorePlace *place)
{
  VckcDirFound found;

  place->shared = true;
  place->lock_fd = vckc_dir_open_file (place->dir_fd, VCKC_STORE_LOCK_FILE, O_RDONLY, &found);
}

/* Makes a folder inside, if it is missing; -1 if it was removed again, or with an error. */
static int
store_place_make (VckcStorePlace *place, const char *name, VckcError **err)
{
  g_autofree char *where = g_build_filename (place->where, name, NULL);
  VckcDirFound found;

  return vckc_dir_open (place->dir_fd, where, name, true, &found, err);
}

bool
vckc_store_place_open_all (VckcStorePlace *place, VckcError **err)
{
  place->checkpoints_fd = store_place_make (place, CHECKPOINTS_DIR, err);
  if (place->checkpoints_fd >= 0)
    place->tmp_fd = store_place_make (place, TMP_DIR, err);
  return place->tmp_fd >= 0;
}

/* Is that the name of a file that we write before it is put in its place? */
static bool
store_is_temporary (const char *name)
{
  return g_uuid_string_is_valid (name) || strcmp (name, VCKC_STORE_PENDING_FILE) == 0;
}

static bool
store_is_checkpoint (const char *name)
{
  return g_str_has_suffix (name, CHECKPOINT_SUFFIX);
}

/* Removes those files of a folder of ours. What cannot be removed stays. */
static void
store_empty_folder (int dir_fd, const char *where, bool (*is_ours) (const char *name))
{
  g_autoptr (GPtrArray) names = vckc_dir_list (dir_fd, where, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (is_ours (g_ptr_array_index (names, i)))
      vckc_dir_remove (dir_fd, where, g_ptr_array_index (names, i), NULL);
}

void
vckc_store_place_sweep (VckcStorePlace *place)
{
  store_empty_folder (place->tmp_fd, place->where, store_is_temporary);
  if (vckc_dir_has (place->dir_fd, VCKC_STORE_DOMAIN_FILE)
      || !vckc_dir_has (place->dir_fd, VCKC_STORE_REMOVED_FILE))
    return;
  store_empty_folder (place->checkpoints_fd, place->checkpoints, store_is_checkpoint);
  vckc_dir_remove (place->dir_fd, place->where, CURRENT_FILE, NULL);
  vckc_dir_remove (place->dir_fd, place->where, NOTES_FILE, NULL);
  vckc_dir_remove (place->dir_fd, place->where, VCKC_STORE_PENDING_FILE, NULL);
  vckc_dir_remove (place->dir_fd, place->where, VCKC_STORE_REMOVED_FILE, NULL);
}

void
vckc_store_place_remove_if_unused (VckcStorePlace *place)
{
  if (place->shared || vckc_dir_has (place->dir_fd, VCKC_STORE_DOMAIN_FILE))
    return;
  if (unlinkat (place->dir_fd, CHECKPOINTS_DIR, AT_REMOVEDIR) < 0)
    return;
  unlinkat (place->dir_fd, TMP_DIR, AT_REMOVEDIR);
  unlinkat (place->dir_fd, VCKC_STORE_GENERATION_FILE, 0);
  unlinkat (place->dir_fd, VCKC_STORE_LOCK_FILE, 0);
  unlinkat (AT_FDCWD, place->where, AT_REMOVEDIR);
}

void
vckc_store_place_touch (VckcStorePlace *place)
{
  VckcDirFound found;
  guint64 number = (guint64) g_random_int () << 32 | g_random_int ();
  g_autofree char *text = g_strdup_printf ("%016" G_GINT64_MODIFIER "x\n", number);
  int fd =
      vckc_dir_open_file (place->dir_fd, VCKC_STORE_GENERATION_FILE, O_WRONLY | O_CREAT, &found);

  if (fd < 0 || pwrite (fd, text, strlen (text), 0) < 0)
    g_debug ("cannot write '%s/%s': %s", place->where, VCKC_STORE_GENERATION_FILE,
             g_strerror (errno));
  if (fd >= 0)
    close (fd);
}

/* Who holds the lock, as far as is known. */
static char *
store_place_describe_holder (VckcStorePlace *place)
{
  char text[16] = { 0 };
  g_autofree char *file = NULL;
  g_autofree char *name = NULL;
  int pid = pread (place->lock_fd, text, sizeof text - 1, 0) > 0 ? atoi (text) : 0;

  if (pid <= 0)
    return g_strdup ("another process");
  file = g_strdup_printf ("/proc/%d/comm", pid);
  if (!g_file_get_contents (file, &name, NULL, NULL))
    return g_strdup_printf ("process %d", pid);
  g_strchomp (name);
  return g_strdup_printf ("process %d (%s)", pid, name);
}

/* Leaves our process id for others that wait. */
static void
store_place_sign (VckcStorePlace *place)
{
  g_autofree char *text = g_strdup_printf ("%-10d\n", (int) getpid ());

  if (pwrite (place->lock_fd, text, strlen (text), 0) < 0)
    g_debug ("cannot write '%s/%s': %s", place->where, VCKC_STORE_LOCK_FILE, g_strerror (errno));
}

bool
vckc_store_place_lock (VckcStorePlace *place, const char *uuid, gint64 deadline, VckcError **err)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autofree char *holder = NULL;
  gulong pause = FIRST_PAUSE;

  if (place->shared)
    lock.l_type = F_RDLCK;
  while (place->lock_fd >= 0 && fcntl (place->lock_fd, F_OFD_SETLK, &lock) < 0)
    {
      gint64 left = deadline - g_get_monotonic_time ();

      if (errno != EAGAIN && errno != EACCES && errno != EINTR)
        {
          vckc_set_error_errno (err, errno, "cannot lock '%s/%s'", place->where,
                                VCKC_STORE_LOCK_FILE);
          return false;
        }
      if (vckc_cancel_check ("another program that changes the domain", err))
        return false;
      if (left <= 0)
        {
          holder = store_place_describe_holder (place);
          vckc_set_error (err, VCKC_ERROR_BUSY,
                          "the domain '%s' is being changed by %s: try again later", uuid, holder);
          return false;
        }
      g_usleep (MIN (pause, (gulong) left));
      pause = MIN (pause * 2, LAST_PAUSE);
    }
  if (!place->shared)
    store_place_sign (place);
  return true;
}

void
vckc_store_place_unlock (VckcStorePlace *place)
{
  struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

  /* Closing would do, unless the program forked meanwhile. */
  if (place->lock_fd >= 0)
    fcntl (place->lock_fd, F_OFD_SETLK, &lock);
}

bool
vckc_store_place_is_there (VckcStorePlace *place)
{
  g_autofree char *path = g_build_filename (place->where, VCKC_STORE_LOCK_FILE, NULL);
  struct stat ours;
  struct stat theirs;

  return fstat (place->lock_fd, &ours) == 0 && lstat (path, &theirs) == 0
         && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* FNV-1a, to make one number of several. */
static guint64
mix (guint64 hash, const void *data, gsize size)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * G_GUINT64_CONSTANT (1099511628211);
  return hash;
}

static guint64
mix_stat (guint64 hash, const struct stat *info)
{
  hash = mix (hash, &info->st_ino, sizeof info->st_ino);
  hash = mix (hash, &info->st_mtim.tv_sec, sizeof info->st_mtim.tv_sec);
  return mix (hash, &info->st_mtim.tv_nsec, sizeof info->st_mtim.tv_nsec);
}

/* Of the number that each change renews, and the times of the description, the journal of a change
 * and the two folders, which also tell of changes that were cut short or made by hand. */
static guint64
store_place_hash (VckcStorePlace *place, const struct stat *description)
{
  static const char *const others[] = { ".", CHECKPOINTS_DIR, VCKC_STORE_PENDING_FILE };
  guint64 hash = mix_stat (G_GUINT64_CONSTANT (14695981039346656037), description);
  VckcDirFound found;
  char text[32];
  int fd = vckc_dir_open_file (place->dir_fd, VCKC_STORE_GENERATION_FILE, O_RDONLY, &found);
  gssize n = fd >= 0 ? read (fd, text, sizeof text) : 0;

  if (fd >= 0)
    close (fd);
  hash = mix (hash, text, (gsize) MAX (n, 0));
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      struct stat info;

      if (fstatat (place->dir_fd, others[i], &info, AT_SYMLINK_NOFOLLOW) == 0)
        hash = mix_stat (hash, &info);
    }
  return MAX (hash, 1);
}

bool
vckc_store_place_get_generation (VckcStorePlace *place, guint64 *ret_generation, VckcError **err)
{
  struct stat info;

  if (fstatat (place->dir_fd, VCKC_STORE_DOMAIN_FILE, &info, AT_SYMLINK_NOFOLLOW) == 0)
    *ret_generation = store_place_hash (place, &info);
  else if (errno == ENOENT)
    *ret_generation = 0;
  else
    {
      vckc_set_error_errno (err, errno, "cannot look for '%s/%s'", place->where,
                            VCKC_STORE_DOMAIN_FILE);
      return false;
    }
  return true;
}

/* Notes what cannot be used of the domain. False, with the error, if that is not certain. */
static bool
store_place_add_unreadable (VckcStoredDomain *stored,
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
store_place_load_checkpoint (VckcStorePlace *place,
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
                    place->checkpoints, file);
  else
    text = vckc_dir_read (place->checkpoints_fd, place->checkpoints, file, VCKC_STORE_MAX_TEXT,
                          &found, &error);
  if (error != NULL)
    return store_place_add_unreadable (stored, name, found, error, err);
  if (text != NULL)
    {
      g_ptr_array_add (stored->checkpoint_names, g_steal_pointer (&name));
      g_ptr_array_add (stored->checkpoint_xml, text);
    }
  return true;
}

static bool
store_place_load_checkpoints (VckcStorePlace *place, VckcStoredDomain *stored, VckcError **err)
{
  g_autoptr (GPtrArray) files = NULL;

  if (place->checkpoints_fd < 0)
    return true;
  files = vckc_dir_list (place->checkpoints_fd, place->checkpoints, err);
  for (guint i = 0; files != NULL && i < files->len; i++)
    if (store_is_checkpoint (g_ptr_array_index (files, i))
        && !store_place_load_checkpoint (place, g_ptr_array_index (files, i), stored, err))
      return false;
  return files != NULL;
}

static bool
store_place_load_current (VckcStorePlace *place, VckcStoredDomain *stored, VckcError **err)
{
  VckcDirFound found = VCKC_DIR_REFUSED;
  VckcError *error = NULL;
  g_autofree char *text =
      vckc_dir_read (place->dir_fd, place->where, CURRENT_FILE, MAX_SMALL, &found, &error);

  if (text != NULL)
    g_strchomp (text);
  if (text != NULL && vckc_store_name_is_valid (text))
    stored->current = g_steal_pointer (&text);
  else if (text != NULL)
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR,
                    "'%s/%s' does not hold the name of a checkpoint", place->where, CURRENT_FILE);
  return error == NULL || store_place_add_unreadable (stored, CURRENT_FILE, found, error, err);
}

static bool
store_place_load_notes (VckcStorePlace *place, VckcStoredDomain *stored, VckcError **err)
{
  VckcError *error = NULL;
  VckcDirFound found;

  stored->notes =
      vckc_dir_read (place->dir_fd, place->where, NOTES_FILE, VCKC_STORE_MAX_TEXT, &found, &error);
  return error == NULL || store_place_add_unreadable (stored, NOTES_FILE, found, error, err);
}

static bool
store_place_load_journal (VckcStorePlace *place, VckcStoredDomain *stored, VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  VckcDirFound found;
  g_autofree char *text = vckc_dir_read (place->dir_fd, place->where, VCKC_STORE_PENDING_FILE,
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

/* Has an interrupted write left anything? */
static bool
store_place_is_untidy (VckcStorePlace *place)
{
  VckcDirFound found;
  int fd = vckc_dir_open (place->dir_fd, place->where, TMP_DIR, false, &found, NULL);
  g_autoptr (GPtrArray) names = fd >= 0 ? vckc_dir_list (fd, place->where, NULL) : NULL;
  bool untidy = false;

  for (guint i = 0; names != NULL && !untidy && i < names->len; i++)
    untidy = store_is_temporary (g_ptr_array_index (names, i));
  if (fd >= 0)
    close (fd);
  return untidy;
}

VckcStoredDomain *
vckc_store_place_load (VckcStorePlace *place, const char *uuid, VckcError **err)
{
  g_autoptr (VckcStoredDomain) stored = vckc_stored_domain_new ();
  VckcDirFound found;

  stored->domain_xml = vckc_dir_read (place->dir_fd, place->where, VCKC_STORE_DOMAIN_FILE,
                                      VCKC_STORE_MAX_TEXT, &found, err);
  if (found == VCKC_DIR_MISSING)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
  /* The journal last, so that a change that began before all was read is seen in the generation. */
  if (stored->domain_xml == NULL || !store_place_load_checkpoints (place, stored, err)
      || !store_place_load_current (place, stored, err)
      || !store_place_load_notes (place, stored, err)
      || !store_place_load_journal (place, stored, err))
    return NULL;
  stored->untidy = store_place_is_untidy (place);
  return g_steal_pointer (&stored);
}

static bool
store_place_write_texts (VckcStorePlace *place, const VckcJournal *change, VckcError **err)
{
  g_autoptr (VckcDirBatch) batch = vckc_dir_batch_new (place->tmp_fd);
  GHashTableIter iter;
  gpointer name;
  gpointer text;

  g_hash_table_iter_init (&iter, change->write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    {
      g_autofree char *file = g_strconcat (name, CHECKPOINT_SUFFIX, NULL);

      if (!vckc_dir_batch_add (batch, place->checkpoints_fd, place->checkpoints, file, text, err))
        return false;
    }
  if (change->set_current && change->current != NULL)
    {
      g_autofree char *line = g_strconcat (change->current, "\n", NULL);

      if (!vckc_dir_batch_add (batch, place->dir_fd, place->where, CURRENT_FILE, line, err))
        return false;
    }
  return (!change->set_notes || change->notes == NULL
          || vckc_dir_batch_add (batch, place->dir_fd, place->where, NOTES_FILE, change->notes,
                                 err))
         && vckc_dir_batch_commit (batch, err);
}

static bool
store_place_remove_texts (VckcStorePlace *place, const VckcJournal *change, VckcError **err)
{
  for (guint i = 0; i < change->remove->len; i++)
    {
      const char *name = g_ptr_array_index (change->remove, i);
      g_autofree char *file = g_strconcat (name, CHECKPOINT_SUFFIX, NULL);

      if (!vckc_dir_remove (place->checkpoints_fd, place->checkpoints, file, err))
        return false;
    }
  return (!change->set_current || change->current != NULL
          || vckc_dir_remove (place->dir_fd, place->where, CURRENT_FILE, err))
         && (!change->set_notes || change->notes != NULL
             || vckc_dir_remove (place->dir_fd, place->where, NOTES_FILE, err));
}

/* The folder itself is stored when the journal is removed from it: no file system of Linux keeps
 * that and loses an earlier change of the same folder. */
bool
vckc_store_place_apply (VckcStorePlace *place, const VckcJournal *change, VckcError **err)
{
  return store_place_write_texts (place, change, err)
         && store_place_remove_texts (place, change, err)
         && vckc_dir_sync (place->checkpoints_fd, place->checkpoints, err);
}

/* Moved away first, so that it can be put back. When not even that can be done, the change is not
 * undone, since it could not be: it stands, whatever becomes of the journal. */
bool
vckc_store_place_clear_journal (VckcStorePlace *place, VckcError **err)
{
  VckcError *error = NULL;

  if (renameat (place->dir_fd, VCKC_STORE_PENDING_FILE, place->tmp_fd, VCKC_STORE_PENDING_FILE) < 0)
    {
      if (errno == ENOENT)
        return true;
      vckc_set_error_errno (err, errno, "cannot remove '%s/%s'", place->where,
                            VCKC_STORE_PENDING_FILE);
      return false;
    }
  if (!vckc_dir_sync (place->dir_fd, place->where, &error)
      && renameat (place->tmp_fd, VCKC_STORE_PENDING_FILE, place->dir_fd, VCKC_STORE_PENDING_FILE)
             == 0)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  if (error != NULL)
    g_info ("%s", vckc_error_get_message (error));
  vckc_error_free (error);
  unlinkat (place->tmp_fd, VCKC_STORE_PENDING_FILE, 0);
  return true;
}
