/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "managed/methods/backup-recover.h"

#include "base/clock.h"
#include "base/process-mark.h"
#include "managed/domain-table.h"
#include "managed/methods/backup-end.h"
#include "managed/methods/backup-files.h"
#include "managed/methods/backup-thread.h"

/* Images may still be held for a moment by the daemon of a process that has ended: so often, and
 * with such pauses in microseconds, opening them is tried again. */
#define N_ATTEMPTS 30
#define PAUSE (G_USEC_PER_SEC / 10)

static void
backup_set_busy (const VckcManagedDomain *domain, const VckcBackupStatus *status, VckcError **err)
{
  int percent = vckc_backup_status_get_percent (status);
  g_autofree char *done = percent >= 0 ? g_strdup_printf (", %d %% done", percent) : g_strdup ("");

  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "a backup of domain '%s' is under way%s; wait for its end, or abort it",
                  domain->def->name, done);
}

/* Is it followed by this process, or certainly by another one? */
static bool
backup_is_followed (VckcEngine *engine, const VckcManagedDomain *domain)
{
  bool followed;

  vckc_mutex_lock (&engine->mutex);
  followed = domain->backup != NULL;
  vckc_mutex_unlock (&engine->mutex);
  return followed || vckc_process_mark_is_other_alive (domain->backup_status->owner);
}

static bool
backup_is_under_way (const VckcManagedDomain *domain)
{
  return domain->backup_status != NULL && !vckc_backup_status_has_ended (domain->backup_status);
}

/* Has the domain the images that the backup is of? */
static bool
backup_has_images (const VckcManagedDomain *domain, const VckcBackupStatus *status)
{
  for (guint i = 0; i < status->disks->len; i++)
    {
      const VckcBackupDiskStatus *disk = vckc_backup_status_get_disk (status, i);
      const VckcDomainDiskDef *def = vckc_domain_def_find_disk (domain->def, disk->target);

      if (def == NULL || g_strcmp0 (def->source, disk->image) != 0)
        return false;
    }
  return true;
}

static bool
backup_open_images (VckcEngine *engine,
                    VckcManagedDomain *domain,
                    VckcBitmapSet *set,
                    VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);

  for (guint i = 0;; i++)
    {
      g_autoptr (VckcError) error = NULL;

      if (vckc_bitmap_set_open (set, engine->backend, &machine, VCKC_BLOCK_SESSION_DIRECT, &error))
        return true;
      vckc_bitmap_set_close (set, NULL);
      if (i < N_ATTEMPTS && vckc_error_get_code (error) == VCKC_ERROR_BUSY)
        {
          g_usleep (PAUSE);
          continue;
        }
      vckc_propagate_error (err, g_steal_pointer (&error));
      return false;
    }
}

/* Finds the backup in a QEMU that goes on with it; *ret_backup is NULL if there is none. QEMU knows
 * it by its id, so that it is found even if its files cannot be opened, which *ret_problem says: it
 * can be stopped then, but not be followed. */
static bool
backup_attach (VckcEngine *engine,
               VckcBitmapSet *set,
               const VckcBackupStatus *status,
               VckcBlockBackup **ret_backup,
               VckcError **ret_problem,
               VckcError **err)
{
  VckcBackupFiles files = { NULL };
  VckcBlockBackupPlan plan = { .id = status->id };
  bool ok;

  vckc_backup_files_init (&files);
  vckc_backup_files_attach (&files, engine, set, status, ret_problem);
  plan.disks = (const VckcBlockBackupDisk *) (void *) files.disks->data;
  plan.n_disks = files.disks->len;
  ok = vckc_block_session_attach_backup (vckc_bitmap_set_get_session (set), &plan, ret_backup, err);
  vckc_backup_files_clear (&files);
  return ok;
}

/* What nothing copies any more is taken back. `why` is only for what nothing else is known of. */
static bool
backup_give_up (VckcEngine *engine, VckcManagedDomain *domain, const char *why, VckcError **err)
{
  g_autoptr (VckcBackupStatus) status = vckc_backup_status_copy (
      domain->backup_end != NULL ? domain->backup_end : domain->backup_status);

  if (!vckc_backup_status_has_ended (status))
    vckc_backup_set_end (status, VCKC_BACKUP_LOST, why, false);
  return vckc_backup_take_back (engine, domain, status, err);
}

bool
vckc_backup_clear_machine (VckcEngine *engine,
                           VckcManagedDomain *domain,
                           VckcBitmapSet *set,
                           const VckcBackupStatus *status,
                           VckcError **err)
{
  VckcBlockMachine machine = vckc_managed_domain_machine (domain, domain->def);
  g_autoptr (VckcBlockBackup) backup = NULL;
  g_autoptr (VckcError) problem = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  if (!vckc_bitmap_set_open (set, engine->backend, &machine, VCKC_BLOCK_SESSION_DIRECT, err)
      || !backup_attach (engine, set, status, &backup, &problem, err))
    return false;
  vckc_bitmap_set_close (set, NULL);
  return backup == NULL || vckc_backup_stop (backup, status->disks->len, err);
}

static VckcBackupJob *
backup_adopt (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  g_autoptr (VckcBackupStatus) status = vckc_backup_status_copy (domain->backup_status);
  VckcBackupJob *job;

  g_free (status->owner);
  status->owner = vckc_process_mark_new ();
  if (!vckc_backup_keep_status (engine, domain, status, err))
    return NULL;
  job = vckc_backup_job_new (engine, domain, g_steal_pointer (&status));
  job->begun -= MAX (vckc_clock_now () - job->status->begun, 0);
  vckc_mutex_lock (&engine->mutex);
  job->cancelled = job->status->cancelled;
  domain->backup = vckc_backup_job_ref (job);
  vckc_mutex_unlock (&engine->mutex);
  return job;
}

/* Follows it. What is to be cancelled need not have files that can be opened. */
static bool
backup_follow (VckcEngine *engine,
               VckcManagedDomain *domain,
               VckcBlockBackup *backup /* (transfer full) */,
               VckcError *problem /* (transfer full) (nullable) */,
               VckcBackupJob **ret_job,
               VckcBlockBackup **ret_backup,
               VckcError **err)
{
  g_autoptr (VckcBlockBackup) owned = backup;
  g_autoptr (VckcError) error = problem;

  if (error != NULL && !domain->backup_status->cancelled)
    {
      vckc_propagate_error (err, g_steal_pointer (&error));
      vckc_prefix_error (err, "cannot take up the backup of domain '%s'", domain->def->name);
      return false;
    }
  *ret_job = backup_adopt (engine, domain, err);
  if (*ret_job != NULL)
    *ret_backup = g_steal_pointer (&owned);
  return *ret_job != NULL;
}

/* With the images open: follows it, or takes it back. */
static bool
backup_take_up_open (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     VckcBitmapSet *set,
                     bool follow,
                     VckcBackupJob **ret_job,
                     VckcBlockBackup **ret_backup,
                     VckcError **err)
{
  const VckcBackupStatus *status = domain->backup_status;
  g_autoptr (VckcBlockBackup) backup = NULL;
  g_autoptr (VckcError) problem = NULL;

  if (!backup_attach (engine, set, status, &backup, &problem, err))
    return false;
  vckc_bitmap_set_close (set, NULL);
  if (backup != NULL && status->phase == VCKC_BACKUP_RUNNING && status->outlives)
    {
      if (!follow)
        {
          backup_set_busy (domain, status, err);
          return false;
        }
      return backup_follow (engine, domain, g_steal_pointer (&backup), g_steal_pointer (&problem),
                            ret_job, ret_backup, err);
    }
  if (backup != NULL && !vckc_backup_stop (backup, status->disks->len, err))
    return false;
  return backup_give_up (engine, domain,
                         status->outlives ? "QEMU ended before the backup did"
                                          : "the program that made the backup ended before it did",
                         err);
}

/* The domain has other images, and those of the backup cannot be opened. */
static bool
backup_take_up_blindly (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  g_autoptr (VckcBitmapSet) none = vckc_bitmap_set_new ();

  return vckc_backup_clear_machine (engine, domain, none, domain->backup_status, err)
         && backup_give_up (engine, domain, "the domain was given other images meanwhile", err);
}

/* May the images be held by a QEMU that goes on with the backup, but cannot be reached? */
static bool
backup_may_go_on (const VckcBackupStatus *status, const VckcError *error)
{
  return vckc_error_get_code (error) == VCKC_ERROR_BUSY
         && (status->outlives || status->phase != VCKC_BACKUP_RUNNING);
}

/* QEMU goes on with the images that it has, even if the domain was given others meanwhile. */
static bool
backup_take_up (VckcEngine *engine,
                VckcManagedDomain *domain,
                bool follow,
                VckcBackupJob **ret_job,
                VckcBlockBackup **ret_backup,
                VckcError **err)
{
  g_autoptr (VckcBitmapSet) set = vckc_bitmap_set_new ();
  g_autoptr (VckcError) error = NULL;

  vckc_domain_lock_assert_held (&domain->lock);
  vckc_backup_add_images (set, domain->backup_status);
  if (backup_open_images (engine, domain, set, &error))
    return backup_take_up_open (engine, domain, set, follow, ret_job, ret_backup, err);
  if (!backup_has_images (domain, domain->backup_status)
      && !backup_may_go_on (domain->backup_status, error))
    return backup_take_up_blindly (engine, domain, err);
  vckc_propagate_error (err, g_steal_pointer (&error));
  return false;
}

bool
vckc_backup_take_up (VckcEngine *engine,
                     VckcManagedDomain *domain,
                     VckcBackupJob **ret_job,
                     VckcBlockBackup **ret_backup,
                     VckcError **err)
{
  return !backup_is_under_way (domain) || backup_is_followed (engine, domain)
         || backup_take_up (engine, domain, true, ret_job, ret_backup, err);
}

bool
vckc_backup_ask (VckcEngine *engine,
                 VckcManagedDomain *domain,
                 bool cancel,
                 gint64 speed,
                 bool *ret_left,
                 VckcError **err)
{
  g_autoptr (VckcBackupStatus) status = NULL;

  *ret_left = false;
  if (!backup_is_under_way (domain) || domain->backup_end != NULL)
    {
      vckc_set_error (err, VCKC_ERROR_NO_BACKUP, "no backup of domain '%s' is under way",
                      domain->def->name);
      return false;
    }
  *ret_left = !backup_is_followed (engine, domain);
  if (*ret_left && !cancel)
    return true;
  status = vckc_backup_status_copy (domain->backup_status);
  if (cancel)
    status->cancelled = true;
  else
    status->speed = speed;
  return vckc_backup_note_status (engine, domain, status, err);
}

static void
backup_set_busy_now (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  vckc_mutex_lock (&engine->mutex);
  backup_set_busy (domain, domain->backup != NULL ? domain->backup->status : domain->backup_status,
                   err);
  vckc_mutex_unlock (&engine->mutex);
}

bool
vckc_backup_check_none (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  if (!backup_is_under_way (domain))
    return true;
  if (!backup_is_followed (engine, domain))
    return backup_take_up (engine, domain, false, NULL, NULL, err);
  backup_set_busy_now (engine, domain, err);
  return false;
}

/* Does it hold the images as long as a process follows it? A QEMU that copies does not mind. */
static bool
backup_holds_images (const VckcManagedDomain *domain)
{
  return backup_is_under_way (domain) && !domain->backup_status->outlives;
}

bool
vckc_backup_check_followed (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  if (!backup_holds_images (domain) || !backup_is_followed (engine, domain))
    return true;
  backup_set_busy_now (engine, domain, err);
  return false;
}

bool
vckc_backup_check_change (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  return !backup_holds_images (domain) || vckc_backup_check_none (engine, domain, err);
}

const char *
vckc_backup_get_left_checkpoint (VckcEngine *engine, VckcManagedDomain *domain)
{
  return backup_holds_images (domain) && !backup_is_followed (engine, domain)
             ? domain->backup_status->checkpoint
             : NULL;
}

bool
vckc_backup_check_checkpoint (VckcManagedDomain *domain, const char *checkpoint, VckcError **err)
{
  if (!backup_is_under_way (domain)
      || g_strcmp0 (domain->backup_status->checkpoint, checkpoint) != 0)
    return true;
  backup_set_busy (domain, domain->backup_status, err);
  return false;
}
