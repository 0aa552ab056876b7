/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-job-look.h"

typedef struct
{
  VckCall base;
  guint64 speed;
} LimitCall;

static gboolean
limit_run (VckCall *call, GError **error)
{
  VckBackupJob *self = (VckBackupJob *) call->self;
  VckcError *err = NULL;

  if (!vck_backup_job_check_call (call, error))
    return FALSE;
  if (vckc_domain_set_job_speed (vck_domain_get_handle (vck_backup_job_get_domain (self)),
                                 ((LimitCall *) call)->speed, &err)
      == 0)
    return TRUE;
  g_propagate_error (error, vck_error_take (err));
  return FALSE;
}

static const VckCallInfo limit_info = {
  .name = "vck_backup_job_limit_speed",
  .size = sizeof (LimitCall),
  .kind = VCK_CALL_MUTATOR,
  .hold = vck_backup_job_hold,
  .drop = vck_backup_job_drop,
  .run = limit_run,
};

static VckCall *
limit_new (VckBackupJob *self, guint64 speed)
{
  LimitCall *call = vck_call_new (&limit_info, self, vck_backup_job_get_handle (self));

  call->speed = speed;
  return &call->base;
}

/**
 * vck_backup_job_limit_speed:
 * @self: a backup job
 * @speed: bytes per second, at most %G_MAXINT64; 0 for no limit
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @error: return location for an error
 *
 * Limits how fast the job copies each disk; [property@BackupJob:speed] follows within a second or
 * two.
 *
 * Fails with %VCK_ERROR_INVALID_ARG when @speed is too large, with %VCK_ERROR_OPERATION_DENIED on a
 * read-only connection, with %VCK_ERROR_NO_BACKUP when the job has ended, with
 * %VCK_ERROR_OPERATION_UNSUPPORTED when it is in pull mode, with %VCK_ERROR_NO_DOMAIN when the
 * domain no longer exists, with %VCK_ERROR_BUSY when another operation holds the domain, and with
 * %VCK_ERROR_NO_CONNECT when the connection is closed.
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_backup_job_limit_speed (VckBackupJob *self,
                            guint64 speed,
                            GCancellable *cancellable,
                            GError **error)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return vck_call_end (vck_call_sync (limit_new (self, speed), cancellable, error));
}

/**
 * vck_backup_job_limit_speed_async:
 * @self: a backup job
 * @speed: bytes per second, at most %G_MAXINT64; 0 for no limit
 * @cancellable: (nullable): to cancel the call before it starts, or %NULL
 * @callback: (nullable) (scope async): called when it is done
 * @user_data: given to @callback
 *
 * Does what [method@BackupJob.limit_speed] does, in another thread, and then calls @callback in the
 * thread-default main context of the caller.
 *
 * Since: 1.0
 */
void
vck_backup_job_limit_speed_async (VckBackupJob *self,
                                  guint64 speed,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (VCK_IS_BACKUP_JOB (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  vck_call_async (limit_new (self, speed), cancellable, callback, user_data,
                  vck_backup_job_limit_speed_async);
}

/**
 * vck_backup_job_limit_speed_finish:
 * @self: a backup job
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Gets the result of [method@BackupJob.limit_speed_async].
 *
 * Returns: %TRUE on success
 *
 * Since: 1.0
 */
gboolean
vck_backup_job_limit_speed_finish (VckBackupJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), FALSE);

  return vck_call_end (vck_call_finish (result, self, vck_backup_job_limit_speed_async, error));
}
