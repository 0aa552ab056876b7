/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "backup/backup-recover.h"

#include <string.h>

#include "backup/backup-end.h"
#include "backup/backup-finish.h"
#include "backup/backup-names.h"
#include "backup/backup-pull.h"
#include "backup/in-place-finish.h"
#include "backup/own-checkpoints.h"
#include "handles/handles.h"
#include "handles/job-info.h"

bool
vckc_backup_take_away (const VckcPartial *partial,
                       const VckcStoreRoot *root,
                       VckcDomain *domain,
                       VckcError **err)
{
  g_autofree char *checkpoint = vckc_backup_make_checkpoint_name (root->uuid, partial->id);

  return vckc_own_checkpoint_delete (domain, checkpoint, err) && vckc_partial_drop (partial, err);
}

/* Does the job write to that folder? */
static bool
is_job_of (const VckcJobInfo *info, const VckcPartial *partial)
{
  for (guint i = 0; i < info->disks->len; i++)
    {
      const VckcJobDisk *disk = g_ptr_array_index (info->disks, i);
      g_autofree char *folder = disk->file != NULL ? g_path_get_dirname (disk->file) : NULL;
      g_autofree char *name = folder != NULL ? g_path_get_basename (folder) : NULL;

      /* The store may have been moved meanwhile; the name is random. */
      if (g_strcmp0 (name, partial->name) == 0)
        return true;
    }
  return false;
}

/* The job that is under way, or how the last one ended; NULL without an error if there is none. */
static VckcJobInfo *
backup_recover_find_job (VckcDomain *domain, VckcError **err)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_get_job_info (domain, 0, &error);

  if (info == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    {
      g_clear_pointer (&error, vckc_error_free);
      info = vckc_domain_get_job_info (
          domain, VCKC_JOB_INFO_COMPLETED | VCKC_JOB_INFO_KEEP_COMPLETED, &error);
    }
  if (info == NULL && vckc_error_get_code (error) == VCKC_ERROR_NO_BACKUP)
    g_clear_pointer (&error, vckc_error_free);
  if (error != NULL)
    vckc_propagate_error (err, error);
  return info;
}

/* Ends a job in pull mode, which no process reads any more. False if it goes on. */
static bool
backup_recover_end_pull (VckcDomain *domain, VckcError **err)
{
  g_autoptr (VckcJobInfo) info = vckc_backup_end_job (domain, NULL);

  if (info != NULL && vckc_job_state_is_end (info->state))
    return true;
  vckc_set_error (err, VCKC_ERROR_BUSY, "the job of domain '%s' that offers its disks does not end",
                  domain->name);
  return false;
}

/* How the job of the folder has ended, or ends; NULL without an error if that is not known, or
 * means nothing since this process would have had to write what the job offers. */
static VckcJobInfo *
backup_recover_wait (const VckcPartial *partial,
                     const VckcStoreRoot *root,
                     VckcDomain *domain,
                     VckcError **err)
{
  g_autoptr (VckcJobInfo) info = NULL;

  if (vckc_domain_recover_backup (domain, err) < 0)
    return NULL;
  info = backup_recover_find_job (domain, err);
  if (info != NULL && vckc_backup_pull_is_job_of (info, root->uuid, partial->id))
    {
      if (!vckc_job_state_is_end (info->state))
        backup_recover_end_pull (domain, err);
      return NULL;
    }
  if (info == NULL || info->mode == VCKC_BACKUP_MODE_PULL || !is_job_of (info, partial))
    return NULL;
  if (vckc_job_state_is_end (info->state))
    return g_steal_pointer (&info);
  return vckc_domain_wait_job (domain, err);
}

/* What was interrupted while or after its data were copied. It is not completed without its
 * checkpoint, which another program may have deleted. */
static bool
backup_recover_copied (const VckcPartial *partial,
                       const VckcStoreRoot *root,
                       VckcDomain *domain,
                       VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcManifest) manifest =
      vckc_partial_read_manifest (partial, VCKC_PARTIAL_PENDING_FILE, root, &error);
  g_autoptr (VckcJobInfo) info =
      error == NULL ? backup_recover_wait (partial, root, domain, &error) : NULL;

  if (error != NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  if (info == NULL || info->state != VCKC_JOB_STATE_DONE || manifest == NULL
      || g_strcmp0 (manifest->kind, vckc_manifest_kind_of (VCKC_BACKUP_MODE_PUSH)) != 0)
    return vckc_backup_take_away (partial, root, domain, err);
  if (vckc_backup_finish (partial, manifest, domain, info, false, &error))
    return true;
  if (vckc_error_get_code (error) == VCKC_ERROR_NO_DOMAIN_CHECKPOINT)
    {
      vckc_error_free (error);
      return vckc_backup_take_away (partial, root, domain, err);
    }
  vckc_propagate_error (err, error);
  return false;
}

static bool
backup_recover_one (const VckcPartial *partial,
                    const VckcStoreRoot *root,
                    VckcDomain *domain,
                    VckcError **err)
{
  VckcError *error = NULL;
  g_autoptr (VckcManifest) manifest =
      vckc_partial_read_manifest (partial, VCKC_MANIFEST_FILE, root, &error);

  if (error != NULL)
    {
      vckc_propagate_error (err, error);
      return false;
    }
  /* The manifest is written when all else is stored. */
  return manifest != NULL ? vckc_partial_publish (partial, err)
                          : backup_recover_copied (partial, root, domain, err);
}

bool
vckc_backups_recover (const VckcStoreRoot *root,
                      const VckcDomainFolder *folder,
                      VckcDomain *domain,
                      VckcError **err)
{
  g_autoptr (GPtrArray) ids = NULL;

  if (!vckc_in_place_recover (root, folder, domain, err))
    return false;
  ids = vckc_partial_list (folder, err);
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    {
      g_autoptr (VckcPartial) partial = vckc_partial_open (folder, g_ptr_array_index (ids, i), err);

      if (partial == NULL || !backup_recover_one (partial, root, domain, err))
        {
          vckc_prefix_error (err, "an earlier backup was interrupted");
          return false;
        }
    }
  return ids != NULL;
}
