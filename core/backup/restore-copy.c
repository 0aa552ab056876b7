/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/restore-copy.h"

#include "backup/chain-daemon.h"

#define COPY_CHUNK ((guint64) 1024 * 1024)

struct _VckcRestoreCopy
{
  VckcBackupList *list; /* the chains borrow from it */
  GPtrArray *chains;    /* of VckcChain */
};

void
vckc_restore_copy_free (VckcRestoreCopy *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->chains);
  vckc_backup_list_free (self->list);
  g_free (self);
}

static bool
restore_copy_open_chains (VckcRestoreCopy *self,
                          const VckcDomainFolder *folder,
                          const char *id,
                          const char *const *targets,
                          guint n_targets,
                          VckcError **err)
{
  for (guint i = 0; i < n_targets; i++)
    {
      VckcChain *chain = vckc_chain_find (self->list, folder, id, targets[i], err);

      if (chain == NULL)
        return false;
      g_ptr_array_add (self->chains, chain);
      if (!vckc_chain_open (chain, folder, err))
        return false;
    }
  return true;
}

VckcRestoreCopy *
vckc_restore_copy_open (VckcDomainFolder *folder,
                        const VckcStoreRoot *root,
                        const char *id,
                        const char *const *targets,
                        guint n_targets,
                        VckcError **err)
{
  g_autoptr (VckcRestoreCopy) self = g_new0 (VckcRestoreCopy, 1);
  bool ok;

  self->chains = g_ptr_array_new_with_free_func ((GDestroyNotify) vckc_chain_free);
  if (!vckc_domain_folder_lock (folder, VCKC_FOLDER_LOCK_LIST, false, err))
    return NULL;
  self->list = vckc_backup_list_load_locked (folder, root, err);
  ok = self->list != NULL && restore_copy_open_chains (self, folder, id, targets, n_targets, err);
  vckc_domain_folder_unlock (folder, VCKC_FOLDER_LOCK_LIST);
  return ok ? g_steal_pointer (&self) : NULL;
}

VckcChain *
vckc_restore_copy_get_chain (const VckcRestoreCopy *self, guint i)
{
  return g_ptr_array_index (self->chains, i);
}

static bool
restore_copy_disk (VckcRestoreCopy *self,
                   VckcChainDaemon *daemon,
                   const VckcRestoreTarget *to,
                   guint i,
                   VckcError **err)
{
  const VckcChainLevel *top = vckc_chain_get_top (vckc_restore_copy_get_chain (self, i));
  g_autofree char *node = vckc_chain_daemon_make_node (i, 0);
  g_autofree char *file = vckc_chain_daemon_make_file (daemon, i);
  const VckcChainTarget target = {
    .file = file,
    .path = to->path,
    .raw = to->raw,
    .size = top->disk->virtual_size,
    .max_chunk = MAX (COPY_CHUNK, MAX (top->disk->cluster_size, to->cluster_size)),
  };

  return vckc_chain_daemon_open_target (daemon, &target, err)
         && vckc_chain_daemon_copy (daemon, &target, node, false, err)
         && vckc_chain_daemon_close_target (daemon, &target, err);
}

bool
vckc_restore_copy_run (VckcRestoreCopy *self, const VckcRestoreTarget *targets, VckcError **err)
{
  guint n = self->chains->len;
  g_autofree int *fds = g_new (int, n);
  g_autoptr (VckcChainDaemon) daemon = NULL;

  for (guint i = 0; i < n; i++)
    fds[i] = targets[i].fd;
  daemon = vckc_chain_daemon_start ((VckcChain *const *) self->chains->pdata, n, fds, n, err);
  for (guint i = 0; daemon != NULL && i < n; i++)
    if (!restore_copy_disk (self, daemon, &targets[i], i, err))
      return false;
  return daemon != NULL;
}
