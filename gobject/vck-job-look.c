/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-job-look.h"

#include "vck-private.h"

/* Should an event be lost, the core is asked again after so many milliseconds. */
#define LOOK_INTERVAL 2000

/* The job while it is under way, else its result. */
VckcJobInfo *
vck_job_find_info (VckcDomain *domain, VckcError **err)
{
  VckcError *error = NULL;
  VckcJobInfo *info = vckc_domain_get_job_info (domain, 0, &error);

  if (info != NULL)
    return info;
  if (vckc_error_get_code (error) != VCKC_ERROR_NO_BACKUP)
    {
      *err = error;
      return NULL;
    }
  vckc_error_free (error);
  return vckc_domain_get_job_info (domain, VCKC_JOB_INFO_COMPLETED | VCKC_JOB_INFO_KEEP_COMPLETED,
                                   err);
}

static gboolean
is_settled (VckBackupJob *self)
{
  return vck_job_progress_is_settled (vck_backup_job_get_progress (self), NULL);
}

/* Queues what is new for the main context. */
static void
backup_job_push (VckBackupJob *self)
{
  vck_connection_push_job (vck_domain_get_connection (vck_backup_job_get_domain (self)),
                           vck_backup_job_get_identity (self),
                           vck_backup_job_get_state (self) >= VCK_JOB_STATE_DONE);
}

gboolean
vck_backup_job_is (VckBackupJob *self, VckcJobInfo *info)
{
  return g_strcmp0 (vckc_job_info_get_id (info, NULL), vck_backup_job_get_id (self)) == 0;
}

/* Asks what the job is now. Returns FALSE if that failed. */
static gboolean
backup_job_look (VckBackupJob *self, GError **error)
{
  VckDomain *domain = vck_backup_job_get_domain (self);
  VckJobProgress *progress = vck_backup_job_get_progress (self);
  VckcError *err = NULL;
  VckcJobInfo *info = vck_job_find_info (vck_domain_get_handle (domain), &err);

  if (info == NULL && vckc_error_get_code (err) != VCKC_ERROR_NO_BACKUP)
    {
      g_propagate_error (error, vck_error_take (err));
      return FALSE;
    }
  if (info == NULL || !vck_backup_job_is (self, info))
    vck_job_progress_miss (progress, vck_domain_get_name (domain));
  else if (vck_job_progress_take (progress, info))
    backup_job_push (self);
  vckc_error_free (err);
  vckc_job_info_unref (info, NULL);
  return TRUE;
}

void
vck_backup_job_hold (gpointer handle)
{
  vckc_job_info_ref (handle, NULL);
}

void
vck_backup_job_drop (gpointer handle)
{
  vckc_job_info_unref (handle, NULL);
}

gboolean
vck_backup_job_check_call (VckCall *call, GError **error)
{
  VckcError *err = NULL;

  if (call->handle != NULL)
    return TRUE;
  vckc_job_info_get_state (NULL, &err);
  return vck_call_fail (call, vck_error_take (err), error);
}

static gboolean
look_run (VckCall *call, GError **error)
{
  return vck_backup_job_check_call (call, error)
         && backup_job_look (VCK_BACKUP_JOB (call->self), error);
}

static const VckCallInfo look_info = {
  .name = "vck_backup_job_look",
  .size = sizeof (VckCall),
  .kind = VCK_CALL_READER,
  .hold = vck_backup_job_hold,
  .drop = vck_backup_job_drop,
  .run = look_run,
};

static VckCall *
look_new (VckBackupJob *self)
{
  return vck_call_new (&look_info, self, vck_backup_job_get_handle (self));
}

static gboolean
is_look_needed (gpointer job)
{
  VckDomain *domain = vck_backup_job_get_domain (job);

  return !is_settled (job) && vck_connection_is_open (vck_domain_get_connection (domain));
}

static void
backup_job_start_look (gpointer job, GAsyncReadyCallback callback, gpointer data)
{
  vck_call_async (look_new (job), NULL, callback, data, look_new);
}

static void
backup_job_finish_look (gpointer job, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  if (!vck_call_end (vck_call_finish (result, job, look_new, &error)))
    g_debug ("looking at the backup of '%s': %s",
             vck_domain_get_name (vck_backup_job_get_domain (job)), error->message);
}

static const VckRefresherWork look_work = {
  .is_needed = is_look_needed,
  .start = backup_job_start_look,
  .finish = backup_job_finish_look,
};

VckRefresher *
vck_backup_job_new_refresher (VckBackupJob *self)
{
  VckConnection *connection = vck_domain_get_connection (vck_backup_job_get_domain (self));

  return vck_refresher_new (&look_work, G_OBJECT (self), vck_connection_get_context (connection));
}

/* If the first look fails, the refresher tries again. */
void
vck_backup_job_follow (VckBackupJob *self)
{
  if (is_settled (self))
    {
      backup_job_push (self);
      return;
    }
  backup_job_look (self, NULL);
  vck_refresher_set_interval (vck_backup_job_get_refresher (self), LOOK_INTERVAL);
}

gboolean
vck_backup_job_look (VckBackupJob *self, GCancellable *cancellable, GError **error)
{
  return vck_call_end (vck_call_sync (look_new (self), cancellable, error));
}
