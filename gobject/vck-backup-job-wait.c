/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The end of a backup job: to wait for it, and to bring it about. */

#include "vck-call.h"
#include "vck-job-look.h"
#include "vck-private.h"

/* Should an event be lost, the core is asked again after so many microseconds. */
#define LOOK_AGAIN (2 * G_TIME_SPAN_SECOND)

/* What the caller of a wait gets once it is settled. */
static gboolean
backup_job_report (VckBackupJob *self, GError **error)
{
  GError *reason = NULL;

  vck_job_progress_is_settled (vck_backup_job_get_progress (self), &reason);
  if (reason == NULL)
    reason = vck_backup_job_get_error (self);
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, reason);
  return FALSE;
}

static gboolean
is_settled (VckBackupJob *self)
{
  return vck_job_progress_is_settled (vck_backup_job_get_progress (self), NULL);
}

/* Fails for an object that came from no domain. */
static gboolean
backup_job_check (VckBackupJob *self, GError **error)
{
  return vck_backup_job_get_handle (self) != NULL || vck_backup_job_look (self, NULL, error);
}

/**
 * vck_backup_job_wait:
 * @self: a backup job
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @error: return location for an error
 *
 * Waits until the job has ended. If it has ended already, does not wait. It may be called from any
 * number of threads, and needs no main context.
 *
 * It succeeds if the backup is complete: [property@BackupJob:state] is `DONE`. Otherwise it fails
 * with the reason:
 *
 * - `FAILED` and `LOST`: with [error@Vck.Error], %VCK_ERROR_NO_SPACE if there was no room left,
 *   %VCK_ERROR_OPERATION_FAILED or another code that says more.
 * - `CANCELLED`: with `G_IO_ERROR_CANCELLED`, as when @cancellable stops the wait; the state says
 *   which it was. After the latter the job goes on.
 *
 * Fails with %VCK_ERROR_NO_CONNECT when the connection is closed meanwhile, with
 * %VCK_ERROR_NO_DOMAIN when the domain no longer exists, and with %VCK_ERROR_NO_BACKUP when the
 * result was taken by another program, so that it is not known how the job ended.
 *
 * Returns: %TRUE if the backup is complete
 *
 * Since: 1.0
 */
gboolean
vck_backup_job_wait (VckBackupJob *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !backup_job_check (self, error))
    return FALSE;
  while (!is_settled (self))
    {
      if (!vck_backup_job_look (self, cancellable, error))
        return FALSE;
      vck_job_progress_wait (vck_backup_job_get_progress (self), LOOK_AGAIN, cancellable);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    }
  return backup_job_report (self, error);
}

/* In the context of the task, once it is settled or cancelled. */
static gboolean
settled_cb (gpointer data)
{
  GTask *task = data;
  VckBackupJob *self = VCK_BACKUP_JOB (g_task_get_source_object (task));
  GError *error = NULL;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (backup_job_report (self, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  return G_SOURCE_REMOVE;
}

/* Waits without a thread. */
static GSource *
settled_source_new (GTask *task)
{
  GSource *source = g_timeout_source_new (0);
  g_autoptr (GSource) cancel_source = NULL;

  g_source_set_ready_time (source, -1);
  g_source_set_static_name (source, "Vck end of a backup");
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, settled_cb, g_object_ref (task), g_object_unref);
  if (g_task_get_cancellable (task) == NULL)
    return source;
  cancel_source = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_dummy_callback (cancel_source);
  g_source_add_child_source (source, cancel_source);
  return source;
}

/**
 * vck_backup_job_wait_async:
 * @self: a backup job
 * @cancellable: (nullable): to stop waiting, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@BackupJob.wait] does without blocking, and then calls @callback in the
 * thread-default main context of the caller. No thread waits meanwhile, so any number of jobs can
 * be waited for. The object lives until then. [signal@BackupJob::ended] may be emitted before or
 * after.
 *
 * Since: 1.0
 */
void
vck_backup_job_wait_async (VckBackupJob *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GSource) source = NULL;
  GError *error = NULL;

  g_return_if_fail (VCK_IS_BACKUP_JOB (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, vck_backup_job_wait_async);
  if (!backup_job_check (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  source = settled_source_new (task);
  g_source_attach (source, g_task_get_context (task));
  vck_job_progress_add_source (vck_backup_job_get_progress (self), source);
  /* No event follows any more. */
  if (!vck_connection_is_open (vck_domain_get_connection (vck_backup_job_get_domain (self))))
    vck_job_progress_give_up (vck_backup_job_get_progress (self),
                              vck_backup_job_new_closed_error ());
}

/**
 * vck_backup_job_wait_finish:
 * @self: a backup job
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@BackupJob.wait_async].
 *
 * Returns: %TRUE if the backup is complete
 *
 * Since: 1.0
 */
gboolean
vck_backup_job_wait_finish (VckBackupJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (g_async_result_is_tagged (result, vck_backup_job_wait_async), FALSE);

  if (g_task_propagate_boolean (G_TASK (result), error))
    return TRUE;
  vck_error_keep_last (error);
  return FALSE;
}

static gboolean
cancel_run (VckCall *call, GError **error)
{
  VckBackupJob *self = (VckBackupJob *) call->self;
  VckcDomain *domain = NULL;
  VckcError *err = NULL;
  VckcJobInfo *info = NULL;
  gboolean is_other = FALSE;

  if (!vck_backup_job_check_call (call, error))
    return FALSE;
  domain = vck_domain_get_handle (vck_backup_job_get_domain (self));
  info = vckc_domain_get_job_info (domain, 0, &err);
  is_other = info != NULL && !vck_backup_job_is (self, info);
  vckc_job_info_unref (info, NULL);
  if (is_other || (info != NULL && vckc_domain_abort_job (domain, &err) == 0))
    return TRUE;
  if (vckc_error_get_code (err) == VCKC_ERROR_NO_BACKUP)
    {
      vckc_error_free (err);
      return TRUE;
    }
  g_propagate_error (error, vck_error_take (err));
  return FALSE;
}

static const VckCallInfo cancel_info = {
  .name = "vck_backup_job_cancel",
  .size = sizeof (VckCall),
  .kind = VCK_CALL_MUTATOR,
  .hold = vck_backup_job_hold,
  .drop = vck_backup_job_drop,
  .run = cancel_run,
};

static VckCall *
cancel_new (VckBackupJob *self)
{
  return vck_call_new (&cancel_info, self, vck_backup_job_get_handle (self));
}

/**
 * vck_backup_job_cancel:
 * @self: a backup job
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @error: return location for an error
 *
 * Ends the job. In push mode nothing of the backup is left: the files that were made for it are
 * removed, and so is its checkpoint. In pull mode this is how it ends well.
 *
 * Any program may do that: the one that follows the job notices within a second. Returns at once;
 * [method@BackupJob.wait] waits until the job has ended. Does nothing if it has ended already.
 *
 * How it has ended is what [property@BackupJob:state] says afterwards: libvirt may complete a push
 * of which all was copied already. That is %VCK_JOB_STATE_DONE then, and the files and the
 * checkpoint stay.
 *
 * Fails with %VCK_ERROR_OPERATION_DENIED on a read-only connection, with %VCK_ERROR_NO_DOMAIN when
 * the domain no longer exists, with %VCK_ERROR_BUSY when another operation holds the domain, and
 * with %VCK_ERROR_NO_CONNECT when the connection is closed. Fails with %VCK_ERROR_SYSTEM_ERROR, or
 * the code of another cause, when a job whose program has ended cannot be taken up now; the request
 * is kept then, and the job is ended by whichever program takes it up later.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_backup_job_cancel (VckBackupJob *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return vck_call_end (vck_call_sync (cancel_new (self), cancellable, error));
}

/**
 * vck_backup_job_cancel_async:
 * @self: a backup job
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @callback: (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@BackupJob.cancel] does, in another thread, and then calls @callback in the
 * thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
vck_backup_job_cancel_async (VckBackupJob *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (VCK_IS_BACKUP_JOB (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (cancel_new (self), cancellable, callback, user_data, vck_backup_job_cancel_async);
}

/**
 * vck_backup_job_cancel_finish:
 * @self: a backup job
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@BackupJob.cancel_async].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_backup_job_cancel_finish (VckBackupJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), FALSE);

  return vck_call_end (vck_call_finish (result, self, vck_backup_job_cancel_async, error));
}
