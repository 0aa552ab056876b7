/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drivers/local/store/local-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/dir-file.h"
#include "base/lock.h"
#include "drivers/local/store/checkpoint-filename.h"
#include "drivers/local/store/domain-dir-load.h"
#include "drivers/local/store/domain-dir-write.h"
#include "drivers/local/store/domain-dir.h"
#include "drivers/local/store/journal-file.h"
#include "drivers/local/store/store-monitor.h"

/* How often to start again when the domain changes meanwhile. */
#define MAX_ATTEMPTS 50

typedef struct
{
  VckcStore store;
  char *root;       /* immutable */
  VckcMutex mutex;  /* for held */
  GHashTable *held; /* UUID -> VckcDomainDir: the domains locked by this process */
} VckcLocalStore;

/* A UUID becomes the name of a folder, so it must be one. */
static bool
local_store_check_uuid (const char *uuid, VckcError **err)
{
  if (vckc_store_is_uuid (uuid))
    return true;
  vckc_set_error (err, VCKC_ERROR_INTERNAL, "'%.40s' is not the UUID of a domain", uuid);
  return false;
}

/* The folder of a domain that the caller has locked. */
static VckcDomainDir *
local_store_get_held (VckcLocalStore *self, const char *uuid, VckcError **err)
{
  VckcDomainDir *dir;

  vckc_mutex_lock (&self->mutex);
  dir = g_hash_table_lookup (self->held, uuid);
  vckc_mutex_unlock (&self->mutex);
  if (dir == NULL)
    vckc_set_error (err, VCKC_ERROR_INTERNAL, "the domain '%s' is not locked", uuid);
  return dir;
}

/* Locks the folder of the domain; NULL without an error if it was removed while waiting. */
static VckcDomainDir *
local_store_try_lock (VckcLocalStore *self, const char *uuid, gint64 deadline, VckcError **err)
{
  g_autoptr (VckcDomainDir) dir = vckc_domain_dir_new (self->root, uuid);

  if (vckc_domain_dir_open_lock (dir, err) && vckc_domain_dir_lock (dir, deadline, err)
      && vckc_domain_dir_is_current (dir) && vckc_domain_dir_open_all (dir, err))
    return g_steal_pointer (&dir);
  return NULL;
}

static void
local_store_hold (VckcLocalStore *self, const char *uuid, VckcDomainDir *dir)
{
  vckc_mutex_lock (&self->mutex);
  g_hash_table_insert (self->held, g_strdup (uuid), dir);
  vckc_mutex_unlock (&self->mutex);
}

static bool
local_store_lock (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  g_autoptr (VckcError) error = NULL;
  VckcDomainDir *dir = NULL;

  if (!local_store_check_uuid (uuid, err))
    return false;
  if (g_mkdir_with_parents (self->root, 0700) < 0)
    {
      vckc_set_error_errno (err, errno, "cannot create the folder '%s'", self->root);
      return false;
    }
  for (guint i = 0; i < MAX_ATTEMPTS && dir == NULL && error == NULL; i++)
    dir = local_store_try_lock (self, uuid, deadline, &error);
  if (dir == NULL)
    {
      if (error == NULL)
        vckc_set_error (&error, VCKC_ERROR_BUSY, "'%s/%s' keeps changing; try again later",
                        self->root, uuid);
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  vckc_domain_dir_clean_up (dir);
  local_store_hold (self, uuid, dir);
  return true;
}

static void
local_store_set_no_domain (VckcError **err, const char *uuid)
{
  vckc_set_error (err, VCKC_ERROR_NO_DOMAIN, "there is no domain with the UUID '%s'", uuid);
}

/* Opens the folder of a domain to read it. */
static VckcDomainDir *
local_store_open_dir (VckcLocalStore *self, const char *uuid, VckcError **err)
{
  g_autoptr (VckcDomainDir) dir = vckc_domain_dir_new (self->root, uuid);
  VckcError *error = NULL;

  if (!local_store_check_uuid (uuid, err))
    return NULL;
  if (vckc_domain_dir_open (dir, &error))
    return g_steal_pointer (&dir);
  if (error == NULL)
    local_store_set_no_domain (&error, uuid);
  vckc_propagate_error (err, error);
  return NULL;
}

static bool
local_store_lock_shared (VckcStore *store, const char *uuid, gint64 deadline, VckcError **err)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  g_autoptr (VckcDomainDir) dir = local_store_open_dir (self, uuid, err);

  if (dir == NULL)
    return false;
  vckc_domain_dir_open_lock_shared (dir);
  if (!vckc_domain_dir_lock (dir, deadline, err))
    return false;
  local_store_hold (self, uuid, g_steal_pointer (&dir));
  return true;
}

static void
local_store_unlock (VckcStore *store, const char *uuid)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  g_autoptr (VckcDomainDir) dir = NULL;
  g_autofree gpointer key = NULL;

  vckc_mutex_lock (&self->mutex);
  g_hash_table_steal_extended (self->held, uuid, &key, (gpointer *) &dir);
  vckc_mutex_unlock (&self->mutex);
  g_return_if_fail (dir != NULL);
  vckc_domain_dir_remove_if_unused (dir);
  vckc_domain_dir_unlock (dir);
}

/* Removes a folder without a domain, unless another process works on it. */
static void
local_store_tidy (VckcLocalStore *self, int root_fd, const char *uuid)
{
  g_autofree char *lock = g_build_filename (uuid, VCKC_STORE_LOCK_FILE, NULL);

  if (!vckc_dir_has (root_fd, lock))
    unlinkat (root_fd, uuid, AT_REMOVEDIR);
  else if (local_store_lock (&self->store, uuid, 0, NULL))
    local_store_unlock (&self->store, uuid);
}

/* Opens the folder with all domains, also through links. -1 without an error if there is none. */
static int
local_store_open_root (VckcLocalStore *self, VckcError **err)
{
  int fd = open (self->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0 && errno != ENOENT)
    vckc_set_error_errno (err, errno, "cannot open the folder '%s'", self->root);
  return fd;
}

static bool
local_store_list_domains (VckcStore *store, bool tidy, GPtrArray **ret_uuids, VckcError **err)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  g_autoptr (GPtrArray) uuids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) names = NULL;
  VckcError *error = NULL;
  int fd = local_store_open_root (self, &error);

  if (error != NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  names = fd >= 0 ? vckc_dir_list (fd, self->root, err) : g_ptr_array_new ();
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *file = g_build_filename (name, VCKC_STORE_DOMAIN_FILE, NULL);

      if (vckc_store_is_uuid (name) && vckc_dir_has (fd, file))
        g_ptr_array_add (uuids, g_strdup (name));
      else if (tidy && vckc_store_is_uuid (name))
        local_store_tidy (self, fd, name);
    }
  if (fd >= 0)
    close (fd);
  if (names != NULL)
    *ret_uuids = g_steal_pointer (&uuids);
  return names != NULL;
}

static bool
local_store_generation (VckcStore *store,
                        const char *uuid,
                        guint64 *ret_generation,
                        VckcError **err)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  g_autoptr (VckcDomainDir) dir = vckc_domain_dir_new (self->root, uuid);
  VckcError *error = NULL;

  *ret_generation = 0;
  if (vckc_store_is_uuid (uuid) && vckc_domain_dir_open (dir, &error))
    return vckc_domain_dir_get_generation (dir, ret_generation, err);
  if (error == NULL)
    return true;
  vckc_propagate_error (err, error);
  return false;
}

/* Reads everything, again if it has changed meanwhile. */
static VckcStoredDomain *
local_store_load_quiet (VckcDomainDir *dir, const char *uuid, VckcError **err)
{
  for (guint i = 0; i < MAX_ATTEMPTS; i++)
    {
      g_autoptr (VckcStoredDomain) stored = NULL;
      guint64 before;
      guint64 after;

      if (!vckc_domain_dir_get_generation (dir, &before, err))
        return NULL;
      stored = vckc_domain_dir_load (dir, uuid, err);
      if (stored == NULL || !vckc_domain_dir_get_generation (dir, &after, err))
        return NULL;
      if (before == after)
        return g_steal_pointer (&stored);
    }
  vckc_set_error (err, VCKC_ERROR_BUSY, "the domain '%s' keeps changing; try again later", uuid);
  return NULL;
}

static bool
local_store_domain_load (VckcStore *store,
                         const char *uuid,
                         VckcStoredDomain **ret_stored,
                         VckcError **err)
{
  g_autoptr (VckcDomainDir) dir = local_store_open_dir ((VckcLocalStore *) store, uuid, err);
  VckcStoredDomain *stored = NULL;

  if (dir != NULL && vckc_domain_dir_open_checkpoints (dir, err))
    stored = local_store_load_quiet (dir, uuid, err);
  if (stored != NULL)
    *ret_stored = stored;
  return stored != NULL;
}

/* Refuses to write what could not be read back. */
static bool
local_store_check_text (const char *what, const char *text, gsize max_size, VckcError **err)
{
  if (strlen (text) > max_size)
    vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s is larger than %zu bytes", what, max_size);
  else if (!g_utf8_validate (text, -1, NULL))
    vckc_set_error (err, VCKC_ERROR_XML_ERROR, "%s is not UTF-8", what);
  else
    return true;
  return false;
}

static bool
local_store_check_name (const char *name, VckcError **err)
{
  if (vckc_store_name_is_valid (name))
    return true;
  vckc_set_error (err, VCKC_ERROR_INVALID_ARG,
                  "'%.60s%s' cannot be the name of a checkpoint; use at most %d letters, digits "
                  "and '_', '-', '.', and no '.' at the start",
                  name, strlen (name) > 60 ? "…" : "", VCKC_STORE_MAX_NAME);
  return false;
}

static bool
local_store_check_change (const VckcJournal *change, VckcError **err)
{
  GHashTableIter iter;
  gpointer name;
  gpointer text;

  g_hash_table_iter_init (&iter, change->write);
  while (g_hash_table_iter_next (&iter, &name, &text))
    if (!local_store_check_name (name, err)
        || !local_store_check_text ("the description of the checkpoint", text, VCKC_STORE_MAX_TEXT,
                                    err))
      return false;
  for (guint i = 0; i < change->remove->len; i++)
    if (!local_store_check_name (g_ptr_array_index (change->remove, i), err))
      return false;
  if (change->notes != NULL
      && !local_store_check_text ("the list of notes", change->notes, VCKC_STORE_MAX_TEXT, err))
    return false;
  if (change->backup != NULL
      && !local_store_check_text ("what is known of the backup", change->backup,
                                  VCKC_STORE_MAX_TEXT, err))
    return false;
  return change->current == NULL || local_store_check_name (change->current, err);
}

static bool
local_store_domain_save (VckcStore *store, const char *uuid, const char *xml, VckcError **err)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  VckcDomainDir *dir = local_store_get_held (self, uuid, err);
  int root_fd;
  bool ok;

  if (dir == NULL
      || !local_store_check_text ("the description of the domain", xml, VCKC_STORE_MAX_TEXT, err)
      || !vckc_dir_replace (dir->dir_fd, dir->where, VCKC_STORE_DOMAIN_FILE, xml, dir->tmp_fd, err)
      || !vckc_dir_sync (dir->dir_fd, dir->where, err))
    return false;
  vckc_domain_dir_bump_generation (dir);
  root_fd = open (self->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ok = vckc_dir_sync (root_fd, self->root, err);
  if (root_fd >= 0)
    close (root_fd);
  return ok;
}

static bool
local_store_domain_remove (VckcStore *store, const char *uuid, VckcError **err)
{
  VckcLocalStore *self = (VckcLocalStore *) store;
  VckcDomainDir *dir = local_store_get_held (self, uuid, err);

  if (dir == NULL)
    return false;
  if (renameat (dir->dir_fd, VCKC_STORE_DOMAIN_FILE, dir->dir_fd, VCKC_STORE_REMOVED_FILE) < 0)
    {
      if (errno == ENOENT)
        local_store_set_no_domain (err, uuid);
      else
        vckc_set_error_errno (err, errno, "cannot remove '%s/%s'", dir->where,
                              VCKC_STORE_DOMAIN_FILE);
      return false;
    }
  if (!vckc_dir_sync (dir->dir_fd, dir->where, err))
    return false;
  vckc_domain_dir_clean_up (dir);
  return true;
}

static bool
local_store_write_journal (VckcStore *store,
                           const char *uuid,
                           VckcJournal *journal,
                           VckcError **err)
{
  VckcDomainDir *dir = local_store_get_held ((VckcLocalStore *) store, uuid, err);
  g_autofree char *text = NULL;

  if (dir == NULL || !local_store_check_change (journal, err))
    return false;
  text = vckc_journal_format (journal);
  if (!local_store_check_text ("the journal of the change", text, VCKC_STORE_MAX_JOURNAL, err)
      || !vckc_dir_replace (dir->dir_fd, dir->where, VCKC_STORE_JOURNAL_FILE, text, dir->tmp_fd,
                            err))
    return false;
  vckc_domain_dir_bump_generation (dir);
  if (vckc_dir_sync (dir->dir_fd, dir->where, err))
    return true;
  vckc_dir_remove (dir->dir_fd, dir->where, VCKC_STORE_JOURNAL_FILE, NULL);
  return false;
}

static bool
local_store_apply (VckcStore *store, const char *uuid, const VckcJournal *change, VckcError **err)
{
  VckcDomainDir *dir = local_store_get_held ((VckcLocalStore *) store, uuid, err);

  if (dir == NULL || !local_store_check_change (change, err)
      || !vckc_domain_dir_apply (dir, change, err))
    return false;
  vckc_domain_dir_bump_generation (dir);
  return true;
}

static bool
local_store_clear_journal (VckcStore *store, const char *uuid, VckcError **err)
{
  VckcDomainDir *dir = local_store_get_held ((VckcLocalStore *) store, uuid, err);

  if (dir == NULL || !vckc_domain_dir_clear_journal (dir, err))
    return false;
  vckc_domain_dir_bump_generation (dir);
  return true;
}

static void
local_store_follow (VckcStore *store, int stop_fd, VckcStoreChangedFunc changed, gpointer data)
{
  vckc_store_monitor_run (((VckcLocalStore *) store)->root, stop_fd, changed, data);
}

static void
local_store_free (VckcStore *store)
{
  VckcLocalStore *self = (VckcLocalStore *) store;

  g_hash_table_unref (self->held);
  vckc_mutex_clear (&self->mutex);
  g_free (self->root);
  g_free (self);
}

static const VckcStoreClass local_store_class = {
  .list_domains = local_store_list_domains,
  .lock = local_store_lock,
  .lock_shared = local_store_lock_shared,
  .unlock = local_store_unlock,
  .generation = local_store_generation,
  .domain_load = local_store_domain_load,
  .domain_save = local_store_domain_save,
  .domain_remove = local_store_domain_remove,
  .write_journal = local_store_write_journal,
  .apply = local_store_apply,
  .clear_journal = local_store_clear_journal,
  .follow = local_store_follow,
  .free = local_store_free,
};

int
vckc_local_store_get_lock_fd (VckcStore *store, const char *uuid)
{
  VckcDomainDir *dir = local_store_get_held ((VckcLocalStore *) store, uuid, NULL);

  return dir != NULL ? dir->lock_fd : -1;
}

VckcStore *
vckc_local_store_new (const char *root)
{
  VckcLocalStore *self = g_new0 (VckcLocalStore, 1);

  self->store.klass = &local_store_class;
  self->root = g_strdup (root);
  vckc_mutex_init (&self->mutex);
  self->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify) vckc_domain_dir_free);
  return &self->store;
}
