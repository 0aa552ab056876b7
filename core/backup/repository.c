/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points: stores, and which backups are in them. */

#include "backup/repository.h"

#include "backup/backup-names.h"
#include "handles/flags.h"

#define OPEN_FLAGS (VCKC_REPOSITORY_CREATE | VCKC_REPOSITORY_READ_ONLY)

VckcRepository *
vckc_repository_open (const char *path, unsigned int flags, VckcError **err)
{
  VckcRepository *repository;
  VckcStoreRoot *root;

  VCKC_TRACE ("path=%s flags=0x%x", VCKC_TRACE_TEXT (path), flags);

  if (!vckc_check_not_null (path, "path", err)
      || !vckc_check_flags (flags, OPEN_FLAGS, &vckc_flags_open_repository, err)
      || !vckc_check_exclusive_flags (flags, VCKC_FLAG (REPOSITORY, CREATE),
                                      VCKC_FLAG (REPOSITORY, READ_ONLY), err))
    return NULL;
  root = vckc_store_root_open (path, (flags & VCKC_REPOSITORY_CREATE) != 0,
                               (flags & VCKC_REPOSITORY_READ_ONLY) != 0, err);
  if (root == NULL)
    return NULL;
  repository = vckc_object_new (&vckc_repository_class, sizeof *repository);
  repository->root = root;
  return repository;
}

int
vckc_repository_ref (VckcRepository *repository, VckcError **err)
{
  if (!vckc_check_handle (repository, &vckc_repository_class, err))
    return -1;
  vckc_object_ref (repository);
  return 0;
}

int
vckc_repository_unref (VckcRepository *repository, VckcError **err)
{
  if (!vckc_check_handle (repository, &vckc_repository_class, err))
    return -1;
  vckc_object_unref (repository);
  return 0;
}

const char *
vckc_repository_get_path (VckcRepository *repository, VckcError **err)
{
  return vckc_check_handle (repository, &vckc_repository_class, err) ? repository->root->path
                                                                     : NULL;
}

const char *
vckc_repository_get_uuid (VckcRepository *repository, VckcError **err)
{
  return vckc_check_handle (repository, &vckc_repository_class, err) ? repository->root->uuid
                                                                     : NULL;
}

bool
vckc_repository_is_read_only (VckcRepository *repository, VckcError **err)
{
  return vckc_check_handle (repository, &vckc_repository_class, err) && repository->root->read_only;
}

bool
vckc_repository_check_uuid (const char *domain_uuid, VckcError **err)
{
  if (!vckc_check_not_null (domain_uuid, "domain_uuid", err))
    return false;
  if (vckc_backup_uuid_is_valid (domain_uuid))
    return true;
  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "'%s' is not a UUID in lower case", domain_uuid);
  return false;
}

bool
vckc_repository_check_writable (const VckcRepository *repository,
                                const char *action,
                                VckcError **err)
{
  if (!repository->root->read_only)
    return true;
  vckc_set_error (err, VCKC_ERROR_OPERATION_DENIED,
                  "cannot %s: the store '%s' was opened to be read only", action,
                  repository->root->path);
  return false;
}

bool
vckc_repository_check_backup (const VckcRepository *repository,
                              const VckcBackup *backup,
                              VckcError **err)
{
  if (backup->manifest == NULL)
    vckc_set_error (err, VCKC_ERROR_BACKUP_INCONSISTENT, "%s", backup->problem);
  else if (!g_str_equal (backup->manifest->store, repository->root->uuid))
    vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "the backup '%s' is not of the store '%s'",
                    backup->id, repository->root->path);
  else
    return true;
  return false;
}

VckcDomainFolder *
vckc_repository_open_domain (VckcRepository *repository, const char *domain_uuid, VckcError **err)
{
  return vckc_repository_check_uuid (domain_uuid, err)
             ? vckc_domain_folder_open (repository->root, domain_uuid, false, err)
             : NULL;
}

/* Adds the backups of a domain, of which there need not be any. */
static bool
repository_add_backups (VckcRepository *repository,
                        const char *domain_uuid,
                        GPtrArray *backups,
                        VckcError **err)
{
  g_autoptr (VckcError) error = NULL;
  g_autoptr (VckcDomainFolder) folder =
      vckc_domain_folder_open (repository->root, domain_uuid, false, &error);
  g_autoptr (VckcBackupList) list =
      folder != NULL ? vckc_backup_list_load (folder, repository->root, &error) : NULL;

  if (folder == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    return true;
  if (list == NULL)
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
  for (guint i = 0; i < list->entries->len; i++)
    g_ptr_array_add (backups, vckc_backup_new (folder, g_ptr_array_index (list->entries, i)));
  return true;
}

static bool
repository_add_all_backups (VckcRepository *repository, GPtrArray *backups, VckcError **err)
{
  g_autoptr (GPtrArray) domains = vckc_store_root_list_domains (repository->root, err);

  for (guint i = 0; domains != NULL && i < domains->len; i++)
    if (!repository_add_backups (repository, g_ptr_array_index (domains, i), backups, err))
      return false;
  return domains != NULL;
}

int
vckc_repository_list_backups (VckcRepository *repository,
                              const char *domain_uuid,
                              VckcBackup ***ret_backups,
                              VckcError **err)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (vckc_object_unref);

  VCKC_TRACE ("repository=%p domain_uuid=%s ret_backups=%p", (void *) repository,
              VCKC_TRACE_TEXT (domain_uuid), (void *) ret_backups);

  if (ret_backups != NULL)
    *ret_backups = NULL;
  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || (domain_uuid != NULL && !vckc_repository_check_uuid (domain_uuid, err)))
    return -1;
  if (domain_uuid != NULL ? !repository_add_backups (repository, domain_uuid, backups, err)
                          : !repository_add_all_backups (repository, backups, err))
    return -1;
  return vckc_object_array_return (g_steal_pointer (&backups), (gpointer **) ret_backups);
}

VckcBackup *
vckc_repository_lookup_backup (VckcRepository *repository,
                               const char *domain_uuid,
                               const char *id,
                               VckcError **err)
{
  g_autoptr (VckcDomainFolder) folder = NULL;
  g_autoptr (VckcBackupList) list = NULL;
  VckcBackupEntry *entry;

  VCKC_TRACE ("repository=%p domain_uuid=%s id=%s", (void *) repository,
              VCKC_TRACE_TEXT (domain_uuid), VCKC_TRACE_TEXT (id));

  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_not_null (id, "id", err))
    return NULL;
  folder = vckc_repository_open_domain (repository, domain_uuid, err);
  if (folder == NULL || (list = vckc_backup_list_load (folder, repository->root, err)) == NULL)
    return NULL;
  entry = vckc_backup_list_find (list, id);
  if (entry == NULL)
    vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "there is no backup '%s' in the store '%s'", id,
                    repository->root->path);
  return entry != NULL ? vckc_backup_new (folder, entry) : NULL;
}
