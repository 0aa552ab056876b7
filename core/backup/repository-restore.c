/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Entry points of restoring. */

#include "backup/repository.h"

#include <glib/gstdio.h>

#include "backup/in-place.h"
#include "backup/restore.h"
#include "handles/flags.h"

#define RESTORE_FLAGS (VCKC_RESTORE_RAW | VCKC_RESTORE_REPLACE)

static bool
repository_restore_all (VckcRepository *repository,
                        VckcDomainFolder *folder,
                        const VckcManifest *manifest,
                        const char *to,
                        unsigned int flags,
                        VckcError **err)
{
  guint n_disks = manifest->disks->len;
  bool raw = (flags & VCKC_RESTORE_RAW) != 0;
  g_autofree VckcRestoreDisk *disks = g_new0 (VckcRestoreDisk, n_disks);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  if (g_mkdir (to, 0700) < 0 && errno != EEXIST)
    {
      vckc_set_error_errno (err, errno, "cannot make the folder '%s'", to);
      return false;
    }
  for (guint i = 0; i < n_disks; i++)
    {
      const VckcManifestDisk *disk = g_ptr_array_index (manifest->disks, i);
      char *path = g_strdup_printf ("%s/%s.%s", to, disk->target, raw ? "raw" : "qcow2");

      g_ptr_array_add (paths, path);
      disks[i] = (VckcRestoreDisk){ disk->target, path };
    }
  return vckc_restore (folder, repository->root, manifest->id, disks, n_disks, raw,
                       (flags & VCKC_RESTORE_REPLACE) != 0, err);
}

static bool
repository_restore (VckcRepository *repository,
                    const VckcBackup *backup,
                    const char *disk,
                    const char *to,
                    unsigned int flags,
                    VckcError **err)
{
  g_autoptr (VckcDomainFolder) folder =
      vckc_domain_folder_open (repository->root, backup->domain_uuid, false, err);
  const VckcRestoreDisk one = { disk, to };

  if (folder == NULL)
    return false;
  if (disk == NULL)
    return repository_restore_all (repository, folder, backup->manifest, to, flags, err);
  return vckc_restore (folder, repository->root, backup->id, &one, 1,
                       (flags & VCKC_RESTORE_RAW) != 0, (flags & VCKC_RESTORE_REPLACE) != 0, err);
}

int
vckc_repository_restore (VckcRepository *repository,
                         VckcBackup *backup,
                         const char *disk,
                         const char *to,
                         unsigned int flags,
                         VckcError **err)
{
  VCKC_TRACE ("repository=%p backup=%p disk=%s to=%s flags=0x%x", (void *) repository,
              (void *) backup, VCKC_TRACE_TEXT (disk), VCKC_TRACE_TEXT (to), flags);

  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_handle (backup, &vckc_backup_class, err)
      || !vckc_check_not_null (to, "to", err)
      || !vckc_check_flags (flags, RESTORE_FLAGS, &vckc_flags_restore, err)
      || !vckc_repository_check_backup (repository, backup, err))
    return -1;
  return repository_restore (repository, backup, disk, to, flags, err) ? 0 : -1;
}

static bool
repository_check_in_place (VckcRepository *repository,
                           VckcDomain *domain,
                           const VckcBackup *backup,
                           VckcError **err)
{
  const char *action = "restore domains in place";

  if (!vckc_repository_check_backup (repository, backup, err)
      || !vckc_repository_check_writable (repository, action, err)
      || !vckc_check_open (domain->connect, err)
      || !vckc_check_writable (domain->connect, action, err))
    return false;
  if (g_str_equal (backup->domain_uuid, domain->uuid))
    return true;
  vckc_set_error (err, VCKC_ERROR_INVALID_ARG, "the backup '%s' is of domain '%s', and not of '%s'",
                  backup->id, backup->manifest->domain_name, domain->name);
  return false;
}

int
vckc_repository_restore_in_place (VckcRepository *repository,
                                  VckcDomain *domain,
                                  VckcBackup *backup,
                                  const char *disk,
                                  unsigned int flags,
                                  VckcError **err)
{
  bool without_checkpoint = (flags & VCKC_RESTORE_NO_CHECKPOINT) != 0;

  VCKC_TRACE ("repository=%p domain=%p backup=%p disk=%s flags=0x%x", (void *) repository,
              (void *) domain, (void *) backup, VCKC_TRACE_TEXT (disk), flags);

  if (!vckc_check_handle (repository, &vckc_repository_class, err)
      || !vckc_check_handle (domain, &vckc_domain_class, err)
      || !vckc_check_handle (backup, &vckc_backup_class, err)
      || !vckc_check_flags (flags, VCKC_RESTORE_NO_CHECKPOINT, &vckc_flags_restore_in_place, err)
      || !repository_check_in_place (repository, domain, backup, err))
    return -1;
  return vckc_in_place_restore (repository->root, domain, backup->id, disk, without_checkpoint, err)
             ? 0
             : -1;
}
