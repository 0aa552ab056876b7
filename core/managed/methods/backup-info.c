/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The driver methods of backups. */

#include "managed/methods/engine-methods.h"

#include "base/log.h"
#include "managed/backends/block-backup.h"
#include "managed/find-domain.h"
#include "managed/job.h"
#include "managed/methods/backup-begin.h"
#include "managed/methods/backup-end.h"
#include "managed/methods/backup-recover.h"
#include "managed/methods/backup-run.h"
#include "model/backup-xml.h"
#include "model/checkpoint-xml.h"

static bool
backup_begin_cb (VckcEngine *engine,
                 VckcManagedDomain *domain,
                 VckcBackupRequest *request,
                 VckcBackupJob **ret_job,
                 VckcBlockBackup **ret_backup,
                 VckcError **err)
{
  bool begun;

  if (!vckc_job_begin (engine, domain, err))
    return false;
  begun = vckc_backup_check_none (engine, domain, err)
          && vckc_backup_begin (engine, domain, request, ret_job, ret_backup, err);
  vckc_job_end (engine, domain);
  return begun;
}

static bool
backup_parse (const char *backup_xml,
              const char *checkpoint_xml,
              VckcBackupRequest *request,
              VckcError **err)
{
  request->def = vckc_backup_def_parse (backup_xml, err);
  if (request->def == NULL)
    return false;
  if (checkpoint_xml == NULL)
    return true;
  request->checkpoint = vckc_checkpoint_def_parse (checkpoint_xml, false, err);
  return request->checkpoint != NULL;
}

int
vckc_engine_domain_backup_begin (VckcDomain *handle,
                                 const char *backup_xml,
                                 const char *checkpoint_xml,
                                 unsigned int flags,
                                 VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  VckcBackupRequest request = { .flags = flags };
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  bool begun;

  if (domain == NULL)
    return -1;
  if (!vckc_block_has_backups (engine->backend))
    {
      vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED, "domain '%s' cannot be backed up",
                      handle->name);
      return -1;
    }
  begun = backup_parse (backup_xml, checkpoint_xml, &request, err)
          && vckc_backup_check_mode (handle->name, &request, err)
          && vckc_backup_run (engine, domain, &request, backup_begin_cb, err);
  vckc_backup_request_clear (&request);
  return begun ? 0 : -1;
}

static bool
backup_recover_cb (VckcEngine *engine,
                   VckcManagedDomain *domain,
                   VckcBackupRequest *request,
                   VckcBackupJob **ret_job,
                   VckcBlockBackup **ret_backup,
                   VckcError **err)
{
  bool recovered;

  if (!vckc_job_begin (engine, domain, err))
    return false;
  recovered = vckc_backup_take_up (engine, domain, ret_job, ret_backup, err);
  vckc_job_end (engine, domain);
  return recovered;
}

int
vckc_engine_domain_recover_backup (VckcDomain *handle, VckcError **err)
{
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);

  return domain != NULL
                 && vckc_backup_run (vckc_engine_of (handle->connect), domain, NULL,
                                     backup_recover_cb, err)
             ? 0
             : -1;
}

static void
backup_set_none (VckcManagedDomain *domain, bool completed, VckcError **err)
{
  vckc_set_error (err, VCKC_ERROR_NO_BACKUP,
                  completed ? "no backup of domain '%s' has left a result"
                            : "no backup of domain '%s' is under way",
                  vckc_managed_domain_get_name_locked (domain));
}

char *
vckc_engine_domain_backup_get_xml_desc (VckcDomain *handle, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  char *xml = NULL;

  if (domain == NULL)
    return NULL;
  vckc_mutex_lock (&engine->mutex);
  if (domain->backup != NULL)
    xml = g_strdup (domain->backup->status->xml);
  else if (domain->backup_end == NULL && domain->backup_status != NULL
           && !vckc_backup_status_has_ended (domain->backup_status))
    xml = g_strdup (domain->backup_status->xml);
  else
    backup_set_none (domain, false, err);
  vckc_mutex_unlock (&engine->mutex);
  return xml;
}

static VckcJobInfo *
backup_describe_locked (VckcManagedDomain *domain, bool completed, VckcError **err)
{
  const VckcBackupStatus *status =
      domain->backup_end != NULL ? domain->backup_end : domain->backup_status;

  if (!completed && domain->backup != NULL)
    return vckc_backup_job_describe_locked (domain->backup);
  if (status != NULL && completed == vckc_backup_status_has_ended (status))
    return vckc_backup_status_describe (status, false, completed ? status->elapsed : -1);
  backup_set_none (domain, completed, err);
  return NULL;
}

/* Whether that succeeds is not important: the result is known to the caller now. */
static void
backup_drop_result (VckcEngine *engine, VckcManagedDomain *domain)
{
  g_autoptr (VckcError) error = NULL;

  if (vckc_job_begin (engine, domain, &error))
    {
      if (domain->backup_status != NULL && vckc_backup_status_has_ended (domain->backup_status))
        vckc_backup_keep_status (engine, domain, NULL, &error);
      vckc_job_end (engine, domain);
    }
  if (error != NULL)
    vckc_log_info (VCKC_ABOUT (.domain = domain->uuid, .error = error),
                   "domain '%s': the result of the last backup is kept: %s", domain->uuid,
                   vckc_error_get_message (error));
}

VckcJobInfo *
vckc_engine_domain_get_job_info (VckcDomain *handle, unsigned int flags, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  bool completed = (flags & VCKC_JOB_INFO_COMPLETED) != 0;
  VckcJobInfo *info;

  if (domain == NULL)
    return NULL;
  vckc_mutex_lock (&engine->mutex);
  info = backup_describe_locked (domain, completed, err);
  vckc_mutex_unlock (&engine->mutex);
  if (info != NULL && completed && (flags & VCKC_JOB_INFO_KEEP_COMPLETED) == 0
      && vckc_look_of (handle->connect) == VCKC_LOOK_AND_RECOVER)
    backup_drop_result (engine, domain);
  return info;
}

/* If this process follows the backup, a limit is seen at once, whether or not data is copied. */
static void
backup_show_speed (VckcEngine *engine, VckcManagedDomain *domain, gint64 speed)
{
  vckc_mutex_lock (&engine->mutex);
  if (domain->backup != NULL)
    {
      domain->backup->status->speed = speed;
      vckc_backup_job_emit_locked (domain->backup, VCKC_EVENT_JOB_PROGRESS);
    }
  vckc_mutex_unlock (&engine->mutex);
}

/* Passes on what the backup is to do to the process that follows it. */
static bool
backup_ask (VckcEngine *engine,
            VckcManagedDomain *domain,
            bool cancel,
            guint64 speed,
            bool *ret_left,
            VckcError **err)
{
  bool asked;

  if (!vckc_job_begin (engine, domain, err))
    return false;
  asked = vckc_backup_ask (engine, domain, cancel, (gint64) speed, ret_left, err);
  if (asked && !cancel)
    backup_show_speed (engine, domain, (gint64) speed);
  vckc_job_end (engine, domain);
  return asked;
}

/* True if this process follows the backup, and how that ends is not decided. After that only what
 * is in the store, or the end itself, shows whether the request came in time. */
static bool
backup_cancel_own (VckcEngine *engine, VckcManagedDomain *domain)
{
  bool found;

  vckc_mutex_lock (&engine->mutex);
  found = domain->backup != NULL && !vckc_backup_status_has_ended (domain->backup->status);
  if (found)
    domain->backup->cancelled = true;
  vckc_mutex_unlock (&engine->mutex);
  return found;
}

/* One that no process follows any more is taken up, if QEMU goes on with it, and taken back if not.
 * Whichever process takes it up finds the request in the store. */
int
vckc_engine_domain_abort_job (VckcDomain *handle, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  bool left = false;

  if (domain == NULL)
    return -1;
  if (backup_cancel_own (engine, domain))
    return 0;
  if (!backup_ask (engine, domain, true, 0, &left, err)
      || (left && !vckc_backup_run (engine, domain, NULL, backup_recover_cb, err)))
    return -1;
  return 0;
}

static bool
backup_check_can_be_limited (VckcEngine *engine, VckcManagedDomain *domain, VckcError **err)
{
  bool pull;

  vckc_mutex_lock (&engine->mutex);
  pull = domain->backup_status != NULL && !vckc_backup_status_has_ended (domain->backup_status)
         && domain->backup_status->mode == VCKC_BACKUP_MODE_PULL;
  if (pull)
    vckc_set_error (err, VCKC_ERROR_OPERATION_UNSUPPORTED,
                    "the backup of domain '%s' is in pull mode, in which nothing is copied of its "
                    "own accord; limit the program that reads it",
                    vckc_managed_domain_get_name_locked (domain));
  vckc_mutex_unlock (&engine->mutex);
  return !pull;
}

int
vckc_engine_domain_set_job_speed (VckcDomain *handle, guint64 speed, VckcError **err)
{
  VckcEngine *engine = vckc_engine_of (handle->connect);
  g_autoptr (VckcManagedDomain) domain = vckc_engine_get_domain (handle, err);
  bool left = false;

  if (domain == NULL || !backup_check_can_be_limited (engine, domain, err)
      || !backup_ask (engine, domain, false, speed, &left, err))
    return -1;
  if (!left)
    return 0;
  vckc_set_error (err, VCKC_ERROR_BUSY,
                  "the program that began the backup of domain '%s' has ended; recover the backup "
                  "first",
                  handle->name);
  return -1;
}
