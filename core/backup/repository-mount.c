/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of mounting. */

#include "backup/repository.h"

#include "backup/result-handles.h"

VckcMount *
vckc_repository_mount (VckcRepository *repository,
                       VckcBackup *backup,
                       const char *socket,
                       VckcError **err)
{
  g_autoptr (VckcDomainFolder) folder = NULL;
  VckcChainMount *mounted;

  VCKC_TRACE ("repository=%p backup=%p socket=%s", (void *) repository, (void *) backup,
              VCKC_TRACE_TEXT (socket));

  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_handle (backup, &vckc_backup_class, err)
      || !vckc_check_not_null (socket, "socket", err)
      || !vckc_repository_check_backup (repository, backup, err))
    return NULL;
  folder = vckc_repository_open_domain (repository, backup->domain_uuid, err);
  mounted = folder != NULL
                ? vckc_chain_mount_new (folder, repository->root, backup->id, socket, err)
                : NULL;
  return mounted != NULL ? vckc_mount_new (mounted, socket) : NULL;
}

int
vckc_mount_ref (VckcMount *mount, VckcError **err)
{
  if (!vckc_check_handle (mount, &vckc_mount_class, err))
    return -1;
  vckc_object_ref (mount);
  return 0;
}

int
vckc_mount_unref (VckcMount *mount, VckcError **err)
{
  if (!vckc_check_handle (mount, &vckc_mount_class, err))
    return -1;
  vckc_object_unref (mount);
  return 0;
}

const char *
vckc_mount_get_socket (VckcMount *mount, VckcError **err)
{
  return vckc_check_handle (mount, &vckc_mount_class, err) ? mount->socket : NULL;
}

int
vckc_mount_close (VckcMount *mount, VckcError **err)
{
  VckcChainMount *mounted;

  VCKC_TRACE ("mount=%p", (void *) mount);

  if (!vckc_check_handle (mount, &vckc_mount_class, err))
    return -1;
  vckc_mutex_lock (&mount->mutex);
  mounted = g_steal_pointer (&mount->mounted);
  vckc_mutex_unlock (&mount->mutex);
  vckc_chain_mount_free (mounted);
  return 0;
}
