/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE /* renameat2() */

#include "backup/chain-mount.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/chain-daemon.h"
#include "base/lock.h"
#include "base/process.h"

#define SOCKET_NAME "s"

struct _VckcChainMount
{
  guint process; /* that made it */
  char *socket;
  GPtrArray *chains;  /* of VckcChain; until the daemon has them */
  GPtrArray *targets; /* of char *, one for each chain */
  struct stat info;   /* of the socket, once it is there */
  GThread *thread;
  VckcMutex mutex; /* covers the rest */
  VckcCond changed;
  bool settled;     /* it is there, or could not be made */
  bool published;   /* it is there */
  bool ending;      /* it is to end */
  VckcError *error; /* why it could not be made */
};

static bool
chain_mount_start_server (VckcChainDaemon *daemon, const char *path, VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("QEMU cannot listen at '%s'", path);
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_begin_object (args, "addr");
  vckc_qmp_args_add_string (args, "type", "unix");
  vckc_qmp_args_begin_object (args, "data");
  vckc_qmp_args_add_string (args, "path", path);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_end_object (args);
  vckc_qmp_args_add_uint (args, "max-connections", 0);
  return vckc_chain_daemon_call (daemon, what, "nbd-server-start", args, err);
}

static bool
chain_mount_export (VckcChainDaemon *daemon, guint chain, const char *target, VckcError **err)
{
  g_autofree char *what = g_strdup_printf ("QEMU cannot export disk '%s'", target);
  g_autofree char *node = vckc_chain_daemon_make_node (chain, 0);
  g_autofree char *id = g_strdup_printf ("export%u", chain);
  VckcQmpArgs *args = vckc_qmp_args_new ();

  vckc_qmp_args_add_string (args, "type", "nbd");
  vckc_qmp_args_add_string (args, "id", id);
  vckc_qmp_args_add_string (args, "node-name", node);
  vckc_qmp_args_add_string (args, "name", target);
  vckc_qmp_args_add_bool (args, "writable", false);
  return vckc_chain_daemon_call (daemon, what, "block-export-add", args, err);
}

/* Gives the socket, which no other user could reach so far, its name. */
static bool
chain_mount_name_socket (VckcChainMount *self, const char *made, VckcError **err)
{
  if (chmod (made, 0600) == 0 && lstat (made, &self->info) == 0
      && renameat2 (AT_FDCWD, made, AT_FDCWD, self->socket, RENAME_NOREPLACE) == 0)
    return true;
  if (errno == EEXIST)
    vckc_set_error (err, VCKC_ERROR_OPERATION_FAILED,
                    "cannot make the socket '%s': there is something of that name", self->socket);
  else
    vckc_set_error_errno (err, errno, "cannot make the socket '%s'", self->socket);
  return false;
}

static bool
chain_mount_serve (VckcChainMount *self,
                   VckcChainDaemon *daemon,
                   const char *folder,
                   VckcError **err)
{
  g_autofree char *made = g_build_filename (folder, SOCKET_NAME, NULL);
  bool ok = chain_mount_start_server (daemon, made, err);

  for (guint i = 0; ok && i < self->chains->len; i++)
    ok = chain_mount_export (daemon, i, g_ptr_array_index (self->targets, i), err);
  ok = ok && chain_mount_name_socket (self, made, err);
  if (!ok)
    unlink (made);
  return ok;
}

/* The socket is made in a folder of its own beside its name, which only the owner can enter. */
static bool
chain_mount_publish (VckcChainMount *self, VckcChainDaemon *daemon, VckcError **err)
{
  g_autofree char *parent = g_path_get_dirname (self->socket);
  g_autofree char *folder = g_build_filename (parent, ".vck-XXXXXX", NULL);
  bool ok;

  if (g_mkdtemp_full (folder, 0700) == NULL)
    {
      vckc_set_error_errno (err, errno, "cannot make a folder in '%s'", parent);
      return false;
    }
  ok = chain_mount_serve (self, daemon, folder, err);
  g_rmdir (folder);
  return ok;
}

static void
chain_mount_settle (VckcChainMount *self, bool published, VckcError *error)
{
  vckc_mutex_lock (&self->mutex);
  self->settled = true;
  self->published = published;
  self->error = error;
  vckc_cond_broadcast (&self->changed);
  while (published && !self->ending)
    vckc_cond_wait (&self->changed, &self->mutex);
  vckc_mutex_unlock (&self->mutex);
}

static gpointer
chain_mount_run_cb (gpointer data)
{
  VckcChainMount *self = data;
  VckcError *error = NULL;
  g_autoptr (VckcChainDaemon) daemon = vckc_chain_daemon_start (
      (VckcChain *const *) self->chains->pdata, self->chains->len, NULL, 0, &error);
  bool published = daemon != NULL && chain_mount_publish (self, daemon, &error);

  chain_mount_settle (self, published, error);
  return NULL;
}

static bool
chain_mount_open_locked (VckcChainMount *self,
                         VckcDomainFolder *folder,
                         const VckcBackupList *list,
                         const VckcManifest *manifest,
                         VckcError **err)
{
  for (guint i = 0; i < manifest->disks->len; i++)
    {
      const VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, i);
      VckcChain *chain = vckc_chain_find (list, folder, manifest->id, disk->target, err);

      if (chain == NULL)
        return false;
      g_ptr_array_add (self->chains, chain);
      g_ptr_array_add (self->targets, g_strdup (disk->target));
      if (!vckc_chain_open (chain, folder, err))
        return false;
    }
  return true;
}

/* Opens the images under the lock of the list; the chains borrow from what is returned. */
static VckcBackupList *
chain_mount_open (VckcChainMount *self,
                  VckcDomainFolder *folder,
                  const VckcStoreRoot *root,
                  const char *id,
                  VckcError **err)
{
  g_autoptr (VckcBackupList) list = NULL;
  const VckcManifest *manifest;
  bool ok;

  if (!vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_LIST, false, err))
    return NULL;
  list = vckc_backup_list_load_locked (folder, root, err);
  manifest = list != NULL ? vckc_backup_list_get (list, id, err) : NULL;
  ok = manifest != NULL && chain_mount_open_locked (self, folder, list, manifest, err);
  vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_LIST);
  return ok ? g_steal_pointer (&list) : NULL;
}

/* Waits until the thread has done its part. */
static bool
chain_mount_start (VckcChainMount *self, VckcError **err)
{
  GError *gerror = NULL;
  bool published;

  self->thread = g_thread_try_new ("vck-mount", chain_mount_run_cb, self, &gerror);
  if (self->thread == NULL)
    {
      vckc_set_error_from_gerror (err, VCKC_ERROR_SYSTEM_ERROR, gerror, "cannot start a thread");
      return false;
    }
  vckc_mutex_lock (&self->mutex);
  while (!self->settled)
    vckc_cond_wait (&self->changed, &self->mutex);
  published = self->published;
  vckc_mutex_unlock (&self->mutex);
  if (!published)
    vckc_propagate_error (err, g_steal_pointer (&self->error));
  return published;
}

VckcChainMount *
vckc_chain_mount_new (VckcDomainFolder *folder,
                      const VckcStoreRoot *root,
                      const char *id,
                      const char *socket,
                      VckcError **err)
{
  g_autoptr (VckcBackupList) list = NULL;
  VckcChainMount *self = g_new0 (VckcChainMount, 1);
  bool ok;

  self->process = vckc_process_number ();
  self->socket = g_canonicalize_filename (socket, NULL);
  self->chains = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_chain_free);
  self->targets = g_ptr_array_new_with_free_func (g_free);
  vckc_mutex_init (&self->mutex);
  vckc_cond_init (&self->changed);
  list = chain_mount_open (self, folder, root, id, err);
  ok = list != NULL && chain_mount_start (self, err);
  /* The daemon has opened the files, and chains live no longer than the list. */
  g_ptr_array_set_size (self->chains, 0);
  if (ok)
    return self;
  vckc_chain_mount_free (self);
  return NULL;
}

static void
chain_mount_end (VckcChainMount *self)
{
  struct stat now;

  if (self->thread == NULL)
    return;
  vckc_mutex_lock (&self->mutex);
  self->ending = true;
  vckc_cond_broadcast (&self->changed);
  vckc_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  if (self->published && lstat (self->socket, &now) == 0 && now.st_ino == self->info.st_ino
      && now.st_dev == self->info.st_dev)
    unlink (self->socket);
}

void
vckc_chain_mount_free (VckcChainMount *self)
{
  if (self == NULL || self->process != vckc_process_number ())
    return;
  chain_mount_end (self);
  vckc_cond_clear (&self->changed);
  vckc_mutex_clear (&self->mutex);
  g_clear_pointer (&self->error, vckc_error_free);
  g_ptr_array_unref (self->chains);
  g_ptr_array_unref (self->targets);
  g_free (self->socket);
  g_free (self);
}
