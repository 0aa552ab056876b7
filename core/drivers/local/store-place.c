/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* open file description locks */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../cancel.h"
#include "dir-file.h"
#include "pending-record.h"
#include "store-name.h"
#include "store-place.h"

#define CHECKPOINTS_DIR "checkpoints"
#define CHECKPOINT_SUFFIX ".xml"
#define CURRENT_FILE "current"
#define NOTES_FILE "notes"
#define GENERATION_FILE "generation"
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
vckc_store_place_open_lock (VckcStorePlace *place)
{
  const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;

  place->dir_fd = vckc_dir_open (AT_FDCWD, place->where, true);
  if (place->dir_fd >= 0)
    place->lock_fd = openat (place->dir_fd, VCKC_STORE_LOCK_FILE, flags, 0600);
  return place->lock_fd >= 0;
}

bool
vckc_store_place_open (VckcStorePlace *place, bool create)
{
  if (place->dir_fd < 0)
    place->dir_fd = vckc_dir_open (AT_FDCWD, place->where, create);
  if (place->dir_fd >= 0)
    place->checkpoints_fd = vckc_dir_open (place->dir_fd, CHECKPOINTS_DIR, create);
  if (place->checkpoints_fd >= 0)
    place->tmp_fd = vckc_dir_open (place->dir_fd, TMP_DIR, create);
  return place->tmp_fd >= 0;
}

/* Removes all files in a folder of ours that end so. What cannot be removed stays. */
static void
store_empty_folder (int dir_fd, const char *where, const char *suffix)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (dir_fd, where, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (g_str_has_suffix (g_ptr_array_index (names, i), suffix))
      vckc_dir_remove (dir_fd, where, g_ptr_array_index (names, i), NULL);
}

void
vckc_store_place_sweep (VckcStorePlace *place)
{
  store_empty_folder (place->tmp_fd, place->where, "");
  if (vckc_dir_has (place->dir_fd, VCKC_STORE_DOMAIN_FILE)
      || !vckc_dir_has (place->dir_fd, VCKC_STORE_REMOVED_FILE))
    return;
  store_empty_folder (place->checkpoints_fd, place->checkpoints, CHECKPOINT_SUFFIX);
  vckc_dir_remove (place->dir_fd, place->where, CURRENT_FILE, NULL);
  vckc_dir_remove (place->dir_fd, place->where, NOTES_FILE, NULL);
  vckc_dir_remove (place->dir_fd, place->where, VCKC_STORE_PENDING_FILE, NULL);
  vckc_dir_remove (place->dir_fd, place->where, VCKC_STORE_REMOVED_FILE, NULL);
}

void
vckc_store_place_remove_if_unused (VckcStorePlace *place)
{
  if (vckc_dir_has (place->dir_fd, VCKC_STORE_DOMAIN_FILE))
    return;
  if (unlinkat (place->dir_fd, CHECKPOINTS_DIR, AT_REMOVEDIR) < 0)
    return;
  unlinkat (place->dir_fd, TMP_DIR, AT_REMOVEDIR);
  unlinkat (place->dir_fd, GENERATION_FILE, 0);
  unlinkat (place->dir_fd, VCKC_STORE_LOCK_FILE, 0);
  unlinkat (AT_FDCWD, place->where, AT_REMOVEDIR);
}

void
vckc_store_place_touch (VckcStorePlace *place)
{
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
  guint64 number = (guint64) g_random_int () << 32 | g_random_int ();
  g_autofree char *text = g_strdup_printf ("%016" G_GINT64_MODIFIER "x\n", number);
  int fd = openat (place->dir_fd, GENERATION_FILE, flags, 0600);

  if (fd < 0 || pwrite (fd, text, strlen (text), 0) < 0)
    g_debug ("cannot write '%s/%s': %s", place->where, GENERATION_FILE, g_strerror (errno));
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

  while (fcntl (place->lock_fd, F_OFD_SETLK, &lock) < 0)
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
  store_place_sign (place);
  return true;
}

void
vckc_store_place_unlock (VckcStorePlace *place)
{
  struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

  /* Closing would do, unless the program forked meanwhile. */
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

/* Of the number that each change renews, and the times of the two folders, which also tell of
 * changes that were cut short or made by hand. */
guint64
vckc_store_place_get_generation (int dir_fd)
{
  static const char *const folders[] = { ".", CHECKPOINTS_DIR };
  guint64 hash = G_GUINT64_CONSTANT (14695981039346656037);
  char text[32];
  int fd = openat (dir_fd, GENERATION_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  gssize n = fd >= 0 ? read (fd, text, sizeof text) : 0;

  if (fd >= 0)
    close (fd);
  hash = mix (hash, text, (gsize) MAX (n, 0));
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      struct stat info;

      if (fstatat (dir_fd, folders[i], &info, 0) < 0)
        continue;
      hash = mix (hash, &info.st_ino, sizeof info.st_ino);
      hash = mix (hash, &info.st_mtim.tv_sec, sizeof info.st_mtim.tv_sec);
      hash = mix (hash, &info.st_mtim.tv_nsec, sizeof info.st_mtim.tv_nsec);
    }
  return MAX (hash, 1);
}

/* Notes that a file could not be used. */
static void
store_record_add_unreadable (VckcStoreRecord *record, const char *name, VckcError *error)
{
  g_debug ("%s", vckc_error_get_message (error));
  g_ptr_array_add (record->unreadable, g_strdup (name));
  vckc_error_free (error);
}

static void
store_place_load_checkpoint (VckcStorePlace *place, const char *file, VckcStoreRecord *record)
{
  g_autofree char *name = g_strndup (file, strlen (file) - strlen (CHECKPOINT_SUFFIX));
  VckcError *error = NULL;
  bool missing = false;
  char *text = NULL;

  if (!vckc_store_name_is_valid (name))
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR, "'%s/%s' is not named like a checkpoint",
                    place->checkpoints, file);
  else
    text = vckc_dir_read (place->checkpoints_fd, place->checkpoints, file, VCKC_STORE_MAX_TEXT,
                          &missing, &error);
  if (text != NULL)
    {
      g_ptr_array_add (record->checkpoint_names, g_steal_pointer (&name));
      g_ptr_array_add (record->checkpoint_xml, text);
    }
  else if (!missing)
    store_record_add_unreadable (record, name, error);
}

static bool
store_place_load_checkpoints (VckcStorePlace *place, VckcStoreRecord *record, VckcError **err)
{
  g_autoptr (GPtrArray) files = vckc_dir_list (place->checkpoints_fd, place->checkpoints, err);

  for (guint i = 0; files != NULL && i < files->len; i++)
    if (g_str_has_suffix (g_ptr_array_index (files, i), CHECKPOINT_SUFFIX))
      store_place_load_checkpoint (place, g_ptr_array_index (files, i), record);
  return files != NULL;
}

static void
store_place_load_current (VckcStorePlace *place, VckcStoreRecord *record)
{
  VckcError *error = NULL;
  bool missing = false;
  g_autofree char *text =
      vckc_dir_read (place->dir_fd, place->where, CURRENT_FILE, MAX_SMALL, &missing, &error);

  if (text != NULL)
    g_strchomp (text);
  if (text != NULL && vckc_store_name_is_valid (text))
    record->current = g_steal_pointer (&text);
  else if (text != NULL)
    vckc_set_error (&error, VCKC_ERROR_SYSTEM_ERROR,
                    "'%s/%s' does not hold the name of a checkpoint", place->where, CURRENT_FILE);
  if (error != NULL)
    store_record_add_unreadable (record, CURRENT_FILE, error);
}

static void
store_place_load_notes (VckcStorePlace *place, VckcStoreRecord *record)
{
  VckcError *error = NULL;
  bool missing = false;

  record->notes = vckc_dir_read (place->dir_fd, place->where, NOTES_FILE, VCKC_STORE_MAX_TEXT,
                                 &missing, &error);
  if (error != NULL)
    store_record_add_unreadable (record, NOTES_FILE, error);
}

static void
store_place_load_pending (VckcStorePlace *place, VckcStoreRecord *record)
{
  VckcError *error = NULL;
  bool missing = false;
  g_autofree char *text = vckc_dir_read (place->dir_fd, place->where, VCKC_STORE_PENDING_FILE,
                                         VCKC_STORE_MAX_PENDING, &missing, &error);

  if (text != NULL)
    record->unfinished = vckc_pending_record_parse (text, &error);
  if (error != NULL)
    record->unfinished_problem = g_strdup (vckc_error_get_message (error));
  vckc_error_free (error);
}

VckcStoreRecord *
vckc_store_place_load (VckcStorePlace *place, const char *uuid, VckcError **err)
{
  g_autoptr (VckcStoreRecord) record = vckc_store_record_new ();
  bool missing = false;

  record->domain_xml = vckc_dir_read (place->dir_fd, place->where, VCKC_STORE_DOMAIN_FILE,
                                      VCKC_STORE_MAX_TEXT, &missing, err);
  if (missing)
    vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
  if (record->domain_xml == NULL || !store_place_load_checkpoints (place, record, err))
    return NULL;
  store_place_load_current (place, record);
  store_place_load_notes (place, record);
  /* Last, so that a change that began before all was read is seen in the generation. */
  store_place_load_pending (place, record);
  return g_steal_pointer (&record);
}

bool
vckc_store_place_has_leftovers (VckcStorePlace *place)
{
  g_autoptr (GPtrArray) names = vckc_dir_list (place->tmp_fd, place->where, NULL);

  return names != NULL && names->len > 0;
}

static bool
store_place_write_texts (VckcStorePlace *place, const VckcStoreChange *change, VckcError **err)
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
store_place_remove_texts (VckcStorePlace *place, const VckcStoreChange *change, VckcError **err)
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

/* The folder itself is stored when the record is removed from it: no file system of Linux keeps
 * that and loses an earlier change of the same folder. */
bool
vckc_store_place_apply (VckcStorePlace *place, const VckcStoreChange *change, VckcError **err)
{
  return store_place_write_texts (place, change, err)
         && store_place_remove_texts (place, change, err)
         && vckc_dir_sync (place->checkpoints_fd, place->checkpoints, err);
}

/* Moved away first, so that it can be put back. When not even that can be done, the change is not
 * undone, since it could not be: it stands, whatever becomes of the record. */
bool
vckc_store_place_drop_pending (VckcStorePlace *place, VckcError **err)
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
