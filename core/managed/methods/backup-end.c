/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-end.h"

#include "base/clock.h"
#include "base/log.h"
#include "managed/domain-table.h"
#include "managed/journal-replay.h"
#include "managed/methods/checkpoint-deletion.h"

void
vckc_backup_adopt_status (VckcEngine *engine,
                          VckcManagedDomain *domain,
                          const VckcBackupStatus *status)
{
  VckcBackupStatus *copy = vckc_backup_status_copy (status);

  vckc_mutex_lock (&engine->mutex);
  vckc_backup_status_free (domain->backup_status);
  domain->backup_status = copy;
  g_clear_pointer (&domain->backup_end, vckc_backup_status_free);
  vckc_mutex_unlock (&engine->mutex);
}

static VckcJournal *
backup_end_make_change (const VckcBackupStatus *status)
{
  VckcJournal *change = vckc_journal_new ("backup");

  change->set_backup = true;
  change->backup = status != NULL ? vckc_backup_status_format (status) : NULL;
  return change;
}

bool
vckc_backup_keep_status (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         const VckcBackupStatus *status,
                         VckcError **err)
{
  g_autoptr (VckcJournal) change = backup_end_make_change (status);
  g_autoptr (VckcError) error = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_store_write_journal (engine->store, domain->uuid, change, err))
    return false;
  vckc_backup_adopt_status (engine, domain, status);
  if (vckc_journal_apply (engine, domain, change, &error))
    vckc_job_stored (engine, domain);
  else
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                   "domain '%s': what is known of a backup will be written later: %s", domain->uuid,
                   vckc_error_get_message (error));
  return true;
}

bool
vckc_backup_note_status (VckcEngine *engine,
                         VckcManagedDomain *domain,
                         const VckcBackupStatus *status,
                         VckcError **err)
{
  g_autoptr (VckcJournal) change = backup_end_make_change (status);

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_store_apply (engine->store, domain->uuid, change, err))
    {
      vckc_job_must_reload (engine, domain);
      return false;
    }
  vckc_backup_adopt_status (engine, domain, status);
  vckc_job_stored (engine, domain);
  return true;
}

static void
backup_end_remove_socket (VckcEngine *engine, const VckcBackupStatus *status)
{
  g_autoptr (VckcError) error = NULL;

  if (status->socket_made
      && !vckc_block_remove_backup_file (engine->backend, status->socket, &status->socket_made_as,
                                         &error))
    vckc_log_info (VCKC_ABOUT (.backup = status->id, .error = error), "backup '%s': %s", status->id,
                   vckc_error_get_message (error));
}

void
vckc_backup_remove_files (VckcEngine *engine, const VckcBackupStatus *status)
{
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);
      g_autoptr (VckcError) error = NULL;

      if (disk->made
          && !vckc_block_remove_backup_file (engine->backend, disk->file, &disk->made_as, &error))
        vckc_log_info (VCKC_ABOUT (.backup = status->id, .error = error), "backup '%s': %s",
                       status->id, vckc_error_get_message (error));
    }
  backup_end_remove_socket (engine, status);
}

/* The checkpoint of the backup, if it is there and has not been made anew. */
static VckcCheckpointNode *
backup_end_find_checkpoint (VckcManagedDomain *domain, const VckcBackupStatus *status)
{
  VckcCheckpointNode *node = status->checkpoint != NULL
                                 ? vckc_checkpoint_tree_lookup (domain->tree, status->checkpoint)
                                 : NULL;

  return node != NULL && g_strcmp0 (node->def->uuid, status->checkpoint_uuid) == 0 ? node : NULL;
}

bool
vckc_backup_take_back (VckcEngine *engine,
                       VckcManagedDomain *domain,
                       const VckcBackupStatus *status,
                       VckcError **err)
{
  VckcCheckpointNode *node = backup_end_find_checkpoint (domain, status);
  g_autofree char *text = vckc_backup_status_format (status);

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_backup_remove_files (engine, status);
  if (node == NULL)
    return vckc_backup_keep_status (engine, domain, status, err);
  if (!vckc_job_take_back_checkpoint (engine, domain, node, text, err))
    return false;
  vckc_backup_adopt_status (engine, domain, status);
  return true;
}

void
vckc_backup_set_end (VckcBackupStatus *status,
                     VckcBackupPhase phase,
                     const char *error,
                     bool no_space)
{
  status->phase = phase;
  status->elapsed = MAX (vckc_clock_now () - status->begun, 0);
  g_free (status->error);
  status->error = g_strdup (error);
  status->no_space = no_space;
}
